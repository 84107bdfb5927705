// An accelerator with round numbers for the laws that must hold on any hardware.
#pragma once

#include "models/hardware/accelerator.h"

namespace aifactory {

inline Accelerator sample_accelerator() {
  Accelerator a;
  a.id = "sample";
  a.family = "hopper";
  const auto set = [&](Precision p, double tera) {
    a.dense_peak[static_cast<std::size_t>(p)] = FlopsPerSecond{tera * 1e12};
  };
  set(Precision::kBf16, 1000.0);
  set(Precision::kFp8, 2000.0);
  set(Precision::kInt8, 2000.0);
  set(Precision::kFp4, 4000.0);
  a.sustained_clock_fraction = 0.87;
  a.matmul_efficiency = 0.8;
  a.memory_efficiency = 0.85;
  a.kernel_latency = Seconds{3e-6};
  a.memory_capacity = Bytes{80e9};
  a.memory_bandwidth = BytesPerSecond{4e12};
  a.tdp = Watts{700.0};
  a.power = {0.1, 0.4, 1.4, 0.3, 0.55};
  return a;
}

}  // namespace aifactory

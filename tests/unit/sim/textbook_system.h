// Nodes of eight Hopper-like accelerators with round numbers, for tests of serving and training.
#pragma once

#include "models/hardware/system.h"

namespace aifactory::test {

inline System textbook_system() {
  System system;
  system.id = "textbook";
  Accelerator& a = system.accelerator;
  a.id = "textbook";
  a.family = "hopper";
  a.dense_peak[static_cast<std::size_t>(Precision::kBf16)] = FlopsPerSecond(1e15);
  a.dense_peak[static_cast<std::size_t>(Precision::kFp8)] = FlopsPerSecond(2e15);
  a.sustained_clock_fraction = 0.9;
  a.matmul_efficiency = 0.8;
  a.memory_efficiency = 0.9;
  a.kernel_latency = Seconds(3e-6);
  a.memory_capacity = Bytes(80e9);
  a.memory_bandwidth = BytesPerSecond(3.35e12);
  a.multiprocessors = 132;
  a.scale_up_bandwidth = BytesPerSecond(450e9);
  a.scale_up_domain = 8;
  a.scale_out_bandwidth = BytesPerSecond(50e9);
  a.tdp = Watts(700);
  a.power = {0.11, 0.4, 0.6, 0.7, 0.5};
  system.accelerators_per_node = 8;
  system.accelerators_per_rack = 32;
  return system;
}

}  // namespace aifactory::test

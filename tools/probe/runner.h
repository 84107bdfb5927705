// Runs one case on the device: sets up, checks, times, and joins what NVML saw.
#pragma once

#include "tools/probe/kernel.h"
#include "tools/probe/measure.h"
#include "tools/probe/plan.h"
#include "tools/probe/power_sampler.h"
#include "tools/probe/record.h"

namespace aifactory::probe {

class Runner {
 public:
  Runner(Device& device, const PowerSampler& sampler) : device_(device), sampler_(sampler) {}

  // Throws DoesNotFit or NotSupported when the case cannot be measured here, CudaError when it failed.
  Record run(const Step& step);
  double empty_graph_us() { return empty_graph_seconds(stream_) * 1e6; }

 private:
  void add_alternatives(Record& record, Kernel& kernel);
  void add_power(Record& record, const Measurement& m) const;

  Device& device_;
  const PowerSampler& sampler_;
  Stream stream_, other_;
};

}  // namespace aifactory::probe

#include "tools/probe/runner.h"

#include <utility>

#include "tools/probe/work.h"

namespace aifactory::probe {
namespace {

constexpr std::int64_t kCopyChunk = std::int64_t{16} << 20;  // of the copies that disturb a kernel

Spread microseconds(const std::vector<double>& seconds) {
  std::vector<double> us;
  for (const double s : seconds) {
    us.push_back(s * 1e6);
  }
  return spread_of(std::move(us));
}

RecordAlgorithm recorded(const Algorithm& a) {
  return {a.name, a.id, a.tile, a.stages, a.split_k, a.swizzle, a.cluster, a.inner};
}

MeasureOptions options_for(const Case& c) {
  MeasureOptions options;
  options.graph = c.launch == "graph";
  return options;
}

void fill(Record& record, const Measurement& m) {
  record.us = microseconds(m.seconds);
  record.nodes = m.nodes;
  record.sets = m.sets;
}

}  // namespace

Record Runner::run(const Step& step) {
  device_.pools.reset();
  device_.rotate = step.config.l2 != "warm";
  const bool disturbed = step.config.op == "interference";
  const std::unique_ptr<Kernel> kernel = make_kernel(device_, disturbed ? step.config.parts.at(0) : step.config);
  Record record;
  record.config = step.config;
  record.repeat_group = step.repeat_group;
  const Work work = work_of(step.config);
  record.flops = work.flops;
  record.bytes = work.bytes;
  const Check check = kernel->check(stream_.get());
  stream_.wait();
  record.check_error = check.error;
  record.check_tolerance = check.tolerance;
  record.check_elements = check.elements;
  record.algo = recorded(kernel->algorithm());
  if (disturbed) {
    const MeasureOptions options = options_for(step.config);
    Case copy;
    copy.op = "memcpy";
    copy.impl = "runtime";
    copy.detail = step.config.detail;
    copy.shape = {{"bytes", kCopyChunk}};
    const std::unique_ptr<Kernel> copier = make_kernel(device_, copy);
    const Interference result = measure_interference(*kernel, *copier, stream_, other_, options);
    fill(record, result.disturbed);
    record.alone_us = microseconds(result.alone.seconds).median;
    record.covered = result.covered;
    record.rotated_bytes = static_cast<double>(kernel->set_bytes()) * result.disturbed.sets;
    return record;
  }
  const Measurement m = step.config.mode == "sustained" ? measure_sustained(*kernel, stream_, options_for(step.config))
                                                        : measure_burst(*kernel, stream_, options_for(step.config));
  fill(record, m);
  record.rotated_bytes = static_cast<double>(kernel->set_bytes()) * m.sets;
  add_power(record, m);
  if (step.config.mode == "burst" && kernel->alternatives() > 1 && step.repeat_group == 0) {
    add_alternatives(record, *kernel);
  }
  return record;
}

void Runner::add_alternatives(Record& record, Kernel& kernel) {
  MeasureOptions options = options_for(record.config);
  options.warm_up_s = 0.0;
  options.replays = 5;
  options.burst_s = 0.01;
  record.best_us = record.us.median;
  record.best_algo = record.algo;
  for (int i = 1; i < kernel.alternatives(); ++i) {
    kernel.select(i);
    const double us = microseconds(measure_burst(kernel, stream_, options).seconds).median;
    if (us < *record.best_us) {
      record.best_us = us;
      record.best_algo = recorded(kernel.algorithm());
    }
  }
  kernel.select(0);
}

void Runner::add_power(Record& record, const Measurement& m) const {
  const WindowReading w = sampler_.window(m.begin, m.end);
  record.sm_mhz = w.sm_mhz;
  record.mem_mhz = w.mem_mhz;
  record.temperature_c = w.temperature_c;
  record.power_w = w.power_w;
  if (w.energy_j && m.launches > 0.0) {
    record.energy_j = *w.energy_j / m.launches;
  }
  record.throttle = throttle_names(w.throttle);
}

}  // namespace aifactory::probe

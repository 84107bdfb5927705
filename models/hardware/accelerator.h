// One accelerator package: compute rates, memory, links, power. Values come from configs/accelerators through
// models/catalog; nothing here reads files or holds a default with a physical meaning.
#pragma once

#include <array>
#include <string>

#include "models/hardware/precision.h"
#include "models/units/quantity.h"

namespace aifactory {

// Watts of one package as a function of what it is doing (docs/modelling.md, "Accelerator power"):
//   P = TDP * min(1, idle + (1 - idle) * (memory_weight * u_memory + compute_weight * u_compute^compute_exponent))
// with u_memory = HBM bytes per second over peak and u_compute = FLOP/s over dense peak at the precision in use.
struct PowerLaw {
  double idle_fraction = 0.0;  // of TDP, context created, nothing running
  double memory_weight = 0.0;
  double compute_weight = 0.0;
  double compute_exponent = 0.0;
  // Throughput under a power cap: f = (cap / uncapped power)^cap_exponent, applied only when the cap binds.
  double cap_exponent = 0.0;
};

// What a steady mix of kernels asks of the package, each in 0..1 of peak.
struct Activity {
  double compute = 0.0;  // FLOP/s over dense peak of the precision in use
  double memory = 0.0;   // HBM bytes per second over peak
};

struct Accelerator {
  std::string id;
  std::string name;
  std::string vendor;
  std::string family;      // calibration relatives share it: ampere, hopper, blackwell, rubin, tpu, trainium, cdna3...
  int dies_per_package = 1;  // compute dies; counts in `packages` and `dies` differ by this factor

  std::array<FlopsPerSecond, kPrecisionCount> dense_peak{};  // without sparsity; zero where not supported
  double sustained_clock_fraction = 1.0;  // power-capped over burst clock under continuous dense matmul
  double matmul_efficiency = 0.0;         // best achievable matmul over dense peak (bf16), 0..1
  double memory_efficiency = 0.0;         // best achievable stream over peak bandwidth, 0..1
  Seconds kernel_latency{};               // start-up of one kernel inside a graph

  Bytes memory_capacity{};
  BytesPerSecond memory_bandwidth{};
  Bytes l2_capacity{};       // zero where not published
  int multiprocessors = 0;   // SMs, CUs, cores; zero where not published
  Hertz clock{};             // boost clock; zero where not published

  BytesPerSecond scale_up_bandwidth{};   // one way, per package, into the scale-up domain
  int scale_up_domain = 1;               // packages that reach each other at that bandwidth
  bool in_network_reduction = false;     // NVLS, SHARP-like reduction in the scale-up switches
  BytesPerSecond scale_out_bandwidth{};  // one way, per package, NIC rate

  Watts tdp{};
  PowerLaw power;

  [[nodiscard]] FlopsPerSecond peak(Precision p) const { return dense_peak[static_cast<std::size_t>(p)]; }
  [[nodiscard]] bool supports(Precision p) const { return peak(p).value() > 0.0; }
};

// Mean power at an activity (clamped to 0..1), before any cap below TDP. Never below idle nor above TDP; non-decreasing in
// either activity for non-negative weights.
Watts power_at(const Accelerator& accelerator, Activity activity);

// Relative throughput under a cap, given the power the work would draw uncapped: 1 unless the cap binds, 0 at no power.
double throughput_under_cap(const PowerLaw& law, Watts uncapped, Watts cap);

}  // namespace aifactory

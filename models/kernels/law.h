// The physical base of every kernel time: start-up, a soft roofline, and serial work that overlaps with neither.
//
//   t = startup + (C + M + sqrt((C - M)^2 + 4 serial C M)) / 2 + item a + row r,  C = F / (compute P), M = B / (memory
//   W)
//
// F floating-point operations on tensor cores at dense peak P, B bytes at peak bandwidth W, a and r counts of serial
// items whose meaning is the kernel's (see work.h). serial is how much of the smaller of C and M fails to hide behind
// the larger: 0 is the classic roofline max(C, M), 1 their sum. Assumes a kernel alone on the device. Valid for any
// F, B >= 0; never below the datasheet roofline max(F / P, B / W) because compute and memory are at most 1.
#pragma once

#include "models/units/quantity.h"

namespace aifactory {

struct LawParameters {
  double startup = 0.0;  // s: launch inside a graph, prologue and epilogue
  double compute = 1.0;  // reachable fraction of dense peak, (0, 1]
  double memory = 1.0;   // reachable fraction of peak bandwidth, (0, 1]
  double serial = 0.15;  // share of the smaller of compute and memory time that is not hidden, [0, 1]
  double item = 0.0;     // s per serial item
  double row = 0.0;      // s per row
};

// What a kernel asks of the device. `compute_flops` includes what tiles pad; `flops` does not.
struct LawWork {
  double flops = 0.0;          // useful
  double compute_flops = 0.0;  // issued to the tensor cores
  double bytes = 0.0;          // compulsory HBM traffic
  double items = 0.0;
  double rows = 0.0;
};

struct DeviceRates {
  double flops_per_second = 0.0;  // dense peak at the kernel's precision
  double bytes_per_second = 0.0;  // peak memory bandwidth
};

// Seconds by the law above.
double law_time(const LawParameters& law, const LawWork& work, const DeviceRates& rates);

// Seconds of the datasheet roofline, the floor of every prediction.
double roofline_time(const LawWork& work, const DeviceRates& rates);

// (a + b + sqrt((a - b)^2 + 4 serial a b)) / 2 for a, b >= 0: max(a, b) at serial 0 and a + b at serial 1,
// non-decreasing in all three.
double soft_maximum(double a, double b, double serial);

}  // namespace aifactory

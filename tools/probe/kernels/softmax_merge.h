// Joining softmaxes of disjoint parts. For host and device; the unit tests run it on the host.
#pragma once

#include <cmath>

#include "tools/probe/kernels/paging.h"

namespace aifactory::probe {

struct SoftmaxState {
  float most;  // largest score, base 2
  float mass;  // sum of 2^(score - most)
};

// weights[i] = 2^(most_i - most of all): what part i's unnormalised sums count; returns the mass of the whole.
PROBE_HD float merge_weights(const SoftmaxState* parts, int count, float* weights) {
  float most = parts[0].most;
  for (int i = 1; i < count; ++i) {
    most = parts[i].most > most ? parts[i].most : most;
  }
  float mass = 0.0F;
  for (int i = 0; i < count; ++i) {
    weights[i] = exp2f(parts[i].most - most);
    mass += weights[i] * parts[i].mass;
  }
  return mass;
}

}  // namespace aifactory::probe

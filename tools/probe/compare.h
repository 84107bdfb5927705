// Comparing sampled outputs with references.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace aifactory::probe {

// Largest |got - want| over the root mean square of `want` (over 1 when they are all zero); infinite when a value is
// not finite.
double relative_error(const std::vector<double>& got, const std::vector<double>& want);

// The value of 16 bits as bfloat16.
double bf16_value(std::uint16_t bits);

// `count` numbers in [0, below), the first and the last among them, the rest spread by a fixed seed.
std::vector<std::int64_t> sample_indices(std::int64_t below, int count, std::uint64_t seed);

}  // namespace aifactory::probe

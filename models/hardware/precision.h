// Numeric formats that accelerators publish a dense matrix rate for.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace aifactory {

enum class Precision { kFp64, kTf32, kBf16, kFp8, kFp6, kFp4, kInt8 };  // bf16 stands for fp16 too: same rate everywhere

inline constexpr std::size_t kPrecisionCount = 7;
inline constexpr std::array<std::string_view, kPrecisionCount> kPrecisionNames = {"fp64", "tf32", "bf16", "fp8",
                                                                                  "fp6",  "fp4",  "int8"};

constexpr std::string_view name(Precision p) { return kPrecisionNames[static_cast<std::size_t>(p)]; }

// Storage of one element in bytes, block scales of the 4- and 6-bit formats (one byte per 16 or 32) not included.
constexpr double bytes_per_element(Precision p) {
  switch (p) {
    case Precision::kFp64:
      return 8.0;
    case Precision::kTf32:
      return 4.0;
    case Precision::kBf16:
      return 2.0;
    case Precision::kFp8:
    case Precision::kInt8:
      return 1.0;
    case Precision::kFp6:
      return 0.75;
    case Precision::kFp4:
      return 0.5;
  }
  return 2.0;
}

}  // namespace aifactory

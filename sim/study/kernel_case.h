// From a row of a measurement file to the kernel it timed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "models/catalog/kernel_measurements.h"
#include "models/kernels/calibration.h"
#include "models/kernels/work.h"

namespace aifactory {

// Stack of the published sweep of sustained products, whose meter kernel_case.cpp describes.
inline constexpr std::string_view kPublishedSweep = "vllm-";

struct KernelCase {
  KernelKey key;
  KernelWork work;
  bool fused = false;  // a product in a narrow format whose activations were quantised before the time began
  std::string
      group;  // rows with the same configuration up to the size of the batch: (n,k); (batch, heads, kv_heads)...
  std::string sweep;  // of grouped GEMMs: rows that one run over token counts measured; else empty
};

// Which kernel a row describes; on failure nothing, and `reason` says what is missing, unknown or impossible.
std::optional<KernelCase> kernel_case(const KernelMeasurement& row, std::string& reason);

// FNV-1a of a text: the same on every machine.
std::uint64_t stable_hash(const std::string& text);

bool is_collective(const KernelMeasurement& row);

}  // namespace aifactory

// Numeric formats a run or deployment uses, part by part, and what they cost in memory.
#pragma once

#include "models/hardware/accelerator.h"
#include "models/hardware/precision.h"
#include "models/kernels/kernel_model.h"
#include "models/llm/architecture.h"
#include "models/units/quantity.h"

namespace aifactory {

struct NumericFormats {
  GemmFormat dense = GemmFormat::kBf16;    // attention and linear-mixer projections, dense MLPs, shared experts
  GemmFormat experts = GemmFormat::kBf16;  // routed experts
  GemmFormat head = GemmFormat::kBf16;     // output projection; embeddings are stored like it
  Precision kv = Precision::kBf16;
  Precision activations = Precision::kBf16;  // residual stream and what travels between accelerators
};

// Stored bytes of one weight, block scales included: fp8 per 128x128 block (fp32 scale), fp4 per 16 values (one byte,
// NVFP4; MXFP4 shares one byte among 32 and is 6 % smaller), int4 per 128 values (fp16 scale and zero point).
double bytes_per_weight(GemmFormat format);

// The formats of the published checkpoint: bf16 throughout; fp8 blocks with a bf16 head; or 4-bit experts multiplied in
// bf16 beside bf16 for the rest. The cache stays bf16: checkpoints do not say.
NumericFormats native_formats(const LlmArchitecture& model);

// How engines serve that checkpoint on an accelerator: formats it cannot multiply widen to bf16, and 4-bit experts take
// 8-bit activations where the tensor cores multiply 4 bits (TensorRT-LLM's and InferenceX's choice on Blackwell).
NumericFormats served_formats(const LlmArchitecture& model, const Accelerator& accelerator);

}  // namespace aifactory

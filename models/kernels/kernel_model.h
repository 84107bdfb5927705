// Time and mean power of one kernel on one accelerator: the rung everything stands on.
//
// A KernelModel is built once per (accelerator, calibration) and is immutable; every call is a pure function. All
// shapes are per accelerator (after tensor or expert parallelism). Times are seconds of one launch inside a captured
// graph unless a Launch says otherwise.
#pragma once

#include <array>
#include <memory>
#include <string_view>

#include "models/hardware/accelerator.h"
#include "models/hardware/evidence.h"
#include "models/units/quantity.h"

namespace aifactory {

enum class Clocking { kBurst, kSustained };  // whether the package has hit its power cap
inline constexpr std::array<std::string_view, 2> kClockingNames = {"burst", "sustained"};
enum class Launch { kGraph, kEager };

// How operands are stored and multiplied. Block scaling and the cost of quantising activations are part of a format.
// Weight-only formats multiply in bf16; kFp4Fp8 keeps 4-bit weights and 8-bit activations.
enum class GemmFormat {
  kBf16,
  kFp8,
  kFp8Block,
  kFp4,
  kInt8,
  kInt4WeightOnly,
  kFp8WeightOnly,
  kInt8WeightOnly,
  kFp4Fp8
};
inline constexpr std::size_t kGemmFormatCount = 9;
inline constexpr std::array<std::string_view, kGemmFormatCount> kGemmFormatNames = {
    "bf16", "fp8", "fp8_block", "fp4", "int8", "int4_weight_only", "fp8_weight_only", "int8_weight_only", "fp4_fp8"};
constexpr std::string_view name(GemmFormat f) {
  return kGemmFormatNames[static_cast<std::size_t>(f)];
}

// The precision whose peak the tensor cores run at.
Precision math_precision(GemmFormat format);

// Who turns A into the narrow format: a pass of its own before the product (as the measured rows do), or the norm,
// activation or attention kernel that writes A.
enum class Quantisation { kStandalone, kFused };

struct GemmShape {
  double m = 0, n = 0, k = 0;  // C[m,n] = A[m,k] B[k,n]
  GemmFormat format = GemmFormat::kBf16;
  Quantisation quantisation = Quantisation::kStandalone;
};

// How tokens choose experts. kPowerLaw: the popularity x of an expert has density ~ x^-exponent over [1, 0.8 tokens]
// (over [0.01, 2] when there are fewer choices than experts), and the rank that happens to hold the most is meant.
enum class ExpertRouting { kUniform, kBalanced, kPowerLaw };

struct GroupedGemmShape {  // one MoE feed-forward: gate, up and down of the local experts
  double tokens = 0;       // tokens entering the layer over the whole expert-parallel group
  double hidden = 0, intermediate = 0;
  int experts = 0, experts_per_token = 0;
  int expert_parallel = 1, tensor_parallel = 1;
  double imbalance = 1.0;  // most loaded rank over mean, beyond what the routing implies
  ExpertRouting routing = ExpertRouting::kUniform;
  double routing_exponent = 1.0;  // kPowerLaw only
  bool exchanged = false;  // tokens are sent to the ranks of their experts; else every rank has all of the group's
  bool gated = true;
  GemmFormat format = GemmFormat::kBf16;
};

struct AttentionShape {  // per accelerator
  double batch = 0;
  double new_tokens = 0;   // per sequence: 1 in decode, the chunk in prefill
  double past_tokens = 0;  // per sequence, already in the KV cache
  int heads = 0, kv_heads = 0, head_dim = 0;
  int window = 0;                     // 0 = full
  Precision kv = Precision::kBf16;    // how K and V are stored
  Precision math = Precision::kBf16;  // how scores and values are multiplied
};

struct LatentAttentionShape {  // MLA with absorbed projections, per accelerator
  double batch = 0, new_tokens = 0, past_tokens = 0;
  int heads = 0, latent_dim = 512, rope_dim = 64;
  int head_dim = 128;  // of the expanded keys (without rope) and values in prefill
  Precision kv = Precision::kBf16;
};

enum class StreamKind { kCopy, kNorm, kActivation, kElementwise, kEmbedding, kSampling };

struct KernelEstimate {
  Seconds time{};
  Seconds low{}, high{};  // P10 and P90 of the true time
  Flops flops{};          // useful floating-point operations
  Bytes bytes{};          // HBM traffic, compulsory
  Joules energy{};        // of the package over `time`; at least idle power x time
  Grade grade = Grade::kTransferred;
};

// Sequential composition; bands add linearly because errors of one accelerator's kernels share their cause.
KernelEstimate operator+(const KernelEstimate& a, const KernelEstimate& b);
KernelEstimate operator*(const KernelEstimate& a, double repetitions);

struct KernelCalibration;  // fitted parameters of one accelerator, models/kernels/calibration.h
class KernelFits;          // those parameters resolved for every kernel, models/kernels/predict.h

class KernelModel {
 public:
  // Without a calibration the parameters are the accelerator's own efficiencies and the family law, graded transferred.
  explicit KernelModel(const Accelerator& accelerator, std::shared_ptr<const KernelCalibration> calibration = nullptr,
                       Clocking clocking = Clocking::kSustained);

  [[nodiscard]] KernelEstimate gemm(const GemmShape& shape) const;
  [[nodiscard]] KernelEstimate grouped_gemm(const GroupedGemmShape& shape) const;
  [[nodiscard]] KernelEstimate attention(const AttentionShape& shape) const;
  [[nodiscard]] KernelEstimate latent_attention(const LatentAttentionShape& shape) const;
  [[nodiscard]] KernelEstimate stream(StreamKind kind, Bytes bytes) const;  // read plus written
  [[nodiscard]] Seconds launch(Launch mode) const;  // host time added once per kernel; zero inside a graph

  // Fractions of peak that an estimate keeps busy, for the power law.
  [[nodiscard]] Activity activity(const KernelEstimate& estimate, Precision precision) const;
  [[nodiscard]] const Accelerator& accelerator() const { return accelerator_; }
  [[nodiscard]] Clocking clocking() const { return clocking_; }

 private:
  Accelerator accelerator_;
  Clocking clocking_;
  std::shared_ptr<const KernelFits> fits_;
};

}  // namespace aifactory

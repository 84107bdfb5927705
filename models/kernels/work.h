// From the shape of a kernel to what it asks of the device (FLOPs, bytes, serial items) and to the coordinates in
// which its residual is tabulated. Pure functions of the shape; a bad shape throws std::invalid_argument that names
// the field.
#pragma once

#include <array>

#include "models/kernels/kernel_model.h"
#include "models/kernels/law.h"

namespace aifactory {

inline constexpr std::size_t kKernelCoordinates = 6;

// Of a GEMM: how the power meter read in measured rows, 0 (the kernel alone) for every shape that is asked for.
inline constexpr std::size_t kMeterCoordinate = 5;

struct KernelWork : LawWork {
  std::array<double, kKernelCoordinates> coordinates{};  // mostly log2 of the shape, see each function
};

// Throws std::invalid_argument naming the field unless value is positive and finite.
void require_positive(double value, const char* field);

// Bytes of one stored weight, one stored activation, scales included; and the precision the tensor cores run at.
struct FormatTraits {
  double weight_bytes = 2.0;
  double activation_bytes = 2.0;
  Precision math = Precision::kBf16;
  bool quantises_activations = false;  // a pass over A before the product
};
FormatTraits traits(GemmFormat format);

// C[m,n] = A[m,k] B[k,n]: 2mnk FLOPs; A, B read and C written once. items = thousands of activations quantised.
// Coordinates: log2 m, log2 n, log2 k, empty share of 128-row tiles, of 64-row tiles.
KernelWork gemm_work(const GemmShape& shape);

// What the most loaded rank of an expert-parallel group receives.
struct RankLoad {
  double rows = 0.0;       // token-expert pairs
  double activated = 0.0;  // experts with at least one row
};
// With n tokens, top-k of E experts over e ranks. Uniform: n k / e rows and (E / e)(1 - (1 - 1 / E)^(n k)) experts;
// balanced: every expert its share; power law: expectation over placements of the quantiles of
// the popularity. shape.imbalance multiplies the rows of all three; no expert receives more than every token.
RankLoad rank_load(const GroupedGemmShape& shape);

// With (rows, a) of rank_load, hidden H and width W = intermediate / tensor_parallel: 2 M rows H W FLOPs, M = 3
// matrices (2 when not gated); a M H W weights plus activations in, between and out. items = a; rows = tokens that
// the rank gathers and combines: all of the group's, or where tokens are exchanged those that chose one of its experts,
// n (1 - (1 - rows / (n k))^k).
// Coordinates: log2 rows per activated expert, log2 activated experts, log2 H, log2 W, log2 tokens, log2 top-k.
KernelWork grouped_gemm_work(const GroupedGemmShape& shape);

// Tokens of one sequence that a query of the last position attends to (window respected).
double attended_tokens(double past_tokens, double new_tokens, int window);

// Query-key pairs of one sequence and head, causal within the new tokens.
double attention_pairs(double past_tokens, double new_tokens, int window);

// FLOPs 4 d per query-key pair and head; bytes: K and V once, Q and O once. items = batch x kv_heads.
// Coordinates: log2 batch x kv_heads, log2 attended tokens (decode) or new tokens (prefill), log2 heads / kv_heads,
// log2 head_dim, log2 of batch x heads x those tokens, log2 (past / new + 1).
KernelWork attention_work(const AttentionShape& shape);
bool is_decode(const AttentionShape& shape);

// Decode (absorbed): 2 (2 latent + rope) FLOPs per pair and head on the shared latent cache. Prefill: keys and values
// expanded per head, 2 (2 head + rope). items = batch x heads. Coordinates: log2 batch, log2 attended or new tokens,
// log2 heads, log2 (past / new + 1), log2 of batch times those tokens.
KernelWork latent_attention_work(const LatentAttentionShape& shape);
bool is_decode(const LatentAttentionShape& shape);

}  // namespace aifactory

#include <cmath>
#include <stdexcept>
#include <string>

#include "models/kernels/work.h"
#include "models/units/pinned_math.h"

namespace aifactory {
namespace {

// Up to this many new tokens per sequence (speculative decoding verifies a handful) the decode kernel runs.
constexpr double kDecodeTokens = 4.0;

void require(bool holds, const char* message) {
  if (!holds) {
    throw std::invalid_argument(message);
  }
}

void require_sequence(double batch, double new_tokens, double past_tokens) {
  require(batch > 0.0 && std::isfinite(batch), "batch must be positive and finite");
  require(new_tokens > 0.0 && std::isfinite(new_tokens), "new_tokens must be positive and finite");
  require(past_tokens >= 0.0 && std::isfinite(past_tokens), "past_tokens must be non-negative and finite");
}

}  // namespace

double attended_tokens(double past_tokens, double new_tokens, int window) {
  const double all = past_tokens + new_tokens;
  return window > 0 ? std::fmin(all, static_cast<double>(window) + new_tokens - 1.0) : all;
}

double attention_pairs(double past_tokens, double new_tokens, int window) {
  // Query i of 1..n sees past + i keys; a window caps that at w: the first w - past queries are still growing.
  const double full = new_tokens * past_tokens + 0.5 * new_tokens * (new_tokens + 1.0);
  if (window <= 0) {
    return full;
  }
  const double limit = static_cast<double>(window);
  const double growing = std::fmin(new_tokens, std::fmax(0.0, limit - past_tokens));
  return growing * past_tokens + 0.5 * growing * (growing + 1.0) + (new_tokens - growing) * limit;
}

bool is_decode(const AttentionShape& shape) {
  return shape.new_tokens <= kDecodeTokens;
}
bool is_decode(const LatentAttentionShape& shape) {
  return shape.new_tokens <= kDecodeTokens;
}

KernelWork attention_work(const AttentionShape& shape) {
  require_sequence(shape.batch, shape.new_tokens, shape.past_tokens);
  require(shape.heads > 0 && shape.kv_heads > 0, "heads and kv_heads must be positive");
  require(shape.heads % shape.kv_heads == 0, "heads must be a multiple of kv_heads");
  require(shape.head_dim > 0, "head_dim must be positive");
  require(shape.window >= 0, "window must not be negative");
  const double dim = shape.head_dim;
  const double pairs = attention_pairs(shape.past_tokens, shape.new_tokens, shape.window);
  const double keys = attended_tokens(shape.past_tokens, shape.new_tokens, shape.window);
  KernelWork work;
  work.flops = 4.0 * dim * shape.heads * shape.batch * pairs;
  work.compute_flops = work.flops;
  work.bytes = shape.batch * dim *
               (2.0 * shape.kv_heads * keys * bytes_per_element(shape.kv) + 4.0 * shape.heads * shape.new_tokens);
  work.items = shape.batch * shape.kv_heads;
  const double tokens = is_decode(shape) ? keys : shape.new_tokens;
  work.coordinates = {pinned::coarse_log2(work.items),
                      pinned::coarse_log2(tokens),
                      pinned::coarse_log2(static_cast<double>(shape.heads / shape.kv_heads)),
                      pinned::coarse_log2(dim),
                      pinned::coarse_log2(shape.batch * shape.heads * tokens),
                      pinned::coarse_log2(shape.past_tokens / shape.new_tokens + 1.0)};
  return work;
}

KernelWork latent_attention_work(const LatentAttentionShape& shape) {
  require_sequence(shape.batch, shape.new_tokens, shape.past_tokens);
  require(shape.heads > 0, "heads must be positive");
  require(shape.latent_dim > 0 && shape.rope_dim > 0 && shape.head_dim > 0,
          "latent_dim, rope_dim and head_dim must be positive");
  const bool decode = is_decode(shape);
  const double pairs = attention_pairs(shape.past_tokens, shape.new_tokens, 0);
  const double keys = shape.past_tokens + shape.new_tokens;
  const double head = decode ? shape.latent_dim : shape.head_dim;  // width of a value, and of a key without rope
  const double rope = shape.rope_dim;
  KernelWork work;
  work.flops = 2.0 * (2.0 * head + rope) * shape.heads * shape.batch * pairs;
  work.compute_flops = work.flops;
  const double query_and_output = 2.0 * (2.0 * head + rope) * shape.heads * shape.new_tokens;
  const double cache = decode ? (head + rope) * keys * bytes_per_element(shape.kv)
                              : (2.0 * head + rope) * shape.heads * keys * bytes_per_element(shape.kv);
  work.bytes = shape.batch * (cache + query_and_output);
  work.items = decode ? shape.batch : shape.batch * shape.heads;
  const double tokens = decode ? keys : shape.new_tokens;
  work.coordinates = {pinned::coarse_log2(shape.batch), pinned::coarse_log2(tokens),
                      pinned::coarse_log2(static_cast<double>(shape.heads)),
                      pinned::coarse_log2(shape.past_tokens / shape.new_tokens + 1.0),
                      pinned::coarse_log2(shape.batch * tokens)};
  return work;
}

}  // namespace aifactory

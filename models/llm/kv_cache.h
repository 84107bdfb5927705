// What a sequence keeps in memory between tokens: keys and values, MLA latents, compressed entries, indexer keys, and
// the constant state of linear layers.
#pragma once

#include "models/llm/architecture.h"
#include "models/units/quantity.h"

namespace aifactory {

// Cache bytes that one more token adds to one layer of the group while it is inside the window (or compressed, the mean
// per token). Grouped: 2 kv_heads head_dim; latent: kv_lora_rank + rope_head_dim; plus indexer keys (one byte per
// element); linear: zero.
BytesPerToken kv_bytes_per_token(const LlmArchitecture& model, const LayerGroup& group, Precision kv);

// Bytes of one layer of the group for a sequence of `tokens`: windows stop growing, linear state is constant (fp32
// state as the published implementations keep it).
Bytes layer_cache_bytes(const LlmArchitecture& model, const LayerGroup& group, double tokens, Precision kv);

// All layers of one sequence.
Bytes sequence_cache_bytes(const LlmArchitecture& model, double tokens, Precision kv);

// The part of sequence_cache_bytes that a tensor-parallel rank holds: kv heads are split and replicated when fewer than
// ranks; a latent is replicated on every rank; linear heads are split.
Bytes sequence_cache_bytes_per_rank(const LlmArchitecture& model, double tokens, Precision kv, int tensor_parallel);

// Marginal growth per token of a long sequence, over all layers (windows full): what sizes a KV cache.
BytesPerToken cache_growth(const LlmArchitecture& model, Precision kv);

// Cache entries a query at position `context` (that many tokens before it, itself included) attends to in one layer.
double attended_tokens(const LayerGroup& group, double context);

// Mean of attended_tokens over positions past+1 .. past+new_tokens (causal prefill or training), exact sums.
double mean_attended_tokens(const LayerGroup& group, double new_tokens, double past_tokens = 0.0);

// Recurrent state of one linear layer in elements, convolution window included.
double linear_state_elements(const LlmArchitecture& model);

}  // namespace aifactory

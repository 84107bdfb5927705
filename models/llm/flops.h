// Model FLOPs: what the mathematics needs, independent of how it is implemented. One multiply-add is two FLOPs.
// Counted: matrix products with weights (router, indexer and output projection included, input table not) and attention
// scores and values over the causal prefix. Not counted: softmax, norms, activations, recomputation, padding.
#pragma once

#include "models/llm/architecture.h"
#include "models/units/quantity.h"

namespace aifactory {

// Scores and values of one token in one layer against `entries` cache entries. Latent attention in its expanded form
// (as trained and prefetched): heads x (nope + rope + v) x 2 per entry. Linear layers: 6 state elements' worth of FLOPs
// per token (decay-and-update, read; Yang et al. 2024, Dao & Gu 2024), independent of entries.
Flops attention_flops(const LlmArchitecture& model, const LayerGroup& group, double entries);

// The indexer of sparse attention scores every (compressed) entry before the selection.
Flops indexer_flops(const LlmArchitecture& model, const LayerGroup& group, double context);

// Forward FLOPs of one token with `context` tokens before it, itself included.
Flops forward_flops_per_token(const LlmArchitecture& model, double context);

// Forward FLOPs of one sequence's `new_tokens` after `past_tokens`, causal, every position through the output
// projection if `all_logits`, else only the last one (serving).
Flops forward_flops(const LlmArchitecture& model, double new_tokens, double past_tokens, bool all_logits);

// Training FLOPs per token at a sequence length: three times forward (backward needs two products per forward product),
// causal attention, no recomputation. The numerator of training.mfu.
Flops training_flops_per_token(const LlmArchitecture& model, double sequence_length);

}  // namespace aifactory

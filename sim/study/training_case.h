// From a row of a table of published training runs to the training step it describes.
#pragma once

#include <optional>
#include <string>

#include "models/catalog/measured_table.h"
#include "models/llm/architecture.h"
#include "models/llm/formats.h"
#include "models/llm/layout.h"

namespace aifactory {

struct TrainingCase {
  LlmArchitecture model;
  ParallelLayout layout;
  NumericFormats formats;
  double sequence_length = 0.0;
  bool recompute_stated = false;  // else the least that fits
};

// Columns: n_accel, precision, layers, hidden, heads, kv_heads, ffn, vocab, seq_len, global_batch, micro_batch, tp, pp,
// vp, cp, ep (null is 1), zero, recompute, params and the object arch_extra (head_dim, experts, experts_per_tok,
// moe_ffn, shared_experts, first_dense_layers, q_lora_rank, kv_lora_rank, window). Whether the feed-forward is gated is
// not in the table: the parameter count says it. On nullopt `reason` names what is missing or not modelled.
std::optional<TrainingCase> training_case(const MeasuredRow& row, std::string& reason);

}  // namespace aifactory

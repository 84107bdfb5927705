#include "models/catalog/llm_table.h"

namespace aifactory {

namespace {

const FieldTable<LayerGroup>& layer_group_table() {
  static const FieldTable<LayerGroup> table =
      FieldTable<LayerGroup>("layer_group", 0, "Layers that are alike.")
          .integer("count", &LayerGroup::count, "how many")
          .required()
          .at_least(1)
          .choice("attention", &LayerGroup::attention,
                  {{"grouped", AttentionKind::kGrouped},
                   {"latent", AttentionKind::kLatent},
                   {"linear", AttentionKind::kLinear}},
                  "MHA, GQA and MQA; MLA; linear or state space")
          .default_value("grouped", "the usual kind; kv_heads tells MHA, GQA and MQA apart")
          .integer("window", &LayerGroup::window, "sliding-window or chunk span in tokens; absent: full attention")
          .at_least(1)
          .integer("sparse_top_k", &LayerGroup::sparse_top_k,
                   "cache entries attended after an indexer's selection; absent: all")
          .at_least(1)
          .boolean("mixture", &LayerGroup::mixture, "mixture-of-experts feed-forward instead of a dense one")
          .default_value(false, "dense unless the published config says otherwise")
          .boolean("feed_forward", &LayerGroup::feed_forward, "false for mixer-only layers of hybrid models")
          .default_value(true, "every transformer layer has one")
          .integer("compression", &LayerGroup::compression,
                   "tokens that share one compressed cache entry; absent: none")
          .at_least(1)
          .boolean("own_indexer", &LayerGroup::own_indexer, "false where an earlier layer's selection is reused")
          .default_value(true, "sparse layers select for themselves unless the published config says otherwise")
          .boolean("shared_key_value", &LayerGroup::shared_key_value, "keys and values are one projection and entry")
          .default_value(false, "separate unless the published config says otherwise")
          .integer("heads", &LayerGroup::heads, "query heads where they differ from the model's")
          .at_least(1)
          .integer("kv_heads", &LayerGroup::kv_heads, "key-value heads where they differ from the model's")
          .at_least(1)
          .integer("head_dim", &LayerGroup::head_dim, "width of a head where it differs from the model's")
          .at_least(1);
  return table;
}

// What the published config must state for the kinds of layers it lists.
void check_architecture(LlmArchitecture& llm, ReadContext& context) {
  const auto needs = [&](const char* field, int value, const char* reason) {
    if (value <= 0) {
      context.problem_in(field, "is missing", reason);
    }
  };
  for (const LayerGroup& group : llm.layers) {
    switch (group.attention) {
      case AttentionKind::kGrouped:
        needs("heads", group.heads > 0 ? group.heads : llm.heads, "grouped attention needs it");
        needs("kv_heads", group.kv_heads > 0 ? group.kv_heads : llm.kv_heads, "grouped attention needs it");
        needs("head_dim", group.head_dim > 0 ? group.head_dim : llm.head_dim, "grouped attention needs it");
        break;
      case AttentionKind::kLatent:
        needs("heads", group.heads > 0 ? group.heads : llm.heads, "latent attention needs it");
        needs("kv_lora_rank", llm.kv_lora_rank, "latent attention needs it");
        needs("rope_head_dim", llm.rope_head_dim, "latent attention needs it");
        needs("nope_head_dim", llm.nope_head_dim, "latent attention needs it");
        needs("v_head_dim", llm.v_head_dim, "latent attention needs it");
        break;
      case AttentionKind::kLinear:
        needs("linear_value_heads", llm.linear_state_elements > 0 ? 1 : llm.linear_value_heads,
              "linear layers need it, or linear_state_elements");
        break;
    }
    if (group.feed_forward && group.mixture) {
      needs("experts", llm.experts, "mixture layers need it");
      needs("experts_per_token", llm.experts_per_token, "mixture layers need it");
      needs("expert_intermediate", llm.expert_intermediate, "mixture layers need it");
    } else if (group.feed_forward) {
      needs("dense_intermediate", llm.dense_intermediate, "layers with a dense feed-forward need it");
    }
  }
  if (llm.experts_per_token > llm.experts) {
    context.problem_in("experts_per_token", "is more than there are experts");
  }
  if (llm.shared_experts > 0) {
    needs("shared_intermediate", llm.shared_intermediate, "shared experts need it");
  }
}

}  // namespace

const FieldTable<LlmArchitecture>& llm_table() {
  static const FieldTable<LlmArchitecture> table =
      FieldTable<LlmArchitecture>("llm", 1, "A transformer language model as its published config states it.")
          .header(&LlmArchitecture::id, &LlmArchitecture::name)
          .integer("hidden", &LlmArchitecture::hidden, "width of the residual stream")
          .required()
          .at_least(1)
          .integer("vocabulary", &LlmArchitecture::vocabulary, "rows of the embedding")
          .required()
          .at_least(1)
          .boolean("tied_embeddings", &LlmArchitecture::tied_embeddings, "output head shares the input embedding")
          .default_value(false, "separate unless the published config says otherwise")
          .boolean("gated_mlp", &LlmArchitecture::gated_mlp, "gate, up and down projections; otherwise up and down")
          .default_value(true, "SwiGLU, universal since Llama")
          .objects("layers", &LlmArchitecture::layers, layer_group_table(), "groups of layers that are alike")
          .required()
          .items(1)
          .integer("heads", &LlmArchitecture::heads, "query heads")
          .at_least(1)
          .integer("kv_heads", &LlmArchitecture::kv_heads, "key-value heads")
          .at_least(1)
          .integer("head_dim", &LlmArchitecture::head_dim, "width of a head")
          .at_least(1)
          .boolean("attention_output_gate", &LlmArchitecture::attention_output_gate,
                   "an extra query-sized projection gates the attention output")
          .default_value(false, "none unless the published config says otherwise")
          .integer("q_lora_rank", &LlmArchitecture::q_lora_rank, "rank of low-rank queries; absent: full rank")
          .at_least(1)
          .integer("kv_lora_rank", &LlmArchitecture::kv_lora_rank, "width of the compressed key-value latent")
          .at_least(1)
          .integer("rope_head_dim", &LlmArchitecture::rope_head_dim, "rotary part of a latent head")
          .at_least(0)
          .integer("nope_head_dim", &LlmArchitecture::nope_head_dim, "position-free part of a latent head")
          .at_least(1)
          .integer("v_head_dim", &LlmArchitecture::v_head_dim, "width of a value head")
          .at_least(1)
          .integer("o_lora_rank", &LlmArchitecture::o_lora_rank, "rank of a low-rank output projection, per group")
          .at_least(1)
          .integer("o_groups", &LlmArchitecture::o_groups, "groups of the low-rank output projection")
          .at_least(1)
          .integer("index_heads", &LlmArchitecture::index_heads, "heads of the sparse-attention indexer")
          .at_least(1)
          .integer("index_head_dim", &LlmArchitecture::index_head_dim, "width of an indexer head")
          .at_least(1)
          .integer("linear_key_heads", &LlmArchitecture::linear_key_heads, "key heads (state-space groups)")
          .at_least(1)
          .integer("linear_value_heads", &LlmArchitecture::linear_value_heads, "value heads of linear layers")
          .at_least(1)
          .integer("linear_key_dim", &LlmArchitecture::linear_key_dim, "width of a linear key (state size)")
          .at_least(1)
          .integer("linear_value_dim", &LlmArchitecture::linear_value_dim, "width of a linear value head")
          .at_least(1)
          .integer("linear_conv_kernel", &LlmArchitecture::linear_conv_kernel, "taps of the short convolution")
          .at_least(1)
          .integer("linear_state_elements", &LlmArchitecture::linear_state_elements,
                   "recurrent state per layer where the config states it instead of the heads")
          .at_least(1)
          .integer("dense_intermediate", &LlmArchitecture::dense_intermediate, "width of dense feed-forward layers")
          .at_least(1)
          .integer("experts", &LlmArchitecture::experts, "routed experts per mixture layer")
          .at_least(1)
          .integer("experts_per_token", &LlmArchitecture::experts_per_token, "routed experts a token visits")
          .at_least(1)
          .integer("expert_intermediate", &LlmArchitecture::expert_intermediate, "width of one routed expert")
          .at_least(1)
          .integer("expert_latent", &LlmArchitecture::expert_latent, "width routed experts work on; absent: hidden")
          .at_least(1)
          .integer("shared_experts", &LlmArchitecture::shared_experts, "experts every token visits")
          .at_least(0)
          .integer("shared_intermediate", &LlmArchitecture::shared_intermediate, "width of one shared expert")
          .at_least(1)
          .integer("mtp_layers", &LlmArchitecture::mtp_layers, "multi-token-prediction modules in the checkpoint")
          .at_least(0)
          .integer("max_context", &LlmArchitecture::max_context, "tokens")
          .required()
          .at_least(1)
          .choice("native_precision", &LlmArchitecture::native_precision,
                  {{"bf16", Precision::kBf16}, {"fp8", Precision::kFp8}, {"fp4", Precision::kFp4}},
                  "of the published weights (of the experts where they differ)")
          .default_value("bf16", "the storage of checkpoints that state no quantisation")
          .boolean("native_integer", &LlmArchitecture::native_integer,
                   "those weights are integers: runs in a narrow float are of another checkpoint")
          .default_value(false, "published 4-bit weights are MXFP4")
          .check(check_architecture);
  return table;
}

LlmArchitecture load_llm(const Catalog& catalog, std::string_view id_or_alias, ReadLog* log) {
  return load_entry(catalog, "llms", id_or_alias, llm_table(), log);
}

}  // namespace aifactory

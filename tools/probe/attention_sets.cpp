#include "tools/probe/attention_sets.h"

#include <algorithm>
#include <cmath>

namespace aifactory::probe {
namespace {

constexpr int kCheckedQueries = 24;

std::size_t bf16_bytes(std::int64_t elements) {
  return static_cast<std::size_t>(elements) * 2;
}

}  // namespace

double ContiguousAttention::scale() const {
  return 1.0 / std::sqrt(static_cast<double>(key_dim));
}

AttentionSets::AttentionSets(Device& device, const ContiguousAttention& shape) : shape_(shape) {
  const std::size_t q = bf16_bytes(shape.queries() * shape.key_dim);
  const std::size_t keys = bf16_bytes(shape.keys() * shape.key_dim);
  const std::size_t values = bf16_bytes(shape.keys() * shape.value_dim);
  const std::size_t out = bf16_bytes(shape.queries() * shape.value_dim);
  bytes_ = q + keys + values + out;
  const int copies = std::min(device.copies_of(q + keys + values, device.pools.bf16.left()),
                              device.copies_of(out, device.pools.out.left()));
  for (int i = 0; i < copies; ++i) {
    sets_.push_back({device.pools.bf16.take(q), device.pools.bf16.take(keys), device.pools.bf16.take(values),
                     device.pools.out.take(out)});
  }
}

Check AttentionSets::check_first(cudaStream_t stream) const {
  const AttentionSet& first = at(0);
  ReferenceKeys view;
  view.q = first.q;
  view.keys = first.keys;
  view.values = first.values;
  view.tokens = shape_.grid.past + shape_.grid.fresh;
  view.kv_heads = static_cast<int>(shape_.grid.kv_heads);
  view.key_dim = static_cast<int>(shape_.key_dim);
  view.value_dim = view.value_stride = static_cast<int>(shape_.value_dim);
  view.scale = shape_.scale();
  return check_attention(view, sample_queries(shape_.grid, kCheckedQueries), first.out, stream);
}

}  // namespace aifactory::probe

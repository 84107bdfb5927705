// Sets of buffers of attention over contiguous keys, and how they are checked: what the own prefill and cuDNN share.
#pragma once

#include <vector>

#include "tools/probe/attention_check.h"
#include "tools/probe/kernel.h"

namespace aifactory::probe {

// q [batch][fresh][heads][key_dim]; keys [batch][past + fresh][kv_heads][key_dim]; values likewise; out
// [..][value_dim].
struct ContiguousAttention {
  QueryGrid grid;
  std::int64_t key_dim = 128, value_dim = 128;

  [[nodiscard]] std::int64_t queries() const { return grid.batch * grid.fresh * grid.heads; }
  [[nodiscard]] std::int64_t keys() const { return grid.batch * (grid.past + grid.fresh) * grid.kv_heads; }
  [[nodiscard]] double scale() const;  // 1 / sqrt(key_dim)
};

struct AttentionSet {
  const void* q = nullptr;
  const void* keys = nullptr;
  const void* values = nullptr;
  void* out = nullptr;
};

class AttentionSets {
 public:
  // As many as a cold measurement rotates over, from the device's pools.
  AttentionSets(Device& device, const ContiguousAttention& shape);

  [[nodiscard]] int count() const { return static_cast<int>(sets_.size()); }
  [[nodiscard]] const AttentionSet& at(int i) const { return sets_[static_cast<std::size_t>(i)]; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }  // of one
  Check check_first(cudaStream_t stream) const;               // of what was launched on set 0

 private:
  ContiguousAttention shape_;
  std::size_t bytes_ = 0;
  std::vector<AttentionSet> sets_;
};

}  // namespace aifactory::probe

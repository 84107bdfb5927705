#include "tools/probe/cudnn_attention.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "tools/probe/attention_sets.h"
#include "tools/probe/cudnn_graph.h"

namespace aifactory::probe {
namespace {

enum Attribute : int {
  kHeuristicsMode = 200,
  kHeuristicsGraph = 201,
  kHeuristicsResults = 202,
  kPlanHandle = 400,
  kPlanConfig = 401,
  kPlanWorkspace = 402,
  kGraphHandle = 800,
  kGraphOperations = 801,
  kPackIds = 1000,
  kPackPointers = 1001,
  kPackWorkspace = 1003
};
constexpr std::int64_t kConfigs = 8;

const CudnnLibrary& library() {
  std::string reason;
  const CudnnLibrary* found = CudnnLibrary::get(reason);
  if (found == nullptr) {
    throw NotSupported("cuDNN is not there: " + reason);
  }
  return *found;
}

CudnnAttentionShape shape_of(const Case& c) {
  CudnnAttentionShape s;
  s.batch = c.at("batch");
  s.heads = c.at("heads");
  if (c.get("window", 0) != 0) {
    throw NotSupported("windows are measured with the own kernels");
  }
  if (c.op == "attn_decode") {
    s.queries = 1;
    s.keys = c.at("past") + 1;
    s.causal = false;
  } else {
    if (c.get("past", 0) != 0) {
      throw NotSupported("chunks after a past are measured with the own kernels");
    }
    s.queries = s.keys = c.at("isl");
  }
  const bool latent = c.op == "mla_prefill";
  s.kv_heads = latent ? s.heads : c.at("kv_heads");
  s.key_dim = latent ? 192 : c.at("head_dim");
  s.value_dim = latent ? 128 : s.key_dim;
  return s;
}

ContiguousAttention contiguous(const CudnnAttentionShape& s) {
  ContiguousAttention a;
  a.grid = {s.batch, s.queries, s.keys - s.queries, s.heads, s.kv_heads, 0};
  a.key_dim = s.key_dim;
  a.value_dim = s.value_dim;
  return a;
}

// What the library needs beside the buffers of an attention, which it therefore takes first.
struct Scratch {
  void* statistics = nullptr;
  void* workspace = nullptr;
};

// The device's handle: making one takes a tenth of a second.
void* handle_of(Device& device) {
  if (device.cudnn == nullptr) {
    const CudnnLibrary& l = library();
    void* made = nullptr;
    l.check(l.create(&made), "its handle");
    device.cudnn = std::shared_ptr<void>(made, [&l](void* handle) { static_cast<void>(l.destroy(handle)); });
  }
  return device.cudnn.get();
}

class CudnnAttention : public Kernel {
 public:
  CudnnAttention(Device& device, const Case& c)
      : shape_(shape_of(c)),
        handle_(handle_of(device)),
        graph_(library(), shape_),
        plan_(library(), cudnn::kPlan),
        scale_(static_cast<float>(contiguous(shape_).scale())) {
    make_plan_of_best_engine();
    const Scratch scratch = take_scratch(device);
    sets_.emplace(device, contiguous(shape_));
    for (int i = 0; i < sets_->count(); ++i) {
      pack(sets_->at(i), scratch);
    }
  }

  void launch(int copy, cudaStream_t stream) override {
    const CudnnLibrary& l = library();
    l.check(l.set_stream(handle_, stream), "the stream");
    l.check(l.execute(handle_, plan_.raw(), packs_[static_cast<std::size_t>(copy)].raw()), "its execution");
  }
  [[nodiscard]] int copies() const override { return sets_->count(); }
  [[nodiscard]] std::size_t set_bytes() const override { return sets_->bytes(); }
  [[nodiscard]] Algorithm algorithm() const override {
    Algorithm a;
    a.name = "cudnn " + cudnn_version();
    a.id = engine_;
    return a;
  }

  Check check(cudaStream_t stream) override {
    launch(0, stream);
    return sets_->check_first(stream);
  }

 private:
  void make_plan_of_best_engine() {
    const CudnnLibrary& l = library();
    CudnnDescriptor operations(l, cudnn::kGraph);
    operations.set(kGraphHandle, cudnn::kHandle, 1, &handle_)
        .set(kGraphOperations, cudnn::kBackendDescriptor, static_cast<std::int64_t>(graph_.operations().size()),
             graph_.operations().data())
        .finalize("the graph of an attention");
    CudnnDescriptor heuristics(l, cudnn::kHeuristics);
    heuristics.set(kHeuristicsGraph, operations)
        .set_enum(kHeuristicsMode, cudnn::kHeuristicsMode, cudnn::kHeuristicsA)
        .finalize("heuristics for an attention");
    std::vector<CudnnDescriptor> configs;
    std::vector<void*> raw;
    for (std::int64_t i = 0; i < kConfigs; ++i) {
      configs.emplace_back(l, cudnn::kEngineConfig);
      raw.push_back(configs.back().raw());
    }
    std::int64_t found = 0;
    l.check(
        l.get_attribute(heuristics.raw(), kHeuristicsResults, cudnn::kBackendDescriptor, kConfigs, &found, raw.data()),
        "engines for an attention");
    for (std::int64_t i = 0; i < std::min(found, kConfigs); ++i) {
      CudnnDescriptor plan(l, cudnn::kPlan);
      plan.set(kPlanHandle, cudnn::kHandle, 1, &handle_).set(kPlanConfig, configs[static_cast<std::size_t>(i)]);
      if (plan.try_finalize()) {
        plan_.swap(plan);
        engine_ = static_cast<int>(i);
        std::int64_t count = 0;
        l.check(l.get_attribute(plan_.raw(), kPlanWorkspace, cudnn::kInt64, 1, &count, &workspace_bytes_),
                "the workspace of its plan");
        return;
      }
    }
    throw NotSupported("cuDNN has no engine for this attention");
  }

  Scratch take_scratch(Device& device) const {
    const auto queries = static_cast<std::size_t>(shape_.batch * shape_.queries * shape_.heads);
    const auto workspace = static_cast<std::size_t>(std::max<std::int64_t>(workspace_bytes_, 1));
    return {device.pools.out.take(queries * sizeof(float)), device.pools.out.take(workspace)};
  }

  // The arguments of one set. The library keeps the addresses of the scalars.
  void pack(const AttentionSet& s, const Scratch& scratch) {
    using G = CudnnAttentionGraph;
    std::vector<std::int64_t> ids = {G::kQ, G::kK, G::kV, G::kOut, G::kStatistics, G::kScale};
    std::vector<const void*> pointers = {s.q, s.keys, s.values, s.out, scratch.statistics, &scale_};
    if (graph_.masked()) {
      ids.push_back(G::kMinusInfinity);
      pointers.push_back(&minus_infinity_);
    }
    CudnnDescriptor& made = packs_.emplace_back(library(), cudnn::kVariantPack);
    made.set_ints(kPackIds, ids)
        .set(kPackPointers, cudnn::kVoidPointer, static_cast<std::int64_t>(pointers.size()), pointers.data())
        .set(kPackWorkspace, cudnn::kVoidPointer, 1, &scratch.workspace)
        .finalize("the arguments of an attention");
  }

  CudnnAttentionShape shape_;
  void* handle_;
  CudnnAttentionGraph graph_;
  CudnnDescriptor plan_;
  std::int64_t workspace_bytes_ = 0;
  int engine_ = -1;  // position among the heuristic's
  float scale_;
  float minus_infinity_ = std::numeric_limits<float>::lowest();
  std::optional<AttentionSets> sets_;
  std::deque<CudnnDescriptor> packs_;
};

}  // namespace

std::unique_ptr<Kernel> make_cudnn_attention(Device& device, const Case& c) {
  return std::make_unique<CudnnAttention>(device, c);
}

std::string cudnn_version() {
  std::string reason;
  const CudnnLibrary* l = CudnnLibrary::get(reason);
  if (l == nullptr) {
    return {};
  }
  const std::size_t v = l->version();  // 91900: 9.19.0
  return std::to_string(v / 10000) + "." + std::to_string(v / 100 % 100) + "." + std::to_string(v % 100);
}

std::string cudnn_problem(Device& device) {
  Case c;
  c.op = "attn_prefill";
  c.impl = "cudnn";
  c.dtype = "bf16";
  c.shape = {{"batch", 1}, {"isl", 512}, {"heads", 8}, {"kv_heads", 1}, {"head_dim", 128}};
  try {
    device.pools.reset();
    CudnnAttention attention(device, c);
    const Check check = attention.check(nullptr);
    return check.ok() ? "" : "its attention differs from the reference by " + std::to_string(check.error);
  } catch (const NotSupported& error) {
    return error.what();
  }
}

}  // namespace aifactory::probe

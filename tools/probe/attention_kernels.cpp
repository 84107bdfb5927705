#include "tools/probe/attention_kernels.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tools/probe/attention_check.h"
#include "tools/probe/attention_sets.h"
#include "tools/probe/host_random.h"
#include "tools/probe/kernels/attention.h"
#include "tools/probe/kernels/paging.h"

namespace aifactory::probe {
namespace {

constexpr int kCheckedQueries = 24;
constexpr std::size_t kBf16 = 2;
constexpr int kLatentKey = 192, kLatentValue = 128;  // of a head in prefill
constexpr int kLatentCache = 576, kLatentOut = 512;  // of a token in decode

int whole(std::int64_t value) {
  return static_cast<int>(value);
}
std::size_t bf16_bytes(std::int64_t elements) {
  return static_cast<std::size_t>(elements) * kBf16;
}

void require_launched(bool launched, const char* what) {
  if (!launched) {
    static_cast<void>(cudaGetLastError());  // of an attribute that the device refused
    throw NotSupported(std::string("no own kernel for these dimensions of ") + what);
  }
  PROBE_CUDA(cudaGetLastError());
}

// Pages in a random order, as an allocator leaves them after a while.
DeviceBuffer shuffled_table(std::int64_t pages) {
  std::vector<std::int32_t> table(static_cast<std::size_t>(pages));
  std::iota(table.begin(), table.end(), 0);
  HostRandom random(4);
  for (std::size_t i = table.size(); i > 1; --i) {
    std::swap(table[i - 1], table[random.below(i)]);
  }
  return to_device(table);
}

// Of a prefill as cases describe it; MLA expands keys and values to every head.
ContiguousAttention prefill_of(const Case& c) {
  const bool latent = c.op == "mla_prefill";
  ContiguousAttention a;
  a.grid.batch = c.at("batch");
  a.grid.fresh = c.at("isl");
  a.grid.past = c.get("past", 0);
  a.grid.heads = c.at("heads");
  a.grid.kv_heads = latent ? a.grid.heads : c.at("kv_heads");
  a.grid.window = c.get("window", 0);
  a.key_dim = latent ? kLatentKey : c.at("head_dim");
  a.value_dim = latent ? kLatentValue : a.key_dim;
  return a;
}

class Prefill : public Kernel {
 public:
  Prefill(Device& device, const Case& c) : Prefill(device, prefill_of(c)) {}
  Prefill(Device& device, const ContiguousAttention& a)
      : shape_{whole(a.grid.batch),    whole(a.grid.fresh), whole(a.grid.past), whole(a.grid.heads),
               whole(a.grid.kv_heads), whole(a.key_dim),    whole(a.value_dim), whole(a.grid.window)},
        sets_(device, a) {}

  void launch(int copy, cudaStream_t stream) override {
    const AttentionSet& s = sets_.at(copy);
    require_launched(attention_prefill(shape_, s.q, s.keys, s.values, s.out, stream), "prefill");
  }
  [[nodiscard]] int copies() const override { return sets_.count(); }
  [[nodiscard]] std::size_t set_bytes() const override { return sets_.bytes(); }
  [[nodiscard]] Algorithm algorithm() const override { return {"flash attention, mma.sync, 128 x 64 tiles"}; }

  Check check(cudaStream_t stream) override {
    launch(0, stream);
    return sets_.check_first(stream);
  }

 private:
  PrefillShape shape_;
  AttentionSets sets_;
};

class Decode : public Kernel {
 public:
  Decode(Device& device, const Case& c) : device_(device) {
    shape_.batch = whole(c.at("batch"));
    shape_.tokens = whole(c.at("past") + 1);
    shape_.heads = whole(c.at("heads"));
    shape_.kv_heads = whole(c.at("kv_heads"));
    shape_.head_dim = whole(c.at("head_dim"));
    shape_.window = whole(c.get("window", 0));
    shape_.pages_per_sequence = ceil_div(shape_.tokens, kPageTokens);
    const std::int64_t pages = std::int64_t{shape_.batch} * shape_.pages_per_sequence;
    const std::int64_t queries = std::int64_t{shape_.batch} * shape_.heads * shape_.head_dim;
    const std::int64_t cache = pages * shape_.kv_heads * kPageTokens * shape_.head_dim;
    const int processors = device.properties.multiProcessorCount;
    scratch_ = device.pools.out.take(decode_scratch_bytes(shape_, processors));
    table_ = shuffled_table(pages);
    bytes_ = bf16_bytes(2 * queries + 2 * cache);
    const int copies = std::min(device.copies_of(bf16_bytes(queries + 2 * cache), device.pools.bf16.left()),
                                device.copies_of(bf16_bytes(queries), device.pools.out.left()));
    for (int i = 0; i < copies; ++i) {
      sets_.push_back({device.pools.bf16.take(bf16_bytes(queries)), device.pools.bf16.take(bf16_bytes(cache)),
                       device.pools.bf16.take(bf16_bytes(cache)), device.pools.out.take(bf16_bytes(queries))});
    }
  }

  void launch(int copy, cudaStream_t stream) override {
    const Set& s = sets_[static_cast<std::size_t>(copy)];
    require_launched(attention_decode(shape_, s.q, s.keys, s.values, table_.as<std::int32_t>(), scratch_, s.out,
                                      device_.properties.multiProcessorCount, stream),
                     "decode");
  }
  [[nodiscard]] int copies() const override { return whole(static_cast<std::int64_t>(sets_.size())); }
  [[nodiscard]] std::size_t set_bytes() const override { return bytes_; }
  [[nodiscard]] Algorithm algorithm() const override { return {"split-KV, 64-token pages, mma.sync"}; }

  Check check(cudaStream_t stream) override {
    launch(0, stream);
    ReferenceKeys view;
    view.q = sets_[0].q;
    view.keys = sets_[0].keys;
    view.values = sets_[0].values;
    view.page_table = table_.as<std::int32_t>();
    view.pages_per_sequence = shape_.pages_per_sequence;
    view.kv_heads = shape_.kv_heads;
    view.key_dim = view.value_dim = view.value_stride = shape_.head_dim;
    view.scale = 1.0 / std::sqrt(static_cast<double>(shape_.head_dim));
    return check_attention(
        view,
        sample_queries({shape_.batch, 1, shape_.tokens - 1, shape_.heads, shape_.kv_heads, shape_.window},
                       kCheckedQueries),
        sets_[0].out, stream);
  }

 private:
  struct Set {
    const void* q;
    const void* keys;
    const void* values;
    void* out;
  };
  Device& device_;
  DecodeShape shape_;
  DeviceBuffer table_;
  void* scratch_ = nullptr;
  std::size_t bytes_ = 0;
  std::vector<Set> sets_;
};

class LatentDecode : public Kernel {
 public:
  LatentDecode(Device& device, const Case& c) : device_(device) {
    shape_.batch = whole(c.at("batch"));
    shape_.tokens = whole(c.at("past") + 1);
    shape_.heads = whole(c.at("heads"));
    shape_.pages_per_sequence = ceil_div(shape_.tokens, kPageTokens);
    shape_.scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(kLatentKey)));
    const std::int64_t pages = std::int64_t{shape_.batch} * shape_.pages_per_sequence;
    const std::int64_t rows = std::int64_t{shape_.batch} * shape_.heads;
    const std::int64_t cache = pages * kPageTokens * kLatentCache;
    scratch_ = device.pools.out.take(latent_scratch_bytes(shape_, device.properties.multiProcessorCount));
    table_ = shuffled_table(pages);
    const std::size_t in = bf16_bytes(rows * kLatentCache + cache);
    const std::size_t out = bf16_bytes(rows * kLatentOut);
    bytes_ = in + out;
    const int copies =
        std::min(device.copies_of(in, device.pools.bf16.left()), device.copies_of(out, device.pools.out.left()));
    for (int i = 0; i < copies; ++i) {
      sets_.push_back({device.pools.bf16.take(bf16_bytes(rows * kLatentCache)),
                       device.pools.bf16.take(bf16_bytes(cache)), device.pools.out.take(out)});
    }
  }

  void launch(int copy, cudaStream_t stream) override {
    const Set& s = sets_[static_cast<std::size_t>(copy)];
    require_launched(latent_decode(shape_, s.q, s.cache, table_.as<std::int32_t>(), scratch_, s.out,
                                   device_.properties.multiProcessorCount, stream),
                     "latent decode");
  }
  [[nodiscard]] int copies() const override { return whole(static_cast<std::int64_t>(sets_.size())); }
  [[nodiscard]] std::size_t set_bytes() const override { return bytes_; }
  [[nodiscard]] Algorithm algorithm() const override { return {"split-KV, shared latent pages, mma.sync"}; }

  Check check(cudaStream_t stream) override {
    launch(0, stream);
    ReferenceKeys view;
    view.q = sets_[0].q;
    view.keys = view.values = sets_[0].cache;
    view.page_table = table_.as<std::int32_t>();
    view.pages_per_sequence = shape_.pages_per_sequence;
    view.key_dim = view.value_stride = kLatentCache;
    view.value_dim = kLatentOut;
    view.scale = 1.0 / std::sqrt(static_cast<double>(kLatentKey));
    return check_attention(view,
                           sample_queries({shape_.batch, 1, shape_.tokens - 1, shape_.heads, 1, 0}, kCheckedQueries),
                           sets_[0].out, stream);
  }

 private:
  struct Set {
    const void* q;
    const void* cache;
    void* out;
  };
  Device& device_;
  LatentShape shape_;
  DeviceBuffer table_;
  void* scratch_ = nullptr;
  std::size_t bytes_ = 0;
  std::vector<Set> sets_;
};

}  // namespace

std::unique_ptr<Kernel> make_prefill(Device& device, const Case& c) {
  return std::make_unique<Prefill>(device, c);
}
std::unique_ptr<Kernel> make_decode(Device& device, const Case& c) {
  return std::make_unique<Decode>(device, c);
}
std::unique_ptr<Kernel> make_latent_decode(Device& device, const Case& c) {
  return std::make_unique<LatentDecode>(device, c);
}

}  // namespace aifactory::probe

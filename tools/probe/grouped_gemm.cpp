#include "tools/probe/grouped_gemm.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "tools/probe/compare.h"
#include "tools/probe/expert_routing.h"
#include "tools/probe/graph.h"
#include "tools/probe/kernels/stream.h"
#include "tools/probe/lt_product.h"

namespace aifactory::probe {
namespace {

constexpr std::size_t kBf16 = 2;
constexpr int kSamples = 64;
constexpr std::size_t kSideStreams = 4;

// out_e[rows_e, n] = in_e[rows_e, k] weights_e[n, k]^T for every active expert, on one of several sets of buffers.
class ExpertProducts {
 public:
  virtual ~ExpertProducts() = default;
  virtual void bind(const void* weights, const void* inputs, void* outputs) = 0;  // one more set
  virtual void launch(int set, cudaStream_t stream) = 0;
};

std::vector<int> active_rows(const std::vector<std::int64_t>& rows) {
  std::vector<int> active;
  for (const std::int64_t r : rows) {
    if (r > 0) {
      active.push_back(static_cast<int>(r));
    }
  }
  return active;
}

// One call of cuBLAS for all of them; bf16.
class OneCall : public ExpertProducts {
 public:
  OneCall(Device& device, std::vector<int> rows, std::int64_t n, std::int64_t k)
      : device_(device), rows_(std::move(rows)), n_(n), k_(k) {
    const std::size_t groups = rows_.size();
    transposed_.assign(groups, CUBLAS_OP_T);
    plain_.assign(groups, CUBLAS_OP_N);
    wide_.assign(groups, static_cast<int>(n));
    deep_.assign(groups, static_cast<int>(k));
    ones_.assign(groups, 1.0F);
    zeros_.assign(groups, 0.0F);
    one_each_.assign(groups, 1);
  }

  void bind(const void* weights, const void* inputs, void* outputs) override {
    std::vector<const void*> w;
    std::vector<const void*> in;
    std::vector<void*> out;
    std::int64_t row = 0;
    for (std::size_t e = 0; e < rows_.size(); ++e) {
      w.push_back(static_cast<const char*>(weights) + e * static_cast<std::size_t>(n_ * k_) * kBf16);
      in.push_back(static_cast<const char*>(inputs) + static_cast<std::size_t>(row * k_) * kBf16);
      out.push_back(static_cast<char*>(outputs) + static_cast<std::size_t>(row * n_) * kBf16);
      row += rows_[e];
    }
    sets_.push_back({to_device(w), to_device(in), to_device(out)});
  }

  void launch(int set, cudaStream_t stream) override {
    const Pointers& p = sets_[static_cast<std::size_t>(set)];
    PROBE_CUDA(cublasSetStream(device_.blas, stream));
    // Its own memory: what the library would allocate itself is forgotten with the stream, and not allowed in a
    // capture.
    PROBE_CUDA(cublasSetWorkspace(device_.blas, device_.pools.workspace.get(), device_.pools.workspace.size()));
    PROBE_CUDA(cublasGemmGroupedBatchedEx(device_.blas, transposed_.data(), plain_.data(), wide_.data(), rows_.data(),
                                          deep_.data(), ones_.data(), p.weights.as<const void*>(), CUDA_R_16BF,
                                          deep_.data(), p.inputs.as<const void*>(), CUDA_R_16BF, deep_.data(),
                                          zeros_.data(), p.outputs.as<void*>(), CUDA_R_16BF, wide_.data(),
                                          static_cast<int>(rows_.size()), one_each_.data(), CUBLAS_COMPUTE_32F));
  }

 private:
  struct Pointers {
    DeviceBuffer weights, inputs, outputs;
  };
  Device& device_;
  std::vector<int> rows_;
  std::int64_t n_, k_;
  std::vector<int> wide_, deep_, one_each_;
  std::vector<cublasOperation_t> transposed_, plain_;
  std::vector<float> ones_, zeros_;
  std::vector<Pointers> sets_;
};

// A product of cuBLASLt for each of them, dealt out to four streams that fork from the caller's and join it: how
// Transformer Engine runs grouped linear layers in fp8.
class OneEach : public ExpertProducts {
 public:
  OneEach(Device& device, std::vector<int> rows, std::int64_t n, std::int64_t k, bool fp8)
      : rows_(std::move(rows)), n_(n), k_(k), element_(fp8 ? 1 : kBf16) {
    const std::size_t share = device.pools.workspace.size() / kSideStreams / 256 * 256;
    for (std::size_t s = 0; s < kSideStreams; ++s) {
      workspaces_.push_back(device.pools.workspace.as<char>() + s * share);
    }
    for (const int r : rows_) {
      if (products_.count(r) == 0) {
        products_.emplace(r, LtProduct(device.lt, {r, n, k, 1, fp8}, share));
      }
    }
  }

  void bind(const void* weights, const void* inputs, void* outputs) override {
    sets_.push_back({static_cast<const char*>(weights), static_cast<const char*>(inputs), static_cast<char*>(outputs)});
  }

  void launch(int set, cudaStream_t stream) override {
    const Pointers& p = sets_[static_cast<std::size_t>(set)];
    forked_.record(stream);
    for (const Side& side : sides_) {
      PROBE_CUDA(cudaStreamWaitEvent(side.stream.get(), forked_.get(), 0));
    }
    std::int64_t row = 0;
    for (std::size_t e = 0; e < rows_.size(); ++e) {
      products_.at(rows_[e]).launch(p.weights + e * static_cast<std::size_t>(n_ * k_) * element_,
                                    p.inputs + static_cast<std::size_t>(row * k_) * element_,
                                    p.outputs + static_cast<std::size_t>(row * n_) * kBf16,
                                    workspaces_[e % kSideStreams], sides_[e % kSideStreams].stream.get());
      row += rows_[e];
    }
    for (const Side& side : sides_) {
      side.done.record(side.stream.get());
      PROBE_CUDA(cudaStreamWaitEvent(stream, side.done.get(), 0));
    }
  }

 private:
  struct Pointers {
    const char* weights;
    const char* inputs;
    char* outputs;
  };
  struct Side {
    Stream stream;
    Event done;
  };
  std::vector<int> rows_;
  std::int64_t n_, k_;
  std::size_t element_;
  std::map<int, LtProduct> products_;  // by rows
  std::vector<char*> workspaces_;
  std::vector<Pointers> sets_;
  std::array<Side, kSideStreams> sides_;
  Event forked_;
};

std::unique_ptr<ExpertProducts> products_of(Device& device, const Case& c, const ExpertRows& rows, std::int64_t n,
                                            std::int64_t k) {
  if (c.impl == "cublaslt") {
    return std::make_unique<OneEach>(device, active_rows(rows.rows), n, k, c.dtype == "fp8");
  }
  if (c.dtype != "bf16") {
    throw NotSupported("cuBLAS has grouped products in bf16 only");
  }
  return std::make_unique<OneCall>(device, active_rows(rows.rows), n, k);
}

class GroupedGemm : public Kernel {
 public:
  GroupedGemm(Device& device, const Case& c)
      : rows_(expert_rows(c)),
        hidden_(c.at("hidden")),
        inter_(c.at("inter") / c.get("tp", 1)),
        fp8_(c.dtype == "fp8"),
        impl_(c.impl) {
    if (rows_.total == 0) {
      throw NotSupported("no token reaches this rank");
    }
    gate_up_ = products_of(device, c, rows_, 2 * inter_, hidden_);
    down_ = products_of(device, c, rows_, hidden_, inter_);
    const std::int64_t weights = rows_.active * hidden_ * inter_;
    const std::size_t in = narrow_bytes(3 * weights + rows_.total * hidden_);
    const std::size_t out = wide_bytes(rows_.total * (2 * inter_ + hidden_)) + narrow_bytes(rows_.total * inter_);
    bytes_ = in + out;
    Pool& inputs = device.pools.inputs(c.dtype);
    Pool& outputs = device.pools.out;
    const int copies = std::min(device.copies_of(in, inputs.left()), device.copies_of(out, outputs.left()));
    for (int i = 0; i < copies; ++i) {
      Set s;
      s.gate_up_weights = inputs.take(narrow_bytes(2 * weights));
      s.down_weights = inputs.take(narrow_bytes(weights));
      s.inputs = inputs.take(narrow_bytes(rows_.total * hidden_));
      s.gate_up = outputs.take(wide_bytes(rows_.total * 2 * inter_));
      s.activated = outputs.take(narrow_bytes(rows_.total * inter_));
      s.outputs = outputs.take(wide_bytes(rows_.total * hidden_));
      gate_up_->bind(s.gate_up_weights, s.inputs, s.gate_up);
      down_->bind(s.down_weights, s.activated, s.outputs);
      sets_.push_back(s);
    }
  }

  void launch(int copy, cudaStream_t stream) override {
    const Set& s = sets_[static_cast<std::size_t>(copy)];
    gate_up_->launch(copy, stream);
    const auto activation = fp8_ ? silu_mul_fp8 : silu_mul;
    activation(s.gate_up, s.activated, static_cast<int>(rows_.total), static_cast<int>(inter_), stream);
    PROBE_CUDA(cudaGetLastError());
    down_->launch(copy, stream);
  }
  [[nodiscard]] int copies() const override { return static_cast<int>(sets_.size()); }
  [[nodiscard]] std::size_t set_bytes() const override { return bytes_; }
  [[nodiscard]] Algorithm algorithm() const override {
    return {impl_ == "cublaslt" ? "cublaslt on 4 streams" : "cublasGemmGroupedBatchedEx"};
  }

  // Both products, each from its own inputs as they are in memory; replayed from a graph, as they are timed, because
  // the library reads its shapes from host memory.
  Check check(cudaStream_t stream) override {
    launch(0, stream);
    PROBE_CUDA(cudaStreamSynchronize(stream));
    const Set& s = sets_[0];
    PROBE_CUDA(cudaMemsetAsync(s.outputs, 0, wide_bytes(rows_.total * hidden_), stream));
    const Graph graph([this](cudaStream_t to) { launch(0, to); });
    graph.launch(stream);
    PROBE_CUDA(cudaStreamSynchronize(stream));
    const double first = error_of({s.gate_up_weights, s.inputs, s.gate_up, 2 * inter_, hidden_, fp8_}, stream);
    const double second = error_of({s.down_weights, s.activated, s.outputs, hidden_, inter_, fp8_}, stream);
    return {std::max(first, second), product_tolerance(fp8_), 2 * kSamples};
  }

 private:
  struct Set {
    const void* gate_up_weights = nullptr;
    const void* down_weights = nullptr;
    const void* inputs = nullptr;
    void* gate_up = nullptr;
    void* activated = nullptr;
    void* outputs = nullptr;
  };
  static std::size_t wide_bytes(std::int64_t elements) { return static_cast<std::size_t>(elements) * kBf16; }
  [[nodiscard]] std::size_t narrow_bytes(std::int64_t elements) const {
    return static_cast<std::size_t>(elements) * (fp8_ ? 1 : kBf16);
  }

  [[nodiscard]] double error_of(const SampledProducts& products, cudaStream_t stream) const {
    const std::vector<std::int64_t> rows = sample_indices(rows_.total, kSamples, 9);
    const std::vector<std::int64_t> cols = sample_indices(products.n, kSamples, 10);
    std::vector<std::int64_t> weight_rows;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      weight_rows.push_back(active_expert_of(rows[i]) * products.n + cols[i]);
    }
    return error_of_products(products, rows, cols, weight_rows, stream);
  }

  // Which of the active experts row `row` belongs to.
  [[nodiscard]] std::int64_t active_expert_of(std::int64_t row) const {
    std::int64_t active = 0;
    for (const std::int64_t r : rows_.rows) {
      if (r > 0) {
        if (row < r) {
          return active;
        }
        row -= r;
        ++active;
      }
    }
    return active - 1;
  }

  ExpertRows rows_;
  std::int64_t hidden_, inter_;
  bool fp8_;
  std::string impl_;
  std::unique_ptr<ExpertProducts> gate_up_, down_;
  std::size_t bytes_ = 0;
  std::vector<Set> sets_;
};

}  // namespace

std::unique_ptr<Kernel> make_grouped_gemm(Device& device, const Case& c) {
  return std::make_unique<GroupedGemm>(device, c);
}

}  // namespace aifactory::probe

#include "tools/probe/grouped_gemm.h"

#include <algorithm>

#include "tools/probe/compare.h"
#include "tools/probe/expert_routing.h"
#include "tools/probe/graph.h"
#include "tools/probe/kernels/reference.h"
#include "tools/probe/kernels/stream.h"

namespace aifactory::probe {
namespace {

constexpr std::size_t kBf16 = 2;
constexpr int kSamples = 64;
constexpr double kTolerance = 0.02;

// C_e[rows_e, n] = A_e[rows_e, k] W_e[n, k]^T for every active expert: one call.
class GroupedProduct {
 public:
  GroupedProduct(const std::vector<std::int64_t>& rows, std::int64_t n, std::int64_t k) : n_(n), k_(k) {
    for (const std::int64_t r : rows) {
      if (r > 0) {
        rows_.push_back(static_cast<int>(r));
      }
    }
    const std::size_t groups = rows_.size();
    transposed_.assign(groups, CUBLAS_OP_T);
    plain_.assign(groups, CUBLAS_OP_N);
    wide_.assign(groups, static_cast<int>(n));
    deep_.assign(groups, static_cast<int>(k));
    ones_.assign(groups, 1.0F);
    zeros_.assign(groups, 0.0F);
    one_each_.assign(groups, 1);
  }

  // Pointer tables of one set of buffers.
  struct Set {
    DeviceBuffer weights, inputs, outputs;
  };
  Set bind(const void* weights, const void* inputs, void* outputs) const {
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
    return {to_device(w), to_device(in), to_device(out)};
  }

  void launch(cublasHandle_t blas, const Set& set) const {
    PROBE_CUDA(cublasGemmGroupedBatchedEx(blas, transposed_.data(), plain_.data(), wide_.data(), rows_.data(),
                                          deep_.data(), ones_.data(), set.weights.as<const void*>(), CUDA_R_16BF,
                                          deep_.data(), set.inputs.as<const void*>(), CUDA_R_16BF, deep_.data(),
                                          zeros_.data(), set.outputs.as<void*>(), CUDA_R_16BF, wide_.data(),
                                          static_cast<int>(rows_.size()), one_each_.data(), CUBLAS_COMPUTE_32F));
  }

 private:
  std::int64_t n_, k_;
  std::vector<int> rows_, wide_, deep_, one_each_;
  std::vector<cublasOperation_t> transposed_, plain_;
  std::vector<float> ones_, zeros_;
};

class GroupedGemm : public Kernel {
 public:
  GroupedGemm(Device& device, const Case& c)
      : device_(device),
        rows_(expert_rows(c)),
        hidden_(c.at("hidden")),
        inter_(c.at("inter") / c.get("tp", 1)),
        gate_up_(rows_.rows, 2 * inter_, hidden_),
        down_(rows_.rows, hidden_, inter_) {
    if (c.dtype != "bf16") {
      throw NotSupported("cuBLAS has grouped products in bf16 only");
    }
    if (rows_.total == 0) {
      throw NotSupported("no token reaches this rank");
    }
    const std::int64_t weights = rows_.active * hidden_ * inter_;
    const std::size_t in = bytes_of(3 * weights + rows_.total * hidden_);
    const std::size_t out = bytes_of(rows_.total * (3 * inter_ + hidden_));
    bytes_ = in + out;
    const int copies =
        std::min(device.copies_of(in, device.pools.bf16.left()), device.copies_of(out, device.pools.out.left()));
    for (int i = 0; i < copies; ++i) {
      Set s;
      s.gate_up_weights = device.pools.bf16.take(bytes_of(2 * weights));
      s.down_weights = device.pools.bf16.take(bytes_of(weights));
      s.inputs = device.pools.bf16.take(bytes_of(rows_.total * hidden_));
      s.gate_up = device.pools.out.take(bytes_of(rows_.total * 2 * inter_));
      s.activated = device.pools.out.take(bytes_of(rows_.total * inter_));
      s.outputs = device.pools.out.take(bytes_of(rows_.total * hidden_));
      s.first = gate_up_.bind(s.gate_up_weights, s.inputs, s.gate_up);
      s.second = down_.bind(s.down_weights, s.activated, s.outputs);
      sets_.push_back(std::move(s));
    }
  }

  void launch(int copy, cudaStream_t stream) override {
    const Set& s = sets_[static_cast<std::size_t>(copy)];
    PROBE_CUDA(cublasSetStream(device_.blas, stream));
    // Its own memory: what the library would allocate itself is forgotten with the stream, and not allowed in a
    // capture.
    PROBE_CUDA(cublasSetWorkspace(device_.blas, device_.pools.workspace.get(), device_.pools.workspace.size()));
    gate_up_.launch(device_.blas, s.first);
    silu_mul(s.gate_up, s.activated, static_cast<int>(rows_.total), static_cast<int>(inter_), stream);
    PROBE_CUDA(cudaGetLastError());
    down_.launch(device_.blas, s.second);
  }
  [[nodiscard]] int copies() const override { return static_cast<int>(sets_.size()); }
  [[nodiscard]] std::size_t set_bytes() const override { return bytes_; }
  [[nodiscard]] Algorithm algorithm() const override { return {"cublasGemmGroupedBatchedEx"}; }

  // Both products, each from its own inputs as they are in memory; replayed from a graph, as they are timed, because
  // the library reads its shapes from host memory.
  Check check(cudaStream_t stream) override {
    launch(0, stream);
    PROBE_CUDA(cudaStreamSynchronize(stream));
    PROBE_CUDA(cudaMemsetAsync(sets_[0].outputs, 0, bytes_of(rows_.total * hidden_), stream));
    const Graph graph([this](cudaStream_t s) { launch(0, s); });
    graph.launch(stream);
    PROBE_CUDA(cudaStreamSynchronize(stream));
    const Set& s = sets_[0];
    const double first = error_of(s.inputs, s.gate_up_weights, s.gate_up, 2 * inter_, hidden_, stream);
    const double second = error_of(s.activated, s.down_weights, s.outputs, hidden_, inter_, stream);
    return {std::max(first, second), kTolerance, 2 * kSamples};
  }

 private:
  struct Set {
    const void* gate_up_weights = nullptr;
    const void* down_weights = nullptr;
    const void* inputs = nullptr;
    void* gate_up = nullptr;
    void* activated = nullptr;
    void* outputs = nullptr;
    GroupedProduct::Set first, second;
  };
  static std::size_t bytes_of(std::int64_t elements) { return static_cast<std::size_t>(elements) * kBf16; }

  [[nodiscard]] double error_of(const void* in, const void* weights, const void* out, std::int64_t n, std::int64_t k,
                                cudaStream_t stream) const {
    const std::vector<std::int64_t> rows = sample_indices(rows_.total, kSamples, 9);
    const std::vector<std::int64_t> cols = sample_indices(n, kSamples, 10);
    std::vector<std::int64_t> weight_rows;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      weight_rows.push_back(active_expert_of(rows[i]) * n + cols[i]);
    }
    const DeviceBuffer d_rows = to_device(rows);
    const DeviceBuffer d_cols = to_device(weight_rows);
    const DeviceBuffer want(rows.size() * sizeof(double));
    reference_products(in, weights, Element::kBf16, k, d_rows.as<std::int64_t>(), d_cols.as<std::int64_t>(), kSamples,
                       want.as<double>(), stream);
    PROBE_CUDA(cudaGetLastError());
    PROBE_CUDA(cudaStreamSynchronize(stream));
    std::vector<double> got;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto* at = static_cast<const std::uint16_t*>(out) + rows[i] * n + cols[i];
      got.push_back(bf16_value(to_host<std::uint16_t>(at, 1)[0]));
    }
    return relative_error(got, to_host<double>(want.get(), rows.size()));
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

  Device& device_;
  ExpertRows rows_;
  std::int64_t hidden_, inter_;
  GroupedProduct gate_up_, down_;
  std::size_t bytes_ = 0;
  std::vector<Set> sets_;
};

}  // namespace

std::unique_ptr<Kernel> make_grouped_gemm(Device& device, const Case& c) {
  return std::make_unique<GroupedGemm>(device, c);
}

}  // namespace aifactory::probe

#include "tools/probe/gemm_lt.h"

#include <algorithm>
#include <array>

#include "tools/probe/compare.h"
#include "tools/probe/kernels/reference.h"

namespace aifactory::probe {
namespace {

constexpr int kHeuristics = 8;
constexpr int kSamples = 96;
constexpr double kBf16Tolerance = 0.02;  // of the result's root mean square: rounding to bf16 at four sigma, twice
constexpr double kFp8Tolerance = 0.06;   // fast accumulation keeps fewer bits

struct LtDeleter {
  void operator()(cublasLtMatmulDescOpaque_t* d) const { static_cast<void>(cublasLtMatmulDescDestroy(d)); }
  void operator()(cublasLtMatrixLayoutOpaque_t* d) const { static_cast<void>(cublasLtMatrixLayoutDestroy(d)); }
  void operator()(cublasLtMatmulPreferenceOpaque_t* d) const { static_cast<void>(cublasLtMatmulPreferenceDestroy(d)); }
};
template <class T>
using Handle = std::unique_ptr<T, LtDeleter>;

Handle<cublasLtMatrixLayoutOpaque_t> layout(cudaDataType_t type, std::int64_t rows, std::int64_t cols, int batch) {
  cublasLtMatrixLayout_t made = nullptr;
  PROBE_CUDA(cublasLtMatrixLayoutCreate(&made, type, static_cast<std::uint64_t>(rows), static_cast<std::uint64_t>(cols),
                                        rows));
  Handle<cublasLtMatrixLayoutOpaque_t> owned(made);
  const std::int32_t count = batch;
  const std::int64_t stride = rows * cols;
  PROBE_CUDA(cublasLtMatrixLayoutSetAttribute(made, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, &count, sizeof count));
  PROBE_CUDA(
      cublasLtMatrixLayoutSetAttribute(made, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, &stride, sizeof stride));
  return owned;
}

class GemmLt : public Kernel {
 public:
  GemmLt(Device& device, const Case& c)
      : device_(device),
        m_(c.at("m")),
        n_(c.at("n")),
        k_(c.at("k")),
        batch_(c.get("batch", 1)),
        fp8_(c.dtype == "fp8") {
    const cudaDataType_t in = fp8_ ? CUDA_R_8F_E4M3 : CUDA_R_16BF;
    const int batch = static_cast<int>(batch_);
    cublasLtMatmulDesc_t product = nullptr;
    PROBE_CUDA(cublasLtMatmulDescCreate(&product, CUBLAS_COMPUTE_32F, CUDA_R_32F));
    product_.reset(product);
    const cublasOperation_t transposed = CUBLAS_OP_T;
    PROBE_CUDA(cublasLtMatmulDescSetAttribute(product, CUBLASLT_MATMUL_DESC_TRANSA, &transposed, sizeof transposed));
    if (fp8_) {
      const std::int8_t fast = 1;
      PROBE_CUDA(cublasLtMatmulDescSetAttribute(product, CUBLASLT_MATMUL_DESC_FAST_ACCUM, &fast, sizeof fast));
    }
    // cuBLAS counts columns first: its A is our weights, its B our activations, its D our result, all transposed.
    weights_layout_ = layout(in, k_, n_, batch);
    rows_layout_ = layout(in, k_, m_, batch);
    out_layout_ = layout(CUDA_R_16BF, n_, m_, batch);
    find_algorithms();
    take_memory(c);
  }

  void launch(int copy, cudaStream_t stream) override {
    const auto at = static_cast<std::size_t>(copy);
    const float one = 1.0F;
    const float zero = 0.0F;
    const cublasLtMatmulHeuristicResult_t& chosen = found_[static_cast<std::size_t>(selected_)];
    PROBE_CUDA(cublasLtMatmul(device_.lt, product_.get(), &one, weights_[at], weights_layout_.get(), rows_[at],
                              rows_layout_.get(), &zero, out_[at], out_layout_.get(), out_[at], out_layout_.get(),
                              &chosen.algo, workspace_, workspace_bytes_, stream));
  }

  [[nodiscard]] int copies() const override { return static_cast<int>(rows_.size()); }
  [[nodiscard]] std::size_t set_bytes() const override { return input_bytes() + output_bytes(); }
  [[nodiscard]] int alternatives() const override { return count_; }
  void select(int index) override { selected_ = index; }

  [[nodiscard]] Algorithm algorithm() const override {
    const cublasLtMatmulAlgo_t& algo = found_[static_cast<std::size_t>(selected_)].algo;
    const auto attribute = [&](cublasLtMatmulAlgoConfigAttributes_t name, std::size_t bytes) {
      std::uint32_t value = 0;
      std::size_t written = 0;
      PROBE_CUDA(cublasLtMatmulAlgoConfigGetAttribute(&algo, name, &value, bytes, &written));
      return static_cast<int>(value);
    };
    Algorithm a;
    a.name = "cublaslt";
    a.id = attribute(CUBLASLT_ALGO_CONFIG_ID, 4);
    a.tile = attribute(CUBLASLT_ALGO_CONFIG_TILE_ID, 4);
    a.stages = attribute(CUBLASLT_ALGO_CONFIG_STAGES_ID, 4);
    a.split_k = attribute(CUBLASLT_ALGO_CONFIG_SPLITK_NUM, 4);
    a.swizzle = attribute(CUBLASLT_ALGO_CONFIG_CTA_SWIZZLING, 4);
    a.inner = attribute(CUBLASLT_ALGO_CONFIG_INNER_SHAPE_ID, 2);
    a.cluster = attribute(CUBLASLT_ALGO_CONFIG_CLUSTER_SHAPE_ID, 2);
    return a;
  }

  Check check(cudaStream_t stream) override {
    launch(0, stream);
    // A sample is (row, column) of one element of the batch; rows and columns are counted over the whole batch.
    std::vector<std::int64_t> rows = sample_indices(batch_ * m_, kSamples, 1);
    std::vector<std::int64_t> cols = sample_indices(n_, kSamples, 2);
    std::vector<std::int64_t> weight_rows;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      weight_rows.push_back(rows[i] / m_ * n_ + cols[i]);
    }
    const DeviceBuffer d_rows = to_device(rows);
    const DeviceBuffer d_cols = to_device(weight_rows);
    const DeviceBuffer d_want(rows.size() * sizeof(double));
    reference_products(rows_[0], weights_[0], fp8_ ? Element::kFp8 : Element::kBf16, k_, d_rows.as<std::int64_t>(),
                       d_cols.as<std::int64_t>(), kSamples, d_want.as<double>(), stream);
    PROBE_CUDA(cudaGetLastError());
    PROBE_CUDA(cudaStreamSynchronize(stream));
    std::vector<double> got;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto* at = static_cast<const std::uint16_t*>(out_[0]) + rows[i] * n_ + cols[i];
      got.push_back(bf16_value(to_host<std::uint16_t>(at, 1)[0]));
    }
    return {relative_error(got, to_host<double>(d_want.get(), rows.size())), fp8_ ? kFp8Tolerance : kBf16Tolerance,
            kSamples};
  }

 private:
  [[nodiscard]] std::size_t input_bytes() const {
    return static_cast<std::size_t>(batch_ * (m_ + n_) * k_) * (fp8_ ? 1 : 2);
  }
  [[nodiscard]] std::size_t output_bytes() const { return static_cast<std::size_t>(batch_ * m_ * n_) * 2; }

  void find_algorithms() {
    cublasLtMatmulPreference_t made = nullptr;
    PROBE_CUDA(cublasLtMatmulPreferenceCreate(&made));
    const Handle<cublasLtMatmulPreferenceOpaque_t> preference(made);
    workspace_bytes_ = device_.pools.workspace.size();
    PROBE_CUDA(cublasLtMatmulPreferenceSetAttribute(made, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &workspace_bytes_,
                                                    sizeof workspace_bytes_));
    const cublasStatus_t status =
        cublasLtMatmulAlgoGetHeuristic(device_.lt, product_.get(), weights_layout_.get(), rows_layout_.get(),
                                       out_layout_.get(), out_layout_.get(), made, kHeuristics, found_.data(), &count_);
    if (status == CUBLAS_STATUS_NOT_SUPPORTED || (status == CUBLAS_STATUS_SUCCESS && count_ == 0)) {
      throw NotSupported("cuBLASLt has no algorithm for this product");
    }
    PROBE_CUDA(status);
    const auto usable = [](const cublasLtMatmulHeuristicResult_t& r) { return r.state == CUBLAS_STATUS_SUCCESS; };
    count_ = static_cast<int>(std::stable_partition(found_.begin(), found_.begin() + count_, usable) - found_.begin());
    if (count_ == 0) {
      throw NotSupported("cuBLASLt has no algorithm for this product");
    }
  }

  void take_memory(const Case& c) {
    Pool& inputs = device_.pools.inputs(c.dtype);
    workspace_ = device_.pools.workspace.get();  // shared by the products of a layer: they run one after the other
    const int copies = std::min(device_.copies_of(input_bytes(), inputs.left()),
                                device_.copies_of(output_bytes(), device_.pools.out.left()));
    const std::size_t element = fp8_ ? 1 : 2;
    for (int i = 0; i < copies; ++i) {
      weights_.push_back(inputs.take(static_cast<std::size_t>(batch_ * n_ * k_) * element));
      rows_.push_back(inputs.take(static_cast<std::size_t>(batch_ * m_ * k_) * element));
      out_.push_back(device_.pools.out.take(output_bytes()));
    }
  }

  Device& device_;
  std::int64_t m_, n_, k_, batch_;
  bool fp8_;
  Handle<cublasLtMatmulDescOpaque_t> product_;
  Handle<cublasLtMatrixLayoutOpaque_t> weights_layout_, rows_layout_, out_layout_;
  std::array<cublasLtMatmulHeuristicResult_t, kHeuristics> found_{};
  int count_ = 0;
  int selected_ = 0;
  std::vector<const void*> weights_, rows_;
  std::vector<void*> out_;
  void* workspace_ = nullptr;
  std::size_t workspace_bytes_ = 0;
};

}  // namespace

std::unique_ptr<Kernel> make_gemm(Device& device, const Case& c) {
  return std::make_unique<GemmLt>(device, c);
}

}  // namespace aifactory::probe

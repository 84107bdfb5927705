#include "tools/probe/lt_product.h"

#include <algorithm>

#include "tools/probe/compare.h"
#include "tools/probe/kernels/reference.h"

namespace aifactory::probe {
namespace {

LtHandle<cublasLtMatrixLayoutOpaque_t> layout(cudaDataType_t type, std::int64_t rows, std::int64_t cols,
                                              std::int64_t batch) {
  cublasLtMatrixLayout_t made = nullptr;
  PROBE_CUDA(cublasLtMatrixLayoutCreate(&made, type, static_cast<std::uint64_t>(rows), static_cast<std::uint64_t>(cols),
                                        rows));
  LtHandle<cublasLtMatrixLayoutOpaque_t> owned(made);
  const auto count = static_cast<std::int32_t>(batch);
  const std::int64_t stride = rows * cols;
  PROBE_CUDA(cublasLtMatrixLayoutSetAttribute(made, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, &count, sizeof count));
  PROBE_CUDA(
      cublasLtMatrixLayoutSetAttribute(made, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, &stride, sizeof stride));
  return owned;
}

}  // namespace

LtProduct::LtProduct(cublasLtHandle_t lt, const Shape& s, std::size_t workspace_bytes)
    : lt_(lt), workspace_bytes_(workspace_bytes) {
  const cudaDataType_t in = s.fp8 ? CUDA_R_8F_E4M3 : CUDA_R_16BF;
  cublasLtMatmulDesc_t product = nullptr;
  PROBE_CUDA(cublasLtMatmulDescCreate(&product, CUBLAS_COMPUTE_32F, CUDA_R_32F));
  product_.reset(product);
  const cublasOperation_t transposed = CUBLAS_OP_T;
  PROBE_CUDA(cublasLtMatmulDescSetAttribute(product, CUBLASLT_MATMUL_DESC_TRANSA, &transposed, sizeof transposed));
  if (s.fp8) {
    const std::int8_t fast = 1;
    PROBE_CUDA(cublasLtMatmulDescSetAttribute(product, CUBLASLT_MATMUL_DESC_FAST_ACCUM, &fast, sizeof fast));
  }
  // cuBLAS counts columns first: its A is our weights, its B our activations, its D our result, all transposed.
  weights_layout_ = layout(in, s.k, s.n, s.batch);
  rows_layout_ = layout(in, s.k, s.m, s.batch);
  out_layout_ = layout(CUDA_R_16BF, s.n, s.m, s.batch);

  cublasLtMatmulPreference_t made = nullptr;
  PROBE_CUDA(cublasLtMatmulPreferenceCreate(&made));
  const LtHandle<cublasLtMatmulPreferenceOpaque_t> preference(made);
  PROBE_CUDA(cublasLtMatmulPreferenceSetAttribute(made, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &workspace_bytes_,
                                                  sizeof workspace_bytes_));
  const cublasStatus_t status =
      cublasLtMatmulAlgoGetHeuristic(lt, product, weights_layout_.get(), rows_layout_.get(), out_layout_.get(),
                                     out_layout_.get(), made, kHeuristics, found_.data(), &count_);
  if (status != CUBLAS_STATUS_NOT_SUPPORTED) {
    PROBE_CUDA(status);
  }
  const auto usable = [](const cublasLtMatmulHeuristicResult_t& r) { return r.state == CUBLAS_STATUS_SUCCESS; };
  count_ =
      status == CUBLAS_STATUS_SUCCESS
          ? static_cast<int>(std::stable_partition(found_.begin(), found_.begin() + count_, usable) - found_.begin())
          : 0;
  if (count_ == 0) {
    throw NotSupported("cuBLASLt has no algorithm for this product");
  }
}

void LtProduct::launch(const void* weights, const void* rows, void* out, void* workspace, cudaStream_t stream) const {
  const float one = 1.0F;
  const float zero = 0.0F;
  PROBE_CUDA(cublasLtMatmul(lt_, product_.get(), &one, weights, weights_layout_.get(), rows, rows_layout_.get(), &zero,
                            out, out_layout_.get(), out, out_layout_.get(),
                            &found_[static_cast<std::size_t>(selected_)].algo, workspace, workspace_bytes_, stream));
}

Algorithm LtProduct::algorithm() const {
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

double error_of_products(const SampledProducts& p, const std::vector<std::int64_t>& rows,
                         const std::vector<std::int64_t>& cols, const std::vector<std::int64_t>& weight_rows,
                         cudaStream_t stream) {
  const DeviceBuffer d_rows = to_device(rows);
  const DeviceBuffer d_weight_rows = to_device(weight_rows);
  const DeviceBuffer d_want(rows.size() * sizeof(double));
  reference_products(p.rows, p.weights, p.fp8 ? Element::kFp8 : Element::kBf16, p.k, d_rows.as<std::int64_t>(),
                     d_weight_rows.as<std::int64_t>(), static_cast<int>(rows.size()), d_want.as<double>(), stream);
  PROBE_CUDA(cudaGetLastError());
  PROBE_CUDA(cudaStreamSynchronize(stream));
  std::vector<double> got;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto* at = static_cast<const std::uint16_t*>(p.out) + rows[i] * p.n + cols[i];
    got.push_back(bf16_value(to_host<std::uint16_t>(at, 1)[0]));
  }
  return relative_error(got, to_host<double>(d_want.get(), rows.size()));
}

}  // namespace aifactory::probe

// cuBLAS and cuBLASLt as their documentation describes them: descriptors, alignment, workspaces.
#include <cublasLt.h>
#include <cublas_v2.h>

#include <cstring>

#include "tests/unit/tools/probe_dry_run/fake_device.h"

namespace {

using aifactory::probe::fake::Device;

constexpr int kAlgorithms = 8;

struct Layout {
  cudaDataType_t type;
  std::uint64_t rows, cols;
  std::int64_t ld;
  std::int32_t batch = 1;
  std::int64_t stride = 0;

  [[nodiscard]] std::size_t element() const { return type == CUDA_R_8F_E4M3 ? 1 : 2; }
  [[nodiscard]] std::size_t bytes() const {
    return (static_cast<std::size_t>(batch - 1) * static_cast<std::size_t>(stride) +
            static_cast<std::size_t>(ld) * static_cast<std::size_t>(cols)) *
           element();
  }
};
struct Product {
  bool transposed_a = false;
};
template <class T, class Opaque>
T& of(Opaque* handle) {
  return *reinterpret_cast<T*>(const_cast<std::remove_const_t<Opaque>*>(handle));
}
void require(bool holds, const char* what) {
  if (!holds) {
    Device::get().fault(what);
  }
}

// D[n, m] = A[k, n]^T B[k, m] in columns: what the probe's products are.
void require_sound(const Product& p, const Layout& a, const Layout& b, const Layout& d) {
  require(p.transposed_a && a.rows == b.rows && d.rows == a.cols && d.cols == b.cols, "a product of unequal shapes");
  require(a.batch == b.batch && a.batch == d.batch, "a product of unequal batches");
  require(a.type == b.type && d.type == CUDA_R_16BF, "a product of other formats");
  if (a.type == CUDA_R_8F_E4M3) {
    require(a.ld % 16 == 0 && b.ld % 16 == 0 && d.ld * 2 % 16 == 0 && a.rows % 16 == 0 && a.cols % 16 == 0,
            "an fp8 product whose dimensions are no multiples of 16 bytes");
  }
}

}  // namespace

extern "C" {

cublasStatus_t cublasCreate_v2(cublasHandle_t* handle) {
  *handle = nullptr;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasDestroy_v2(cublasHandle_t) {
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasSetStream_v2(cublasHandle_t, cudaStream_t) {
  Device::get().workspace_set = false;  // the documentation: the workspace is reset unconditionally
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasSetWorkspace_v2(cublasHandle_t, void* at, std::size_t bytes) {
  require(at != nullptr && bytes > 0, "a workspace of nothing");
  Device::get().workspace_set = true;
  return CUBLAS_STATUS_SUCCESS;
}
const char* cublasGetStatusName(cublasStatus_t) {
  return "made up";
}
cublasStatus_t cublasGemmGroupedBatchedEx(cublasHandle_t, const cublasOperation_t*, const cublasOperation_t*,
                                          const int* m, const int* n, const int* k, const void*,
                                          const void* const* weights, cudaDataType_t, const int* lda,
                                          const void* const* inputs, cudaDataType_t, const int* ldb, const void*,
                                          void* const* outputs, cudaDataType_t, const int* ldc, int groups,
                                          const int* sizes, cublasComputeType_t) {
  Device& device = Device::get();
  require(device.workspace_set, "a grouped product without a workspace of its own");
  const auto count = static_cast<std::size_t>(groups);
  const auto a = device.uploaded<const void*>(weights, count);
  const auto b = device.uploaded<const void*>(inputs, count);
  const auto c = device.uploaded<void*>(outputs, count);
  std::vector<aifactory::probe::fake::Extent> extents;
  for (std::size_t g = 0; g < count; ++g) {
    require(sizes[g] == 1 && n[g] > 0 && lda[g] == k[g] && ldb[g] == k[g] && ldc[g] == m[g], "an odd group");
    const auto bytes = [](int rows, int cols) {
      return static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols) * 2;
    };
    extents.push_back({a[g], bytes(m[g], k[g]), 16});
    extents.push_back({b[g], bytes(n[g], k[g]), 16});
    extents.push_back({c[g], bytes(n[g], m[g]), 16});
  }
  device.launch(device.capturing, "a grouped product", extents);
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtCreate(cublasLtHandle_t* handle) {
  *handle = nullptr;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtDestroy(cublasLtHandle_t) {
  return CUBLAS_STATUS_SUCCESS;
}
std::size_t cublasLtGetVersion() {
  return 130000;
}
cublasStatus_t cublasLtMatmulDescCreate(cublasLtMatmulDesc_t* made, cublasComputeType_t, cudaDataType_t) {
  *made = reinterpret_cast<cublasLtMatmulDesc_t>(new Product);
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t d) {
  delete &of<Product>(d);
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t d, cublasLtMatmulDescAttributes_t what,
                                              const void* value, std::size_t bytes) {
  if (what == CUBLASLT_MATMUL_DESC_TRANSA) {
    of<Product>(d).transposed_a = *static_cast<const cublasOperation_t*>(value) == CUBLAS_OP_T;
  } else {
    require(what == CUBLASLT_MATMUL_DESC_FAST_ACCUM && bytes == 1, "an attribute of another size");
  }
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t* made, cudaDataType type, std::uint64_t rows,
                                          std::uint64_t cols, std::int64_t ld) {
  *made = reinterpret_cast<cublasLtMatrixLayout_t>(new Layout{type, rows, cols, ld});
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t layout) {
  delete &of<Layout>(layout);
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatrixLayoutSetAttribute(cublasLtMatrixLayout_t layout, cublasLtMatrixLayoutAttribute_t what,
                                                const void* value, std::size_t bytes) {
  if (what == CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT) {
    require(bytes == sizeof(std::int32_t), "a batch count of another size");
    std::memcpy(&of<Layout>(layout).batch, value, bytes);
  } else {
    require(what == CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET && bytes == sizeof(std::int64_t), "an odd attribute");
    std::memcpy(&of<Layout>(layout).stride, value, bytes);
  }
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t* made) {
  *made = reinterpret_cast<cublasLtMatmulPreference_t>(new char);
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t made) {
  delete reinterpret_cast<char*>(made);
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t, cublasLtMatmulPreferenceAttributes_t,
                                                    const void*, std::size_t bytes) {
  require(bytes == sizeof(std::uint64_t), "a workspace limit of another size");
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t, cublasLtMatmulDesc_t product, cublasLtMatrixLayout_t a,
                                              cublasLtMatrixLayout_t b, cublasLtMatrixLayout_t,
                                              cublasLtMatrixLayout_t d, cublasLtMatmulPreference_t, int asked,
                                              cublasLtMatmulHeuristicResult_t results[], int* found) {
  Device::get().refuse_in_capture("a heuristic");
  require_sound(of<Product>(product), of<Layout>(a), of<Layout>(b), of<Layout>(d));
  *found = asked < kAlgorithms ? asked : kAlgorithms;
  for (int i = 0; i < *found; ++i) {
    results[i] = {};
    results[i].state = i == 0 ? CUBLAS_STATUS_NOT_SUPPORTED : CUBLAS_STATUS_SUCCESS;  // the first must be passed over
    results[i].algo.data[0] = static_cast<std::uint64_t>(i);
  }
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulAlgoConfigGetAttribute(const cublasLtMatmulAlgo_t*, cublasLtMatmulAlgoConfigAttributes_t,
                                                    void* value, std::size_t bytes, std::size_t* written) {
  std::memset(value, 0, bytes);
  *written = bytes;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmul(cublasLtHandle_t, cublasLtMatmulDesc_t product, const void*, const void* a,
                              cublasLtMatrixLayout_t a_layout, const void* b, cublasLtMatrixLayout_t b_layout,
                              const void*, const void* c, cublasLtMatrixLayout_t c_layout, void* d,
                              cublasLtMatrixLayout_t d_layout, const cublasLtMatmulAlgo_t* algo, void* workspace,
                              std::size_t workspace_bytes, cudaStream_t stream) {
  require_sound(of<Product>(product), of<Layout>(a_layout), of<Layout>(b_layout), of<Layout>(d_layout));
  require(algo->data[0] != 0, "an algorithm that the heuristic marked as unusable");
  Device::get().launch(stream, "a product",
                       {{a, of<Layout>(a_layout).bytes(), 16},
                        {b, of<Layout>(b_layout).bytes(), 16},
                        {c, of<Layout>(c_layout).bytes(), 16},
                        {d, of<Layout>(d_layout).bytes(), 16},
                        {workspace, workspace_bytes, 256}});
  return CUBLAS_STATUS_SUCCESS;
}

}  // extern "C"

// One matrix product through cuBLASLt: out[m, n] = rows[m, k] weights[n, k]^T, bf16 or fp8 (e4m3) in, bf16 out, all
// contiguous along k; `batch` of them with packed strides.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "tools/probe/kernel.h"

namespace aifactory::probe {

struct LtDeleter {
  void operator()(cublasLtMatmulDescOpaque_t* d) const { static_cast<void>(cublasLtMatmulDescDestroy(d)); }
  void operator()(cublasLtMatrixLayoutOpaque_t* d) const { static_cast<void>(cublasLtMatrixLayoutDestroy(d)); }
  void operator()(cublasLtMatmulPreferenceOpaque_t* d) const { static_cast<void>(cublasLtMatmulPreferenceDestroy(d)); }
};
template <class T>
using LtHandle = std::unique_ptr<T, LtDeleter>;

class LtProduct {
 public:
  struct Shape {
    std::int64_t m = 1, n = 1, k = 1, batch = 1;
    bool fp8 = false;
  };
  // Asks for the library's choices. Throws NotSupported when it has none within `workspace_bytes`.
  LtProduct(cublasLtHandle_t lt, const Shape& shape, std::size_t workspace_bytes);

  // With the choice selected; `workspace` holds workspace_bytes.
  void launch(const void* weights, const void* rows, void* out, void* workspace, cudaStream_t stream) const;

  [[nodiscard]] int alternatives() const { return count_; }
  void select(int index) { selected_ = index; }
  [[nodiscard]] Algorithm algorithm() const;

 private:
  static constexpr int kHeuristics = 8;
  cublasLtHandle_t lt_;
  std::size_t workspace_bytes_;
  LtHandle<cublasLtMatmulDescOpaque_t> product_;
  LtHandle<cublasLtMatrixLayoutOpaque_t> weights_layout_, rows_layout_, out_layout_;
  std::array<cublasLtMatmulHeuristicResult_t, kHeuristics> found_{};
  int count_ = 0;
  int selected_ = 0;
};

// Of results in memory, sampled, against references in double precision: row r of `rows` times row `weight_rows[r]` of
// the weights; `out` has `n` columns, the one sampled in cols[r].
struct SampledProducts {
  const void* weights = nullptr;
  const void* rows = nullptr;
  const void* out = nullptr;
  std::int64_t n = 1, k = 1;
  bool fp8 = false;
};
double error_of_products(const SampledProducts& products, const std::vector<std::int64_t>& rows,
                         const std::vector<std::int64_t>& cols, const std::vector<std::int64_t>& weight_rows,
                         cudaStream_t stream);

// Of the result's root mean square. bf16: rounding at four sigma, twice; fp8: fast accumulation keeps fewer bits.
constexpr double product_tolerance(bool fp8) {
  return fp8 ? 0.06 : 0.02;
}

}  // namespace aifactory::probe

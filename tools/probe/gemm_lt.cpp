#include "tools/probe/gemm_lt.h"

#include <algorithm>

#include "tools/probe/compare.h"
#include "tools/probe/lt_product.h"

namespace aifactory::probe {
namespace {

constexpr int kSamples = 96;

class GemmLt : public Kernel {
 public:
  GemmLt(Device& device, const Case& c)
      : shape_{c.at("m"), c.at("n"), c.at("k"), c.get("batch", 1), c.dtype == "fp8"},
        product_(device.lt, shape_, device.pools.workspace.size()),
        workspace_(device.pools.workspace.get()) {  // shared by the products of a layer: they run one after the other
    Pool& inputs = device.pools.inputs(c.dtype);
    const int copies = std::min(device.copies_of(input_bytes(), inputs.left()),
                                device.copies_of(output_bytes(), device.pools.out.left()));
    for (int i = 0; i < copies; ++i) {
      weights_.push_back(inputs.take(bytes_of(shape_.n)));
      rows_.push_back(inputs.take(bytes_of(shape_.m)));
      out_.push_back(device.pools.out.take(output_bytes()));
    }
  }

  void launch(int copy, cudaStream_t stream) override {
    const auto at = static_cast<std::size_t>(copy);
    product_.launch(weights_[at], rows_[at], out_[at], workspace_, stream);
  }
  [[nodiscard]] int copies() const override { return static_cast<int>(rows_.size()); }
  [[nodiscard]] std::size_t set_bytes() const override { return input_bytes() + output_bytes(); }
  [[nodiscard]] int alternatives() const override { return product_.alternatives(); }
  void select(int index) override { product_.select(index); }
  [[nodiscard]] Algorithm algorithm() const override { return product_.algorithm(); }

  Check check(cudaStream_t stream) override {
    launch(0, stream);
    // A sample is (row, column) of one element of the batch; rows and columns are counted over the whole batch.
    const std::vector<std::int64_t> rows = sample_indices(shape_.batch * shape_.m, kSamples, 1);
    const std::vector<std::int64_t> cols = sample_indices(shape_.n, kSamples, 2);
    std::vector<std::int64_t> weight_rows;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      weight_rows.push_back(rows[i] / shape_.m * shape_.n + cols[i]);
    }
    return {error_of_products({weights_[0], rows_[0], out_[0], shape_.n, shape_.k, shape_.fp8}, rows, cols, weight_rows,
                              stream),
            product_tolerance(shape_.fp8), kSamples};
  }

 private:
  // Of an operand with `rows` rows of k elements.
  [[nodiscard]] std::size_t bytes_of(std::int64_t rows) const {
    return static_cast<std::size_t>(shape_.batch * rows * shape_.k) * (shape_.fp8 ? 1 : 2);
  }
  [[nodiscard]] std::size_t input_bytes() const { return bytes_of(shape_.m + shape_.n); }
  [[nodiscard]] std::size_t output_bytes() const {
    return static_cast<std::size_t>(shape_.batch * shape_.m * shape_.n) * 2;
  }

  LtProduct::Shape shape_;
  LtProduct product_;
  void* workspace_;
  std::vector<const void*> weights_, rows_;
  std::vector<void*> out_;
};

}  // namespace

std::unique_ptr<Kernel> make_gemm(Device& device, const Case& c) {
  return std::make_unique<GemmLt>(device, c);
}

}  // namespace aifactory::probe

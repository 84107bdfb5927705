#include "tools/probe/stream_kernels.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "tools/probe/compare.h"
#include "tools/probe/kernels/fill.h"
#include "tools/probe/kernels/stream.h"

namespace aifactory::probe {
namespace {

constexpr double kTolerance = 0.06;  // of the root mean square: half a unit of bf16 at fifteen times it
constexpr float kEpsilon = 1e-5F;
constexpr int kCheckedRows = 8;
constexpr std::size_t kBf16 = 2;

std::vector<double> row_of(const void* matrix, std::int64_t row, std::int64_t width) {
  const auto* at = static_cast<const std::uint16_t*>(matrix) + row * width;
  std::vector<double> values;
  for (const std::uint16_t bits : to_host<std::uint16_t>(at, static_cast<std::size_t>(width))) {
    values.push_back(bf16_value(bits));
  }
  return values;
}

// A kernel over rows: what it reads and writes a set, how to launch it, and what one row of its result should be.
struct RowKernel {
  std::vector<std::int64_t> inputs;   // elements of each input of one set
  std::vector<std::int64_t> outputs;  // of each output; the last is checked
  std::int64_t rows = 1, width = 1;   // of the checked output
  std::function<void(const std::vector<const void*>&, const std::vector<void*>&, cudaStream_t)> run;
  std::function<std::vector<double>(const std::vector<const void*>&, std::int64_t row)> expected;
};

class Rows : public Kernel {
 public:
  Rows(Device& device, RowKernel kernel) : kernel_(std::move(kernel)) {
    std::size_t in = 0;
    std::size_t out = 0;
    for (const std::int64_t n : kernel_.inputs) {
      in += static_cast<std::size_t>(n) * kBf16;
    }
    for (const std::int64_t n : kernel_.outputs) {
      out += static_cast<std::size_t>(n) * kBf16;
    }
    bytes_ = in + out;
    // Reads and writes count together for the cache, but each has to fit into its own pool.
    copies_ = std::min({device.copies_of(bytes_, device.pools.bf16.left() + device.pools.out.left()),
                        device.copies_of(std::max<std::size_t>(in, 1), device.pools.bf16.left()),
                        device.copies_of(std::max<std::size_t>(out, 1), device.pools.out.left())});
    for (int i = 0; i < copies_; ++i) {
      std::vector<const void*> inputs;
      std::vector<void*> outputs;
      for (const std::int64_t n : kernel_.inputs) {
        inputs.push_back(device.pools.bf16.take(static_cast<std::size_t>(n) * kBf16));
      }
      for (const std::int64_t n : kernel_.outputs) {
        outputs.push_back(device.pools.out.take(static_cast<std::size_t>(n) * kBf16));
      }
      inputs_.push_back(std::move(inputs));
      outputs_.push_back(std::move(outputs));
    }
  }

  void launch(int copy, cudaStream_t stream) override {
    const auto at = static_cast<std::size_t>(copy);
    kernel_.run(inputs_[at], outputs_[at], stream);
    PROBE_CUDA(cudaGetLastError());
  }
  [[nodiscard]] int copies() const override { return copies_; }
  [[nodiscard]] std::size_t set_bytes() const override { return bytes_; }

  Check check(cudaStream_t stream) override {
    launch(0, stream);
    PROBE_CUDA(cudaStreamSynchronize(stream));
    std::vector<double> got;
    std::vector<double> want;
    for (const std::int64_t row : sample_indices(kernel_.rows, kCheckedRows, 5)) {
      const std::vector<double> values = row_of(outputs_[0].back(), row, kernel_.width);
      const std::vector<double> expected = kernel_.expected(inputs_[0], row);
      got.insert(got.end(), values.begin(), values.end());
      want.insert(want.end(), expected.begin(), expected.end());
    }
    return {relative_error(got, want), kTolerance, static_cast<int>(got.size())};
  }

 private:
  RowKernel kernel_;
  std::size_t bytes_ = 0;
  int copies_ = 1;
  std::vector<std::vector<const void*>> inputs_;
  std::vector<std::vector<void*>> outputs_;
};

constexpr std::int64_t kFlatRow = 1024;  // elements in a "row" of copy and add

RowKernel copy_of(const Case& c) {
  RowKernel k;
  const std::int64_t bytes = c.at("bytes");
  k.inputs = {bytes / 2};
  k.outputs = {bytes / 2};
  k.rows = bytes / 2 / kFlatRow;
  k.width = kFlatRow;
  k.run = [bytes](const auto& in, const auto& out, cudaStream_t s) { copy_bytes(in[0], out[0], bytes, s); };
  k.expected = [](const auto& in, std::int64_t row) { return row_of(in[0], row, kFlatRow); };
  return k;
}

RowKernel add_of(const Case& c) {
  RowKernel k = copy_of(c);
  const std::int64_t elements = c.at("bytes") / 2;
  k.inputs = {elements, elements};
  k.run = [elements](const auto& in, const auto& out, cudaStream_t s) { add_bf16(in[0], in[1], out[0], elements, s); };
  k.expected = [](const auto& in, std::int64_t row) {
    std::vector<double> sum = row_of(in[0], row, kFlatRow);
    const std::vector<double> other = row_of(in[1], row, kFlatRow);
    for (std::size_t i = 0; i < sum.size(); ++i) {
      sum[i] += other[i];
    }
    return sum;
  };
  return k;
}

RowKernel norm_of(const Case& c) {
  RowKernel k;
  const std::int64_t rows = c.at("rows");
  const std::int64_t hidden = c.at("hidden");
  k.inputs = {rows * hidden, rows * hidden, hidden};
  k.outputs = {rows * hidden, rows * hidden};
  k.rows = rows;
  k.width = hidden;
  k.run = [rows, hidden](const auto& in, const auto& out, cudaStream_t s) {
    rms_norm(in[0], in[1], in[2], out[0], out[1], static_cast<int>(rows), static_cast<int>(hidden), kEpsilon, s);
  };
  k.expected = [hidden](const auto& in, std::int64_t row) {
    std::vector<double> x = row_of(in[0], row, hidden);
    const std::vector<double> residual = row_of(in[1], row, hidden);
    const std::vector<double> weight = row_of(in[2], 0, hidden);
    double squares = 0.0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      x[i] += residual[i];
      squares += x[i] * x[i];
    }
    const double scale = 1.0 / std::sqrt(squares / static_cast<double>(hidden) + static_cast<double>(kEpsilon));
    for (std::size_t i = 0; i < x.size(); ++i) {
      x[i] *= scale * weight[i];
    }
    return x;
  };
  return k;
}

RowKernel activation_of(const Case& c) {
  RowKernel k;
  const std::int64_t rows = c.at("rows");
  const std::int64_t inter = c.at("inter");
  k.inputs = {2 * rows * inter};
  k.outputs = {rows * inter};
  k.rows = rows;
  k.width = inter;
  k.run = [rows, inter](const auto& in, const auto& out, cudaStream_t s) {
    silu_mul(in[0], out[0], static_cast<int>(rows), static_cast<int>(inter), s);
  };
  k.expected = [inter](const auto& in, std::int64_t row) {
    const std::vector<double> gate = row_of(in[0], 2 * row, inter);
    std::vector<double> x = row_of(in[0], 2 * row + 1, inter);
    for (std::size_t i = 0; i < x.size(); ++i) {
      x[i] *= gate[i] / (1.0 + std::exp(-gate[i]));
    }
    return x;
  };
  return k;
}

// One table, as a model has; what rotates are the rows looked up, every set's its own.
class Embedding : public Kernel {
 public:
  Embedding(Device& device, const Case& c) : rows_(c.at("rows")), hidden_(c.at("hidden")) {
    const auto row = static_cast<std::size_t>(hidden_) * kBf16;
    const std::size_t out = static_cast<std::size_t>(rows_) * row;
    bytes_ = 2 * out;
    table_ = device.pools.bf16.take(static_cast<std::size_t>(c.at("vocab")) * row);
    copies_ =
        std::min(device.copies_of(bytes_, 2 * device.pools.out.left()), device.copies_of(out, device.pools.out.left()));
    const auto ids = static_cast<std::size_t>(copies_) * static_cast<std::size_t>(rows_);
    ids_ = DeviceBuffer(ids * sizeof(std::int32_t));
    fill_indices(ids_.as<std::int32_t>(), ids, static_cast<std::int32_t>(c.at("vocab")), 6, nullptr);
    PROBE_CUDA(cudaGetLastError());
    PROBE_CUDA(cudaStreamSynchronize(nullptr));
    for (int i = 0; i < copies_; ++i) {
      outputs_.push_back(device.pools.out.take(out));
    }
  }

  void launch(int copy, cudaStream_t stream) override {
    embed(table_, ids_of(copy), outputs_[static_cast<std::size_t>(copy)], static_cast<int>(rows_),
          static_cast<int>(hidden_), stream);
    PROBE_CUDA(cudaGetLastError());
  }
  [[nodiscard]] int copies() const override { return copies_; }
  [[nodiscard]] std::size_t set_bytes() const override { return bytes_; }

  Check check(cudaStream_t stream) override {
    launch(0, stream);
    PROBE_CUDA(cudaStreamSynchronize(stream));
    std::vector<double> got;
    std::vector<double> want;
    for (const std::int64_t row : sample_indices(rows_, kCheckedRows, 5)) {
      const std::vector<double> values = row_of(outputs_[0], row, hidden_);
      const std::vector<double> expected = row_of(table_, to_host<std::int32_t>(ids_of(0) + row, 1)[0], hidden_);
      got.insert(got.end(), values.begin(), values.end());
      want.insert(want.end(), expected.begin(), expected.end());
    }
    return {relative_error(got, want), 0.0, static_cast<int>(got.size())};
  }

 private:
  [[nodiscard]] const std::int32_t* ids_of(int copy) const { return ids_.as<std::int32_t>() + copy * rows_; }

  std::int64_t rows_, hidden_;
  std::size_t bytes_ = 0;
  int copies_ = 1;
  const void* table_ = nullptr;
  DeviceBuffer ids_;
  std::vector<void*> outputs_;
};

class Launch : public Kernel {
 public:
  void launch(int, cudaStream_t stream) override {
    empty_kernel(stream);
    PROBE_CUDA(cudaGetLastError());
  }
  [[nodiscard]] int copies() const override { return 1; }
  [[nodiscard]] std::size_t set_bytes() const override { return 0; }
  Check check(cudaStream_t) override { return {0.0, 0.0, 0}; }
};

}  // namespace

std::unique_ptr<Kernel> make_stream(Device& device, const Case& c) {
  if (c.op == "copy") {
    return std::make_unique<Rows>(device, copy_of(c));
  }
  if (c.op == "add") {
    return std::make_unique<Rows>(device, add_of(c));
  }
  if (c.op == "rmsnorm") {
    return std::make_unique<Rows>(device, norm_of(c));
  }
  return std::make_unique<Rows>(device, activation_of(c));
}

std::unique_ptr<Kernel> make_embedding(Device& device, const Case& c) {
  return std::make_unique<Embedding>(device, c);
}

std::unique_ptr<Kernel> make_launch(Device&, const Case&) {
  return std::make_unique<Launch>();
}

}  // namespace aifactory::probe

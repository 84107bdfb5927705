#include <algorithm>
#include <cmath>

#include "tools/probe/compare.h"
#include "tools/probe/kernels/sampling.h"
#include "tools/probe/stream_kernels.h"

namespace aifactory::probe {
namespace {

constexpr float kTopP = 0.9F;
constexpr std::uint64_t kSeed = 7;
constexpr int kCheckedRows = 8;
constexpr double kBinWidth = 1.0 / 1024.0;  // twice the width of a fine bin: the edge of the nucleus is that sharp

class Sample : public Kernel {
 public:
  Sample(Device& device, const Case& c) : rows_(c.at("rows")), vocab_(c.at("vocab")) {
    const auto row = static_cast<std::size_t>(rows_);
    bytes_ = row * static_cast<std::size_t>(vocab_) * 2;
    copies_ = device.copies_of(bytes_, device.pools.bf16.left());
    for (int i = 0; i < copies_; ++i) {
      logits_.push_back(device.pools.bf16.take(bytes_));
    }
    drawn_ = static_cast<std::int32_t*>(device.pools.out.take(row * sizeof(std::int32_t)));
    best_ = static_cast<std::int32_t*>(device.pools.out.take(row * sizeof(std::int32_t)));
  }

  void launch(int copy, cudaStream_t stream) override {
    sample_top_p(logits_[static_cast<std::size_t>(copy)], static_cast<int>(rows_), static_cast<int>(vocab_), kTopP,
                 kSeed, drawn_, best_, stream);
    PROBE_CUDA(cudaGetLastError());
  }
  [[nodiscard]] int copies() const override { return copies_; }
  [[nodiscard]] std::size_t set_bytes() const override { return bytes_; }

  // Error 0 when every checked row's best token is the largest logit and its drawn token lies in the exact nucleus.
  Check check(cudaStream_t stream) override {
    PROBE_CUDA(cudaMemsetAsync(drawn_, 0xff, static_cast<std::size_t>(rows_) * sizeof(std::int32_t), stream));
    launch(0, stream);
    PROBE_CUDA(cudaStreamSynchronize(stream));
    const auto drawn = to_host<std::int32_t>(drawn_, static_cast<std::size_t>(rows_));
    const auto best = to_host<std::int32_t>(best_, static_cast<std::size_t>(rows_));
    double wrong = 0.0;
    for (const std::int64_t row : sample_indices(rows_, kCheckedRows, 8)) {
      const auto* at = static_cast<const std::uint16_t*>(logits_[0]) + row * vocab_;
      std::vector<double> logits;
      for (const std::uint16_t bits : to_host<std::uint16_t>(at, static_cast<std::size_t>(vocab_))) {
        logits.push_back(bf16_value(bits));
      }
      const std::int32_t token = drawn[static_cast<std::size_t>(row)];
      const std::int32_t top = best[static_cast<std::size_t>(row)];
      const bool in_range = token >= 0 && token < vocab_ && top >= 0 && top < vocab_;
      const double threshold = nucleus_threshold(logits);
      if (!in_range || logits[static_cast<std::size_t>(token)] < threshold - kBinWidth ||
          logits[static_cast<std::size_t>(top)] < *std::max_element(logits.begin(), logits.end())) {
        wrong += 1.0;
      }
    }
    return {wrong / kCheckedRows, 0.0, kCheckedRows};
  }

 private:
  // The smallest logit of the nucleus, by sorting.
  static double nucleus_threshold(std::vector<double> logits) {
    std::sort(logits.rbegin(), logits.rend());
    double total = 0.0;
    for (const double x : logits) {
      total += std::exp(x - logits.front());
    }
    double mass = 0.0;
    for (const double x : logits) {
      mass += std::exp(x - logits.front());
      if (mass >= static_cast<double>(kTopP) * total) {
        return x;
      }
    }
    return logits.back();
  }

  std::int64_t rows_, vocab_;
  std::size_t bytes_ = 0;
  int copies_ = 1;
  std::vector<const void*> logits_;
  std::int32_t* drawn_ = nullptr;
  std::int32_t* best_ = nullptr;
};

}  // namespace

std::unique_ptr<Kernel> make_sample(Device& device, const Case& c) {
  return std::make_unique<Sample>(device, c);
}

}  // namespace aifactory::probe

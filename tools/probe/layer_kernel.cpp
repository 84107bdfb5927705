#include "tools/probe/layer_kernel.h"

#include <algorithm>

namespace aifactory::probe {
namespace {

class Layer : public Kernel {
 public:
  Layer(Device& device, const Case& c) {
    for (const Case& part : c.parts) {
      parts_.push_back(make_kernel(device, part));
      bytes_ += parts_.back()->set_bytes();
      copies_ = std::max(copies_, parts_.back()->copies());
    }
    // The parts displace each other from the cache: no more sets are needed than keep the whole sequence cold.
    const std::size_t l2 = static_cast<std::size_t>(device.properties.l2CacheSize);
    const std::size_t enough = std::max<std::size_t>(2, 3 * l2 / std::max<std::size_t>(bytes_, 1) + 1);
    copies_ = std::min(copies_, static_cast<int>(enough));
  }

  void launch(int copy, cudaStream_t stream) override {
    for (const std::unique_ptr<Kernel>& part : parts_) {
      part->launch(copy % part->copies(), stream);
    }
  }
  [[nodiscard]] int copies() const override { return copies_; }
  [[nodiscard]] std::size_t set_bytes() const override { return bytes_; }

  Check check(cudaStream_t stream) override {
    Check worst{0.0, 1.0, 0};
    for (const std::unique_ptr<Kernel>& part : parts_) {
      const Check one = part->check(stream);
      worst.elements += one.elements;
      if (!one.ok()) {
        return one;
      }
      const double share = one.tolerance > 0.0 ? one.error / one.tolerance : 0.0;
      worst.error = std::max(worst.error, share);  // in tolerances
    }
    return worst;
  }

 private:
  std::vector<std::unique_ptr<Kernel>> parts_;
  std::size_t bytes_ = 0;
  int copies_ = 1;
};

}  // namespace

std::unique_ptr<Kernel> make_layer(Device& device, const Case& c) {
  return std::make_unique<Layer>(device, c);
}

}  // namespace aifactory::probe

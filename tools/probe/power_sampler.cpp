#include "tools/probe/power_sampler.h"

#include <chrono>

namespace aifactory::probe {

namespace {
constexpr std::chrono::milliseconds kPeriod{20};
}

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

PowerSampler::PowerSampler(const Nvml* nvml) : nvml_(nvml) {
  if (nvml_ != nullptr) {
    thread_ = std::thread([this] { run(); });
  }
}

PowerSampler::~PowerSampler() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stop_ = true;
  }
  stopped_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
  }
}

WindowReading PowerSampler::window(double begin, double end) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return read_window(series_, begin, end);
}

void PowerSampler::run() {
  auto next = std::chrono::steady_clock::now();
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stop_) {
    lock.unlock();  // a driver call takes up to milliseconds
    const TimedReading reading{steady_seconds(), nvml_->read()};
    lock.lock();
    series_.push_back(reading);
    next += kPeriod;
    stopped_.wait_until(lock, next, [this] { return stop_; });
  }
}

}  // namespace aifactory::probe

#include "tools/aifactory/progress_bar.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace aifactory {

void ProgressBar::update(std::string_view stage, double fraction) {
  const double clamped = std::clamp(fraction, 0.0, 1.0);
  if (style_ == ProgressStyle::kLines) {
    const int tenths = static_cast<int>(clamped * 10.0);
    if (tenths > tenths_) {
      tenths_ = tenths;
      fmt::print(stderr, "{:3d} % {}\n", tenths * 10, stage);
    }
    return;
  }
  if (style_ == ProgressStyle::kNone) {
    return;
  }
  const auto now = std::chrono::steady_clock::now();
  constexpr std::chrono::milliseconds kRedraw{50};
  if (drawn_ && now - last_ < kRedraw) {
    return;
  }
  last_ = now;
  drawn_ = true;
  constexpr int kWidth = 30;
  const int filled = static_cast<int>(clamped * kWidth);
  fmt::print(stderr, "\r\x1b[K[{:#<{}}{:-<{}}] {:3.0f} % {}", "", filled, "", kWidth - filled, clamped * 100.0, stage);
  std::fflush(stderr);
}

void ProgressBar::clear() {
  if (drawn_) {
    fmt::print(stderr, "\r\x1b[K");
    std::fflush(stderr);
    drawn_ = false;
  }
}

}  // namespace aifactory

// Progress on stderr: a bar on a terminal, a line per tenth otherwise, nothing when told so.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace aifactory {

enum class ProgressStyle { kNone, kLines, kBar };

class ProgressBar {
 public:
  explicit ProgressBar(ProgressStyle style) : style_(style) {}
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  ~ProgressBar() { clear(); }

  void update(std::string_view stage, double fraction);
  // Takes the bar off the screen, so that output starts on a clean line.
  void clear();

 private:
  ProgressStyle style_;
  std::chrono::steady_clock::time_point last_{};
  int tenths_ = -1;
  bool drawn_ = false;
};

}  // namespace aifactory

// Where a run tells what happened when, for timelines. Names and tracks are for people; writing files is done
// elsewhere.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/engine/sim_time.h"

namespace aifactory::engine {

// A track is an entity path ("site/0/rack/3"): one row of the timeline.
class TraceSink {
 public:
  virtual ~TraceSink() = default;
  virtual void span(std::string_view track, std::string_view name, SimTime begin, SimTime end) = 0;
  virtual void counter(std::string_view track, std::string_view name, SimTime time, double value) = 0;
  virtual void instant(std::string_view track, std::string_view name, SimTime time) = 0;
};

// Forgets everything.
class NullTrace final : public TraceSink {
 public:
  void span(std::string_view, std::string_view, SimTime, SimTime) override {}
  void counter(std::string_view, std::string_view, SimTime, double) override {}
  void instant(std::string_view, std::string_view, SimTime) override {}
};

// Keeps everything, in the order it was told.
class MemoryTrace final : public TraceSink {
 public:
  enum class Kind { kSpan, kCounter, kInstant };
  struct Record {
    Kind kind;
    std::string track;
    std::string name;
    SimTime begin;
    SimTime end;         // equals begin except for spans
    double value = 0.0;  // of counters
  };

  void span(std::string_view track, std::string_view name, SimTime begin, SimTime end) override {
    records_.push_back({Kind::kSpan, std::string(track), std::string(name), begin, end});
  }
  void counter(std::string_view track, std::string_view name, SimTime time, double value) override {
    records_.push_back({Kind::kCounter, std::string(track), std::string(name), time, time, value});
  }
  void instant(std::string_view track, std::string_view name, SimTime time) override {
    records_.push_back({Kind::kInstant, std::string(track), std::string(name), time, time});
  }
  [[nodiscard]] const std::vector<Record>& records() const { return records_; }

 private:
  std::vector<Record> records_;
};

}  // namespace aifactory::engine

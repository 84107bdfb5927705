#include "tools/probe/measure.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>

#include "tools/probe/kernels/hold.h"
#include "tools/probe/kernels/stream.h"
#include "tools/probe/power_sampler.h"
#include "tools/probe/statistics.h"

namespace aifactory::probe {
namespace {

constexpr int kWarmLaunches = 5;
constexpr std::size_t kLeastSustained = 3;  // replays
constexpr int kHoldMicroseconds = 200;      // in which the host enqueues a kernel and the copies beside it

// One replay: a graph, or as many calls.
class Replay {
 public:
  Replay(Kernel& kernel, int nodes, bool graph) : kernel_(kernel), nodes_(nodes) {
    if (graph) {
      graph_.emplace([this](cudaStream_t s) { enqueue(s); });
    }
  }
  void run(cudaStream_t stream) {
    if (graph_) {
      graph_->launch(stream);
    } else {
      enqueue(stream);
    }
  }

 private:
  void enqueue(cudaStream_t stream) {
    for (int i = 0; i < nodes_; ++i) {
      kernel_.launch(i % kernel_.copies(), stream);
    }
  }
  Kernel& kernel_;
  int nodes_;
  std::optional<Graph> graph_;
};

// Seconds of one launch, coarsely: some launches on the stream.
double rough_seconds(Kernel& kernel, const Stream& stream) {
  const Event begin;
  const Event end;
  kernel.launch(0, stream.get());
  begin.record(stream.get());
  for (int i = 0; i < kWarmLaunches; ++i) {
    kernel.launch(i % kernel.copies(), stream.get());
  }
  end.record(stream.get());
  end.wait();
  return Event::seconds_between(begin, end) / kWarmLaunches;
}

void warm_up(Replay& replay, const Stream& stream, double seconds) {
  const double until = steady_seconds() + seconds;
  do {
    replay.run(stream.get());
    stream.wait();
  } while (steady_seconds() < until);
}

Measurement started(Kernel& kernel, int nodes) {
  Measurement m;
  m.nodes = nodes;
  m.sets = std::min(nodes, kernel.copies());
  return m;
}

}  // namespace

Measurement measure_burst(Kernel& kernel, const Stream& stream, const MeasureOptions& options) {
  const double rough = rough_seconds(kernel, stream);
  const int nodes = nodes_for(rough, kernel.copies(), options);
  Replay replay(kernel, nodes, options.graph);
  warm_up(replay, stream, options.warm_up_s);
  Measurement m = started(kernel, nodes);
  // All replays are enqueued at once behind one that is not counted, so that the device goes from one to the next and
  // no sample contains the time in which the host submits it.
  const int replays = replays_for(rough * nodes, options);
  std::vector<std::unique_ptr<Event>> marks;
  for (int i = 0; i <= replays; ++i) {
    marks.push_back(std::make_unique<Event>());
  }
  m.begin = steady_seconds();
  replay.run(stream.get());
  marks.front()->record(stream.get());
  for (int i = 1; i <= replays; ++i) {
    replay.run(stream.get());
    marks[static_cast<std::size_t>(i)]->record(stream.get());
  }
  stream.wait();
  m.end = steady_seconds();
  for (std::size_t i = 1; i < marks.size(); ++i) {
    m.seconds.push_back(Event::seconds_between(*marks[i - 1], *marks[i]) / nodes);
  }
  m.launches = static_cast<double>(nodes) * (replays + 1);
  return m;
}

Measurement measure_sustained(Kernel& kernel, const Stream& stream, const MeasureOptions& options) {
  const int nodes = nodes_for(rough_seconds(kernel, stream), kernel.copies(), options);
  Replay replay(kernel, nodes, options.graph);
  Measurement m = started(kernel, nodes);
  // Two replays are in flight at any time: the device never waits for the host, the host is never far ahead.
  const std::unique_ptr<Event> marks[3] = {std::make_unique<Event>(), std::make_unique<Event>(),
                                           std::make_unique<Event>()};
  const double start = steady_seconds();
  marks[0]->record(stream.get());
  replay.run(stream.get());
  marks[1]->record(stream.get());
  bool hot = false;           // the dropped time is over
  const auto goes_on = [&] {  // a replay of a whole layer may last: some are waited for
    return steady_seconds() - start < options.sustained_s || m.seconds.size() < kLeastSustained;
  };
  for (std::size_t next = 2; goes_on(); ++next) {
    replay.run(stream.get());
    marks[next % 3]->record(stream.get());
    const Event& before = *marks[(next - 2) % 3];
    const Event& after = *marks[(next - 1) % 3];
    after.wait();
    m.end = steady_seconds();
    if (hot) {
      m.seconds.push_back(Event::seconds_between(before, after) / nodes);
      m.launches += nodes;
    } else if (m.end - start >= options.dropped_s) {
      hot = true;
      m.begin = m.end;
    }
  }
  stream.wait();
  return m;
}

Interference measure_interference(Kernel& kernel, Kernel& copier, const Stream& stream, const Stream& other,
                                  const MeasureOptions& options) {
  Interference result;
  result.alone = measure_burst(kernel, stream, options);
  const int nodes = result.alone.nodes;
  Replay replay(kernel, nodes, options.graph);
  const double copy_seconds = rough_seconds(copier, other);
  const double kernel_seconds = median_of(result.alone.seconds) * nodes;
  // Enough copies for a kernel slowed threefold, and one before it starts.
  const int copies = static_cast<int>(std::clamp(std::ceil(3.0 * kernel_seconds / copy_seconds), 1.0, 1e4)) + 2;
  const Event begin;
  const Event end;
  const Event first_copy;
  const Event last_copy;
  result.disturbed = started(kernel, nodes);
  result.disturbed.begin = steady_seconds();
  const int replays = replays_for(3.0 * kernel_seconds, options);
  for (int i = 0; i < replays; ++i) {
    hold(kHoldMicroseconds, other.get());
    PROBE_CUDA(cudaGetLastError());
    copier.launch(0, other.get());
    first_copy.record(other.get());
    PROBE_CUDA(cudaStreamWaitEvent(stream.get(), first_copy.get(), 0));
    begin.record(stream.get());
    replay.run(stream.get());
    end.record(stream.get());
    for (int c = 1; c < copies; ++c) {
      copier.launch(c % copier.copies(), other.get());
    }
    last_copy.record(other.get());
    end.wait();
    last_copy.wait();
    result.disturbed.seconds.push_back(Event::seconds_between(begin, end) / nodes);
    result.covered = result.covered && Event::seconds_between(end, last_copy) > 0.0;
  }
  result.disturbed.end = steady_seconds();
  result.disturbed.launches = static_cast<double>(nodes) * replays;
  return result;
}

double empty_graph_seconds(const Stream& stream) {
  empty_kernel(stream.get());  // loads it: kernels are loaded at their first launch, which a capture should not be
  PROBE_CUDA(cudaGetLastError());
  stream.wait();
  const Graph graph([](cudaStream_t s) { empty_kernel(s); });
  const Event begin;
  const Event end;
  std::vector<double> samples;
  for (int i = 0; i < 50; ++i) {
    begin.record(stream.get());
    graph.launch(stream.get());
    end.record(stream.get());
    end.wait();
    samples.push_back(Event::seconds_between(begin, end));
  }
  return median_of(std::move(samples));
}

}  // namespace aifactory::probe

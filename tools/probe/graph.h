// Streams, events and captured graphs, owned.
#pragma once

#include <functional>

#include "tools/probe/cuda_error.h"

namespace aifactory::probe {

class Stream {
 public:
  Stream();
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  [[nodiscard]] cudaStream_t get() const { return stream_; }
  void wait() const { PROBE_CUDA(cudaStreamSynchronize(stream_)); }

 private:
  cudaStream_t stream_ = nullptr;
};

class Event {
 public:
  Event();
  ~Event();
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  [[nodiscard]] cudaEvent_t get() const { return event_; }
  void record(cudaStream_t stream) const { PROBE_CUDA(cudaEventRecord(event_, stream)); }
  void wait() const { PROBE_CUDA(cudaEventSynchronize(event_)); }
  // Seconds of device time; both must have been passed.
  static double seconds_between(const Event& first, const Event& second);

 private:
  cudaEvent_t event_ = nullptr;
};

// What `record` enqueues on a stream, as an executable graph.
class Graph {
 public:
  explicit Graph(const std::function<void(cudaStream_t)>& record);
  ~Graph();
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;
  void launch(cudaStream_t stream) const { PROBE_CUDA(cudaGraphLaunch(executable_, stream)); }

 private:
  cudaGraphExec_t executable_ = nullptr;
};

}  // namespace aifactory::probe

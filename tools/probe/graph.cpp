#include "tools/probe/graph.h"

namespace aifactory::probe {

Stream::Stream() {
  PROBE_CUDA(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking));
}
Stream::~Stream() {
  static_cast<void>(cudaStreamDestroy(stream_));
}

Event::Event() {
  PROBE_CUDA(cudaEventCreate(&event_));
}
Event::~Event() {
  static_cast<void>(cudaEventDestroy(event_));
}

double Event::seconds_between(const Event& first, const Event& second) {
  float milliseconds = 0.0F;
  PROBE_CUDA(cudaEventElapsedTime(&milliseconds, first.get(), second.get()));
  return static_cast<double>(milliseconds) * 1e-3;
}

Graph::Graph(const std::function<void(cudaStream_t)>& record) {
  const Stream stream;
  cudaGraph_t graph = nullptr;
  PROBE_CUDA(cudaStreamBeginCapture(stream.get(), cudaStreamCaptureModeThreadLocal));
  try {
    record(stream.get());
  } catch (...) {
    static_cast<void>(cudaStreamEndCapture(stream.get(), &graph));  // leaves capture mode; the first error is thrown
    if (graph != nullptr) {
      static_cast<void>(cudaGraphDestroy(graph));
    }
    static_cast<void>(cudaGetLastError());
    throw;
  }
  PROBE_CUDA(cudaStreamEndCapture(stream.get(), &graph));
  const cudaError_t status = cudaGraphInstantiate(&executable_, graph, 0);
  static_cast<void>(cudaGraphDestroy(graph));
  PROBE_CUDA(status);
}

Graph::~Graph() {
  static_cast<void>(cudaGraphExecDestroy(executable_));
}

}  // namespace aifactory::probe

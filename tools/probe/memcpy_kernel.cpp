#include <algorithm>
#include <cstring>

#include "tools/probe/stream_kernels.h"

namespace aifactory::probe {
namespace {

constexpr std::size_t kCheckedBytes = std::size_t{16} << 20U;

// Page-locked host memory.
class PinnedBuffer {
 public:
  explicit PinnedBuffer(std::size_t bytes) {
    PROBE_CUDA(cudaMallocHost(&data_, bytes));
    std::memset(data_, 0x5a, bytes);  // touched, so that no page is faulted in while copying
  }
  ~PinnedBuffer() { static_cast<void>(cudaFreeHost(data_)); }
  PinnedBuffer(const PinnedBuffer&) = delete;
  PinnedBuffer& operator=(const PinnedBuffer&) = delete;
  [[nodiscard]] void* get() const { return data_; }

 private:
  void* data_ = nullptr;
};

// The memory of another device; peer access is asked for, the driver falls back to the host where there is none.
class PeerBuffer {
 public:
  PeerBuffer(int own, int peer, std::size_t bytes) : own_(own), peer_(peer) {
    PROBE_CUDA(cudaSetDevice(peer));
    const cudaError_t status = cudaMalloc(&data_, bytes);
    PROBE_CUDA(cudaSetDevice(own));
    PROBE_CUDA(status);
  }
  ~PeerBuffer() {
    static_cast<void>(cudaSetDevice(peer_));
    static_cast<void>(cudaFree(data_));
    static_cast<void>(cudaSetDevice(own_));
  }
  PeerBuffer(const PeerBuffer&) = delete;
  PeerBuffer& operator=(const PeerBuffer&) = delete;
  [[nodiscard]] void* get() const { return data_; }

 private:
  int own_, peer_;
  void* data_ = nullptr;
};

class Memcpy : public Kernel {
 public:
  Memcpy(Device& device, const Case& c) : device_(device), bytes_(static_cast<std::size_t>(c.at("bytes"))) {
    const bool within = c.detail == "d2d";
    copies_ = within ? device.copies_of(2 * bytes_, 2 * device.pools.out.left()) : 1;
    for (int i = 0; i < copies_; ++i) {
      const void* from = device.pools.bf16.take(bytes_);
      if (within) {
        pairs_.push_back({from, device.pools.out.take(bytes_)});
      } else if (c.detail == "h2d" || c.detail == "d2h") {
        host_ = std::make_unique<PinnedBuffer>(bytes_);
        pairs_.push_back(c.detail == "h2d" ? Pair{host_->get(), device.pools.out.take(bytes_)}
                                           : Pair{from, host_->get()});
      } else if (c.detail == "p2p") {
        connect(from);
      } else {
        throw NotSupported("unknown direction of a copy: " + c.detail);
      }
    }
  }

  void launch(int copy, cudaStream_t stream) override {
    const Pair& pair = pairs_[static_cast<std::size_t>(copy)];
    if (peer_ != nullptr) {
      PROBE_CUDA(cudaMemcpyPeerAsync(pair.to, peer_index_, pair.from, device_.index, bytes_, stream));
    } else {
      PROBE_CUDA(cudaMemcpyAsync(pair.to, pair.from, bytes_, cudaMemcpyDefault, stream));
    }
  }
  [[nodiscard]] int copies() const override { return copies_; }
  [[nodiscard]] std::size_t set_bytes() const override { return 2 * bytes_; }

  Check check(cudaStream_t stream) override {
    launch(0, stream);
    PROBE_CUDA(cudaStreamSynchronize(stream));
    // Its two ends: gigabytes through pageable memory would take seconds.
    const std::size_t part = std::min(bytes_, kCheckedBytes);
    bool same = true;
    for (const std::size_t at : {std::size_t{0}, bytes_ - part}) {
      std::vector<std::uint8_t> from(part);
      std::vector<std::uint8_t> to(part);
      PROBE_CUDA(cudaMemcpy(from.data(), static_cast<const char*>(pairs_[0].from) + at, part, cudaMemcpyDefault));
      PROBE_CUDA(cudaMemcpy(to.data(), static_cast<const char*>(pairs_[0].to) + at, part, cudaMemcpyDefault));
      same = same && from == to;
    }
    return {same ? 0.0 : 1.0, 0.0, static_cast<int>(2 * part)};
  }

 private:
  struct Pair {
    const void* from;
    void* to;
  };

  void connect(const void* from) {
    int count = 0;
    PROBE_CUDA(cudaGetDeviceCount(&count));
    if (count < 2) {
      throw NotSupported("there is no second device");
    }
    peer_index_ = device_.index == 0 ? 1 : 0;
    int reachable = 0;
    PROBE_CUDA(cudaDeviceCanAccessPeer(&reachable, device_.index, peer_index_));
    if (reachable != 0) {
      const cudaError_t status = cudaDeviceEnablePeerAccess(peer_index_, 0);
      if (status == cudaErrorPeerAccessAlreadyEnabled) {
        static_cast<void>(cudaGetLastError());
      } else {
        PROBE_CUDA(status);
      }
    }
    peer_ = std::make_unique<PeerBuffer>(device_.index, peer_index_, bytes_);
    pairs_.push_back({from, peer_->get()});
  }

  Device& device_;
  std::size_t bytes_;
  int copies_ = 1;
  int peer_index_ = 0;
  std::unique_ptr<PinnedBuffer> host_;
  std::unique_ptr<PeerBuffer> peer_;
  std::vector<Pair> pairs_;
};

}  // namespace

std::unique_ptr<Kernel> make_memcpy(Device& device, const Case& c) {
  return std::make_unique<Memcpy>(device, c);
}

}  // namespace aifactory::probe

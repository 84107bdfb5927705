#include "tools/probe/device_memory.h"

#include <algorithm>
#include <utility>

#include "tools/probe/kernels/fill.h"
#include "tools/probe/rotation.h"

namespace aifactory::probe {
namespace {

constexpr std::size_t kAlignment = 256;
constexpr std::size_t kWorkspace = std::size_t{64} << 20U;
constexpr std::uint64_t kSeed = 0x70726f6265ULL;

std::size_t share(std::size_t bytes, std::size_t percent) {
  return bytes / 100 * percent / kAlignment * kAlignment;
}

}  // namespace

DeviceBuffer::DeviceBuffer(std::size_t bytes) : bytes_(bytes) {
  if (bytes > 0) {
    PROBE_CUDA(cudaMalloc(&data_, bytes));
  }
}

DeviceBuffer::~DeviceBuffer() {
  if (data_ != nullptr) {
    static_cast<void>(cudaFree(data_));  // a destructor cannot report; the next checked call does
  }
}

DeviceBuffer::DeviceBuffer(DeviceBuffer&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}

DeviceBuffer& DeviceBuffer::operator=(DeviceBuffer&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

void* Pool::take(std::size_t bytes) {
  const std::size_t rounded = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  if (rounded > left()) {
    throw DoesNotFit("needs " + std::to_string(rounded >> 20U) + " MiB of a pool with " +
                     std::to_string(left() >> 20U) + " MiB left");
  }
  void* at = buffer_.as<char>() + used_;
  used_ += rounded;
  return at;
}

void Pools::reset() {
  bf16.reset();
  fp8.reset();
  out.reset();
}

Pools make_pools(cudaStream_t stream) {
  std::size_t free_bytes = 0;
  std::size_t total = 0;
  PROBE_CUDA(cudaMemGetInfo(&free_bytes, &total));
  Pools pools;
  pools.bf16 = Pool(share(free_bytes, 40));
  pools.fp8 = Pool(share(free_bytes, 12));
  pools.out = Pool(share(free_bytes, 20));
  pools.workspace = DeviceBuffer(kWorkspace);
  fill_normal_bf16(pools.bf16.data(), pools.bf16.size() / 2, kSeed, stream);
  fill_normal_fp8(pools.fp8.data(), pools.fp8.size(), kSeed + 1, stream);
  PROBE_CUDA(cudaGetLastError());
  PROBE_CUDA(cudaStreamSynchronize(stream));
  return pools;
}

int rotation_copies(std::size_t bytes, std::size_t l2_bytes, std::size_t room, int most) {
  const int copies = copies_for(bytes, l2_bytes, room, most);
  if (copies < 1) {
    throw DoesNotFit("needs " + std::to_string(bytes >> 20U) + " MiB of a pool with " + std::to_string(room >> 20U) +
                     " MiB left");
  }
  return copies;
}

}  // namespace aifactory::probe

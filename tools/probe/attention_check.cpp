#include "tools/probe/attention_check.h"

#include <algorithm>

#include "tools/probe/compare.h"

namespace aifactory::probe {

namespace {
constexpr double kTolerance = 0.06;  // of the root mean square, which rows of few keys exceed severalfold
}

std::vector<AttentionSample> sample_queries(const QueryGrid& grid, int count) {
  std::vector<AttentionSample> samples;
  for (const std::int64_t at : sample_indices(grid.batch * grid.fresh * grid.heads, count, 3)) {
    AttentionSample s;
    const std::int64_t head = at % grid.heads;
    const std::int64_t query = at / grid.heads % grid.fresh;
    s.batch = static_cast<std::int32_t>(at / grid.heads / grid.fresh);
    s.head = static_cast<std::int32_t>(head);
    s.kv_head = static_cast<std::int32_t>(head / (grid.heads / grid.kv_heads));
    s.query_row = at;
    s.last = grid.past + query + 1;
    s.first = grid.window > 0 ? std::max<std::int64_t>(0, s.last - grid.window) : 0;
    samples.push_back(s);
  }
  return samples;
}

Check check_attention(const ReferenceKeys& view, const std::vector<AttentionSample>& samples, const void* out,
                      cudaStream_t stream) {
  const auto dim = static_cast<std::size_t>(view.value_dim);
  const DeviceBuffer device_samples = to_device(samples);
  const DeviceBuffer want(samples.size() * dim * sizeof(double));
  reference_attention(view, device_samples.as<AttentionSample>(), static_cast<int>(samples.size()), want.as<double>(),
                      stream);
  PROBE_CUDA(cudaGetLastError());
  PROBE_CUDA(cudaStreamSynchronize(stream));
  std::vector<double> got;
  for (const AttentionSample& s : samples) {
    const auto* row = static_cast<const std::uint16_t*>(out) + s.query_row * view.value_dim;
    for (const std::uint16_t bits : to_host<std::uint16_t>(row, dim)) {
      got.push_back(bf16_value(bits));
    }
  }
  return {relative_error(got, to_host<double>(want.get(), got.size())), kTolerance, static_cast<int>(got.size())};
}

}  // namespace aifactory::probe

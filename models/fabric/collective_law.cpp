#include "models/fabric/collective_law.h"

#include <algorithm>

namespace aifactory {
namespace {

constexpr Seconds microseconds(double value) {
  return Seconds(value * 1e-6);
}

// NVIDIA/nccl@5067397c src/graph/tuning.cc: baseLatencies, hwLatencies (us; LL, LL128, Simple) and the bandwidth
// corrections of ncclTopoTuneModel: LL carries half the ring's bandwidth (a tree 1/3.8), LL128 0.92 (a tree 7/9).
constexpr std::array<double, 3> kRingBase = {6.6, 14.0, 8.4};
constexpr std::array<double, 3> kTreeBase = {6.8, 14.0, 8.4};
constexpr std::array<double, 3> kRingNvlink = {0.6, 1.9, 3.4};
constexpr std::array<double, 3> kTreeNvlink = {0.6, 1.25, 4.0};
constexpr std::array<double, 3> kRingNetwork = {2.7, 4.0, 14.0};
constexpr std::array<double, 3> kTreeNetwork = {5.0, 8.5, 14.0};
constexpr std::array<double, 3> kRingShare = {0.5, 0.92, 1.0};
constexpr std::array<double, 3> kTreeShareNode = {0.92 / 3.8, 0.92 * 7.0 / 9.0, 0.92};
constexpr std::array<double, 3> kTreeShareNetwork = {0.92 / 3.8, 0.92 * 120.0 / 128.0, 0.92};
constexpr double kPatBase = 8.0;
constexpr double kPatNetwork = 14.0 / 3.5;
constexpr double kPatShare = 0.75;
constexpr double kNvlsScaleUp = 25.0;
constexpr double kNvlsTreeNetwork = 20.9;
constexpr double kNvlsNetwork = 18.0;
constexpr double kCollNetNetwork = 31.0;  // CollNetDirect

// Expert-parallel exchanges of one token take 12 us on GB200 (TensorRT-LLM two-sided NVLink) and the slope of larger
// ones is half of the links (AIConfigurator@095f58a5, EP 4-64); DeepEP's low-latency kernels start after 12.6 us on
// H100 NVLink and 40 us over RDMA, whose rate they reach (deepseek-ai/DeepEP@dd758ca, docs/legacy.md).
constexpr double kExchangeStart = 12.5;
constexpr double kExchangeShare = 0.55;
constexpr double kExchangeStartNetwork = 40.0;
constexpr double kExchangeShareNetwork = 0.97;

// Usable share of the nominal NVLink rate: src/graph/topo.h gives 20.0, 20.6 and 40.1 GB/s for links of 25, 25 and 50.
constexpr double nvlink_share(std::string_view family) {
  return family == "ampere" ? 20.0 / 25.0 : family == "hopper" ? 20.6 / 25.0 : 40.1 / 50.0;
}
// tuning.cc nvlsEfficiency.
constexpr double nvls_share(std::string_view family) {
  return family == "ampere" ? 0.0 : family == "hopper" ? 0.85 : 0.74;
}

AlgorithmLaw laws(const std::array<double, 3>& base, const std::array<double, 3>& step,
                  const std::array<double, 3>& share, double scale) {
  AlgorithmLaw result;
  for (std::size_t p = 0; p < kProtocolCount; ++p) {
    result.protocols[p] = {microseconds(base[p]), microseconds(step[p]), share[p] * scale};
  }
  return result;
}

LevelLaw scale_up_law(std::string_view family) {
  const double share = nvlink_share(family);
  LevelLaw law;
  law.all_reduce = law.all_gather = law.reduce_scatter = laws(kRingBase, kRingNvlink, kRingShare, share);
  law.tree = laws(kTreeBase, kTreeNvlink, kTreeShareNode, share);
  // Send and receive run LL for small messages and Simple above, without LL128 (nccl src/enqueue.cc).
  law.direct = law.all_gather;
  law.direct.protocols[static_cast<std::size_t>(Protocol::kLL128)] = {};
  law.send_recv = law.direct;
  law.pat = {microseconds(kPatBase), microseconds(4.0), kPatShare * share};
  if (nvls_share(family) > 0.0) {
    // tuning.cc: the switch adds for everyone, which doubles what a ring gets out of the same links.
    law.nvls = {microseconds(kNvlsScaleUp), Seconds(0.0), nvls_share(family) * share * 2.0};
    law.nvls_least_ranks = family == "hopper" ? 5 : 6;  // smallest groups seen to take NVLS, stas00/ml-engineering
  }
  law.dispatch = law.combine = {microseconds(kExchangeStart), Seconds(0.0), kExchangeShare};
  law.engine.name = "published";
  law.engine.one_shot = {microseconds(kRingBase[0] / 2.0), microseconds(kRingNvlink[0] / 2.0), share};
  law.engine.two_shot = {microseconds(kRingBase[0]), microseconds(kRingNvlink[0]), share};
  return law;
}

LevelLaw scale_out_law() {
  LevelLaw law;
  law.all_reduce = law.all_gather = law.reduce_scatter = laws(kRingBase, kRingNetwork, kRingShare, 1.0);
  law.tree = laws(kTreeBase, kTreeNetwork, kTreeShareNetwork, 1.0);
  law.direct = law.all_gather;
  law.direct.protocols[static_cast<std::size_t>(Protocol::kLL128)] = {};
  law.send_recv = law.direct;
  law.pat = {microseconds(kPatBase), microseconds(kPatNetwork), kPatShare};
  law.nvls = {microseconds(kNvlsTreeNetwork), Seconds(0.0), 1.0};
  law.collnet = {microseconds(kCollNetNetwork), Seconds(0.0), 1.0};
  law.nvls_collnet = {microseconds(kNvlsNetwork), Seconds(0.0), 1.0};
  law.dispatch = law.combine = {microseconds(kExchangeStartNetwork), Seconds(0.0), kExchangeShareNetwork};
  return law;
}

bool same_word(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

CollectiveLaw published_collective_law(std::string_view family) {
  CollectiveLaw law;
  law.id = "published";
  law.name = "NCCL's published constants";
  law.family = family;
  law.scale_up = scale_up_law(family);
  law.scale_out = scale_out_law();
  law.engines = {law.scale_up.engine};
  return law;
}

CollectiveLaw with_engine(CollectiveLaw law, std::string_view engine) {
  for (const EngineLaw& candidate : law.engines) {
    if (same_word(candidate.name, engine)) {
      law.scale_up.engine = candidate;
    }
  }
  return law;
}

CollectiveLaw with_network(CollectiveLaw law, std::string_view network) {
  for (const NamedNetwork& candidate : law.networks) {
    if (same_word(candidate.name, network)) {
      law.scale_out = candidate.level;
      law.scale_out_bandwidth = candidate.bandwidth;
    }
  }
  return law;
}

}  // namespace aifactory

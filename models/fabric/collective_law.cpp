#include "models/fabric/collective_law.h"

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
constexpr double kNvlsNetwork = 18.0;

// Usable share of the nominal NVLink rate: src/graph/topo.h gives 20.0, 20.6 and 40.1 GB/s for links of 25, 25 and 50.
constexpr double nvlink_share(std::string_view family) {
  return family == "ampere" ? 20.0 / 25.0 : family == "hopper" ? 20.6 / 25.0 : 40.1 / 50.0;
}
// tuning.cc nvlsEfficiency.
constexpr double nvls_share(std::string_view family) {
  return family == "ampere" ? 0.0 : family == "hopper" ? 0.85 : 0.74;
}

ProtocolLaws laws(const std::array<double, 3>& base, const std::array<double, 3>& step,
                  const std::array<double, 3>& share, double scale) {
  ProtocolLaws result;
  for (std::size_t p = 0; p < kProtocolCount; ++p) {
    result[p] = {microseconds(base[p]), microseconds(step[p]), share[p] * scale};
  }
  return result;
}

}  // namespace

CollectiveLaw published_collective_law(std::string_view family) {
  CollectiveLaw law;
  law.family = family;
  const double share = nvlink_share(family);
  law.scale_up.ring = laws(kRingBase, kRingNvlink, kRingShare, share);
  law.scale_up.tree = laws(kTreeBase, kTreeNvlink, kTreeShareNode, share);
  // Send and receive run LL for small messages and Simple above, without LL128 (nccl src/enqueue.cc); one step covers
  // all peers because their messages travel together.
  law.scale_up.direct = laws(kRingBase, kRingNvlink, kRingShare, share);
  law.scale_up.direct[1] = {};
  law.scale_up.pat = {microseconds(kPatBase), microseconds(4.0), kPatShare * share};
  if (nvls_share(family) > 0.0) {
    // tuning.cc: NVLS all-reduce bandwidth is twice the link rate times its efficiency; the switch adds for everyone.
    law.scale_up.nvls = {microseconds(kNvlsScaleUp), Seconds(0.0), nvls_share(family) * share * 2.0};
    law.scale_up.nvls_least_ranks = family == "hopper" ? 5 : 6;  // smallest groups measured to take NVLS
  }
  // One LL exchange without NCCL's ring set-up: a flag write and read per peer, two of them in the two-shot form.
  law.scale_up.one_shot = {microseconds(kRingBase[0] / 2.0), microseconds(kRingNvlink[0] / 2.0), share};
  law.scale_up.two_shot = {microseconds(kRingBase[0]), microseconds(kRingNvlink[0]), share};

  law.scale_out.ring = laws(kRingBase, kRingNetwork, kRingShare, 1.0);
  law.scale_out.tree = laws(kTreeBase, kTreeNetwork, kTreeShareNetwork, 1.0);
  law.scale_out.direct = laws(kRingBase, kRingNetwork, kRingShare, 1.0);
  law.scale_out.direct[1] = {};
  law.scale_out.pat = {microseconds(kPatBase), microseconds(kPatNetwork), kPatShare};
  law.scale_out.nvls = {microseconds(kNvlsNetwork), Seconds(0.0), 1.0};
  return law;
}

}  // namespace aifactory

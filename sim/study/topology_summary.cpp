#include "sim/study/topology_summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "models/catalog/fabric_table.h"

namespace aifactory {
namespace {

constexpr std::size_t kSearched = 20000;  // cables; single points take a pass per cut switch

// InfiniBand of one generation, the fabric that most public prices are known of.
struct DefaultParts {
  double gigabits;
  const char* packet_switch;
  const char* nic;
  const char* optic;
};
constexpr std::array<DefaultParts, 3> kDefaultParts = {{{200.0, "quantum_qm8700", "cx6_200g", "opt_200g_sr4"},
                                                        {400.0, "quantum2_qm9700", "cx7_400g", "opt_400g_dr4"},
                                                        {800.0, "quantumx800_q3400", "cx8_800g", "opt_800g_dr8"}}};

FabricParts parts_of(const Catalog& catalog, BytesPerSecond port, TopologyPartIds ids) {
  for (const DefaultParts& usual : kDefaultParts) {
    if (std::abs(port.value() * 8e-9 / usual.gigabits - 1.0) < 1e-9) {
      ids.packet_switch = ids.packet_switch.empty() ? usual.packet_switch : ids.packet_switch;
      ids.nic = ids.nic.empty() ? usual.nic : ids.nic;
      ids.optic = ids.optic.empty() ? usual.optic : ids.optic;
    }
  }
  FabricParts parts;
  if (!ids.packet_switch.empty()) {
    parts.packet_switch = load_switch(catalog, ids.packet_switch);
  }
  if (!ids.nic.empty()) {
    parts.nic = load_nic(catalog, ids.nic);
  }
  if (!ids.optic.empty()) {
    parts.optic = load_optic(catalog, ids.optic);
  }
  return parts;
}

std::vector<TopologyTier> tiers_of(const Network& network) {
  std::vector<TopologyTier> tiers;
  const auto at = [&](std::uint8_t tier) -> TopologyTier& {
    while (tiers.size() <= tier) {
      tiers.push_back({tiers.empty() ? std::string("hosts") : fmt::format("tier {}", tiers.size()), 0, 0, 0, {}});
    }
    return tiers[tier];
  };
  for (const std::uint8_t tier : network.tier) {
    ++at(tier).vertices;
  }
  for (LinkId l = 0; l < network.links(); l += 2) {
    const std::uint8_t a = network.tier[network.from[l]];
    const std::uint8_t b = network.tier[network.to[l]];
    TopologyTier& lower = at(std::min(a, b));
    (a == b ? lower.cables_across : lower.cables_up) += 1;
    if (a != b) {
      lower.up += BytesPerSecond(network.capacity[l]);
    }
  }
  tiers.erase(std::remove_if(tiers.begin(), tiers.end(), [](const TopologyTier& tier) { return tier.vertices == 0; }),
              tiers.end());
  return tiers;
}

void note_missing(TopologySummary& summary) {
  const auto note = [&](bool used, bool known, const char* what) {
    if (used && !known) {
      summary.missing.emplace_back(what);
    }
  };
  const FabricParts& parts = summary.parts;
  const FabricBill& bill = summary.bill;
  note(bill.switches > 0, !parts.packet_switch.id.empty(), "a switch of this port rate");
  note(bill.nics > 0, !parts.nic.id.empty(), "a network interface of this rate");
  note(bill.optics > 0, !parts.optic.id.empty(), "an optical module of this rate");
  note(bill.switches > 0 && !parts.packet_switch.id.empty(), parts.packet_switch.price.value() > 0.0,
       "the price of the switch");
  note(bill.nics > 0 && !parts.nic.id.empty(), parts.nic.price.value() > 0.0, "the price of the network interface");
  note(bill.optics > 0 && !parts.optic.id.empty(), parts.optic.price.value() > 0.0, "the price of the optical module");
  note(bill.cables.copper > 0, parts.copper_cable.value() > 0.0, "the price of copper cables");
  note(bill.cables.backplane > 0, false, "links inside nodes and racks, which come with the system");
}

}  // namespace

TopologySummary summarise_topology(const Catalog& catalog, TopologySpec spec, const TopologyPartIds& ids) {
  TopologySummary summary;
  summary.parts = parts_of(catalog, spec.port, ids);
  if (spec.radix == 0 && summary.parts.packet_switch.ports > 0) {
    TopologySpec wide = spec;
    wide.radix = static_cast<std::uint32_t>(summary.parts.packet_switch.ports);
    if (problems_of(wide).empty()) {
      spec.radix = wide.radix;
    }
  }
  Problems problems;
  for (const std::string& problem : problems_of(spec)) {
    const std::size_t colon = problem.find(": ");
    problems.add("topology", "/" + problem.substr(0, colon), problem.substr(colon + 2));
  }
  problems.throw_if_any();
  summary.spec = spec;
  const auto topology = make_topology(spec);
  const Network& network = topology->network();
  summary.tiers = tiers_of(network);
  summary.hosts = network.hosts;
  summary.switches = network.switches();
  summary.bisection = topology->bisection();
  // What half of the hosts can send into the network; into their domains where there is nothing else.
  BytesPerSecond half{}, inside{};
  for (LinkId l = 0; l < network.links(); ++l) {
    if (network.from[l] < network.hosts / 2) {
      (network.kind[l] == CableKind::kBackplane ? inside : half) += BytesPerSecond(network.capacity[l]);
    }
  }
  half = half.value() > 0.0 ? half : inside;
  summary.bisection_share = half.value() > 0.0 ? summary.bisection / half : 0.0;
  summary.diameter = topology->diameter();
  if (network.links() / 2 <= kSearched) {
    summary.single_points = single_points_of_failure(network);
  }
  summary.bill = bill_of(network, summary.parts);
  note_missing(summary);
  return summary;
}

}  // namespace aifactory

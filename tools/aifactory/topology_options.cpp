#include "tools/aifactory/topology_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "models/catalog/suggest.h"
#include "models/units/unit_text.h"

namespace aifactory {
namespace {

struct ShapeText {
  const char* shape;
  const char* what;
};
constexpr std::array<ShapeText, 8> kShapes = {
    {{"clos2", "leaf and spine switches"},
     {"clos3", "pods of leaf and spine switches under core switches (fat tree)"},
     {"rail", "one Clos per GPU rank of a node; nodes are scale-up domains"},
     {"domain", "one scale-up domain: every accelerator on every switch plane (NVLink)"},
     {"mesh", "one scale-up domain of direct links between all (MI300)"},
     {"dragonfly", "groups of leaf and spine switches joined spine to spine (Dragonfly+)"},
     {"torus", "three dimensions with wrap-around through optical circuit switches (TPU)"},
     {"buildings", "Clos networks in several buildings, joined over distance"}}};

std::string joined(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, "; "));
}

std::string rate_text(BytesPerSecond rate) {
  const double value = rate.value();
  return value >= 1e15   ? fmt::format("{:.4g} PB/s", value / 1e15)
         : value >= 1e12 ? fmt::format("{:.4g} TB/s", value / 1e12)
                         : fmt::format("{:.4g} GB/s", value / 1e9);
}

TextTable lines_of(const TopologySummary& summary) {
  const FabricBill& bill = summary.bill;
  const FabricParts& parts = summary.parts;
  const auto parts_text = [](std::uint64_t count, const std::string& name) {
    return count == 0 ? std::string("none") : fmt::format("{}{}", count, name.empty() ? "" : " x " + name);
  };
  const bool packet_switched = bill.switches > 0;
  TextTable table;
  table.header = {"property", "value"};
  table.rows = {{"shape", summary.spec.shape},
                {"hosts", fmt::format("{}", summary.hosts)},
                {"switches", fmt::format("{}", summary.switches)},
                {"radix", !packet_switched          ? "no packet switches"
                          : summary.spec.radix == 0 ? "the smallest that reaches"
                                                    : fmt::format("{}", summary.spec.radix)},
                {"port, one way", rate_text(summary.spec.port)},
                {"bisection, one way", fmt::format("{} ({:.0f} % of what half of the hosts send)",
                                                   rate_text(summary.bisection), 100.0 * summary.bisection_share)},
                {"diameter", fmt::format("{} links", summary.diameter)}};
  if (summary.single_points) {
    table.rows.push_back(
        {"single points of failure", fmt::format("{} switches; {} hosts lost at worst", summary.single_points->switches,
                                                 summary.single_points->hosts_at_worst)});
  }
  table.rows.push_back({"packet switches bought", parts_text(bill.switches, parts.packet_switch.name)});
  table.rows.push_back({"network interfaces", parts_text(bill.nics, parts.nic.name)});
  table.rows.push_back({"optical modules", parts_text(bill.optics, parts.optic.name)});
  table.rows.push_back(
      {"cables", fmt::format("{} optical, {} copper, {} inside nodes and racks, {} between buildings",
                             bill.cables.optical, bill.cables.copper, bill.cables.backplane, bill.cables.long_haul)});
  const double hosts = static_cast<double>(std::max<std::uint64_t>(1, summary.hosts));
  table.rows.push_back({"price", fmt::format("{} ({} a host)", human(bill.price.value(), "USD"),
                                             human(bill.price.value() / hosts, "USD"))});
  table.rows.push_back(
      {"power", fmt::format("{} ({} a host)", human(bill.power.value(), "W"), human(bill.power.value() / hosts, "W"))});
  if (!summary.missing.empty()) {
    table.rows.push_back({"not in the bill", joined(summary.missing)});
  }
  return table;
}

std::string drawing_of(const TopologySummary& summary) {
  std::string text;
  for (auto tier = summary.tiers.rbegin(); tier != summary.tiers.rend(); ++tier) {
    const bool hosts = tier->name == "hosts";
    const std::string across =
        tier->cables_across > 0 ? fmt::format("  <- {} cables among them ->", tier->cables_across) : "";
    text += fmt::format("  [{:^9}] {} {}{}\n", tier->name, tier->vertices, hosts ? "hosts" : "switches", across);
    if (tier + 1 != summary.tiers.rend()) {
      const TopologyTier& below = *(tier + 1);
      text += fmt::format("   / | | \\   {} cables, {} one way\n", below.cables_up, rate_text(below.up));
    }
  }
  return text;
}

}  // namespace

void add_topology_options(CLI::App& command, TopologyOptions& options) {
  const std::string group = "Topologies";
  const auto add = [&](const char* name, auto& value, const char* what, const char* type) {
    command.add_option(name, value, what)->capture_default_str()->type_name(type)->group(group);
  };
  add("--hosts", options.spec.hosts, "Network endpoints", "N");
  add("--port", options.port, "Rate of a port, one way", "RATE");
  add("--radix", options.spec.radix, "Ports of a switch; 0: the fewest that reach (show: of the switch bought)", "N");
  add("--oversubscription", options.spec.oversubscription, "Host over uplink capacity of a leaf", "X");
  add("--domain", options.spec.domain, "Hosts of one node (rail)", "N");
  add("--planes", options.spec.planes, "Parallel switch planes (domain)", "N");
  add("--scale-up", options.scale_up, "One way, per host into its domain (rail, domain, mesh)", "RATE");
  add("--buildings", options.spec.buildings, "How many (buildings)", "N");
  add("--between-buildings", options.between_buildings, "One way, between each two (buildings)", "RATE");
  add("--distance-km", options.spec.distance_km, "Of fibre between buildings", "KM");
}

TopologySpec topology_spec(const TopologyOptions& options, const std::string& command) {
  const auto rate = [&](const char* option, const std::string& text) {
    try {
      return parse<BytesPerSecond>(text);
    } catch (const UnitError& error) {
      throw ConfigError(command, "", error.what(), std::string("e.g. ") + option + " '400 Gb/s'");
    }
  };
  TopologySpec spec = options.spec;
  spec.port = rate("--port", options.port);
  spec.scale_up = rate("--scale-up", options.scale_up);
  spec.between_buildings = rate("--between-buildings", options.between_buildings);
  return spec;
}

TextTable topology_shapes_table() {
  TextTable table;
  table.header = {"shape", "what"};
  for (const ShapeText& shape : kShapes) {
    table.rows.push_back({shape.shape, shape.what});
  }
  return table;
}

TextTable topology_table(const Catalog& catalog, const std::string& shape, const TopologyOptions& options,
                         const TopologyPartIds& parts, std::string& drawing) {
  std::vector<std::string> names;
  for (const ShapeText& known : kShapes) {
    names.emplace_back(known.shape);
  }
  if (std::find(names.begin(), names.end(), shape) == names.end()) {
    throw ConfigError("show topologies", "", "no topology \"" + shape + "\"", suggestion(shape, names));
  }
  TopologySpec spec = topology_spec(options, "show topologies");
  spec.shape = shape;
  const TopologySummary summary = summarise_topology(catalog, spec, parts);
  drawing = drawing_of(summary);
  return lines_of(summary);
}

}  // namespace aifactory

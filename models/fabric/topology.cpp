#include "models/fabric/topology.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "models/fabric/buildings.h"
#include "models/fabric/clos.h"
#include "models/fabric/dragonfly.h"
#include "models/fabric/rail.h"
#include "models/fabric/scale_up_shapes.h"
#include "models/fabric/torus.h"

namespace aifactory {
namespace {

struct Variant {
  std::string_view name;
  std::unique_ptr<Topology> (*make)(const TopologySpec&);
};

constexpr std::array<Variant, 8> kVariants = {{{"clos2", make_clos},
                                               {"clos3", make_clos},
                                               {"rail", make_rail},
                                               {"domain", make_domain},
                                               {"mesh", make_mesh},
                                               {"dragonfly", make_dragonfly},
                                               {"torus", make_torus},
                                               {"buildings", make_buildings}}};

bool reaches(const TopologySpec& spec, std::uint32_t hosts, bool two_tiers, bool three_tiers) {
  return (two_tiers && clos_shape(hosts, 2, spec.radix, spec.oversubscription).hosts != 0) ||
         (three_tiers && clos_shape(hosts, 3, spec.radix, spec.oversubscription).hosts != 0);
}

}  // namespace

std::vector<std::string_view> topology_shapes() {
  std::vector<std::string_view> names;
  for (const Variant& variant : kVariants) {
    names.push_back(variant.name);
  }
  return names;
}

namespace {

// Some 300 bytes a host in a three-tier Clos; a mesh has a link for every pair.
constexpr std::uint32_t kMostHosts = 4'194'304;
constexpr std::uint32_t kMostInMesh = 4'096;

}  // namespace

std::vector<std::string> problems_of(const TopologySpec& spec) {
  std::vector<std::string> problems;
  const auto shapes = topology_shapes();
  const auto is = [&](std::string_view shape) { return spec.shape == shape; };
  const auto require = [&](bool good, std::string text) {
    if (!good) {
      problems.push_back(std::move(text));
    }
    return good;
  };
  require(std::find(shapes.begin(), shapes.end(), spec.shape) != shapes.end(),
          "shape: there is no topology \"" + spec.shape + "\"");
  require(spec.hosts >= 2, "hosts: at least two");
  require(spec.hosts <= kMostHosts, "hosts: at most " + std::to_string(kMostHosts) + " are laid out link by link");
  require(spec.shape != "mesh" || spec.hosts <= kMostInMesh,
          "hosts: at most " + std::to_string(kMostInMesh) + " are wired to one another directly");
  require(spec.port.value() > 0.0, "port: the bandwidth must be positive");
  require(spec.radix == 0 || spec.radix >= 2, "radix: at least two ports");
  require(spec.oversubscription >= 1.0, "oversubscription: at least 1");
  require(spec.scale_up.value() > 0.0, "scale_up: the bandwidth must be positive");
  require(spec.planes >= 1, "planes: at least one");
  require(spec.switch_latency.value() >= 0.0, "switch_latency: must not be negative");
  if (!problems.empty()) {
    return problems;
  }
  const std::string radix_problem = "radix: switches of " + std::to_string(spec.radix) + " ports do not reach " +
                                    std::to_string(spec.hosts) + " hosts";
  if (is("clos2") || is("clos3")) {
    require(reaches(spec, spec.hosts, is("clos2"), is("clos3")), radix_problem);
  } else if (is("dragonfly")) {
    require(dragonfly_shape(spec.hosts, spec.radix).hosts != 0, radix_problem);
  } else if (is("rail")) {
    if (require(spec.domain >= 1 && spec.hosts % spec.domain == 0 && spec.hosts / spec.domain >= 2,
                "domain: must divide the hosts into at least two nodes")) {
      require(reaches(spec, spec.hosts / spec.domain, true, true), radix_problem);
    }
  } else if (is("buildings")) {
    require(spec.between_buildings.value() > 0.0 || spec.buildings == 1,
            "between_buildings: the bandwidth must be positive");
    require(spec.distance_km >= 0.0, "distance_km: must not be negative");
    if (require(spec.buildings >= 1 && spec.hosts % spec.buildings == 0, "buildings: must divide the hosts")) {
      require(reaches(spec, spec.hosts / spec.buildings, true, true), radix_problem);
    }
  }
  return problems;
}

std::unique_ptr<Topology> make_topology(const TopologySpec& spec) {
  const std::vector<std::string> problems = problems_of(spec);
  if (!problems.empty()) {
    throw std::invalid_argument(problems.front());
  }
  const auto variant =
      std::find_if(kVariants.begin(), kVariants.end(), [&](const Variant& v) { return v.name == spec.shape; });
  return variant->make(spec);
}

}  // namespace aifactory

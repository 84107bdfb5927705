#include <algorithm>
#include <limits>
#include <string>

#include "models/fabric/collective_fit_stages.h"

namespace aifactory::collective_fit {
namespace {

LevelLaw* level_of(CollectiveLaw& law, const std::string& network) {
  if (network.empty()) {
    return &law.scale_out;
  }
  for (NamedNetwork& candidate : law.networks) {
    if (candidate.name == network) {
      return &candidate.level;
    }
  }
  return nullptr;
}

void in_network_trees(FitState& state, Part& part, const std::string& name) {
  const std::function<LevelLaw&(CollectiveLaw&)> level = [name](CollectiveLaw& l) -> LevelLaw& {
    return *level_of(l, name);
  };
  const std::size_t law = part.laws.front();
  CollectiveLaw published = state.blank[law];
  const ProtocolAt at = [=](CollectiveLaw& l) -> ProtocolLaw& { return level(l).nvls; };
  at(state.laws[law]) = at(published);
  level(state.laws[law]).passes = level(published).passes;
  add_protocol(part.knobs, at, at(published), false);
  part.knobs.push_back(knob(level, &LevelLaw::passes, 1.0, 3.0));
  fit(state.laws, part);
}

void network(FitState& state, Part& part, const std::string& name, Collective operation) {
  const auto level = [name](CollectiveLaw& l) -> LevelLaw& { return *level_of(l, name); };
  const auto member = operation == Collective::kAllReduce ? &LevelLaw::all_reduce : &LevelLaw::send_recv;
  for (const std::size_t law : part.laws) {
    CollectiveLaw published = state.blank[law];
    level(state.laws[law]).*member = level(published).*member;
    level(state.laws[law]).send_credit = level(published).send_credit;
  }
  LevelLaw& first = level(state.laws[part.laws.front()]);
  // Where the network, not the pattern, sets the pace, the entry gives trees the protocols of rings.
  bool trees_too = operation == Collective::kAllReduce;
  for (std::size_t p = 0; p < kProtocolCount; ++p) {
    trees_too =
        trees_too && first.tree.protocols[p].offered() == first.all_reduce.protocols[p].offered() && !name.empty();
  }
  Knob* limit = nullptr;
  part.knobs.reserve(32);
  for (std::size_t p = 0; p < kProtocolCount; ++p) {
    if (!(first.*member).protocols[p].offered()) {
      continue;
    }
    const ProtocolAt at = [=](CollectiveLaw& l) -> ProtocolLaw& { return (level(l).*member).protocols[p]; };
    const std::size_t knobs = part.knobs.size();
    add_protocol(part.knobs, at, at(state.laws[part.laws.front()]), false);
    if (trees_too) {
      for (std::size_t k = knobs; k < part.knobs.size(); ++k) {
        part.knobs[k].set = [=, ring = part.knobs[k].set](CollectiveLaw& l, double value) {
          ring(l, value);
          level(l).tree.protocols[p] = (level(l).*member).protocols[p];
        };
      }
    }
    if (at(state.laws[part.laws.front()]).up_to.value() > 0.0) {
      add_limit(part.knobs, at, false);
      limit = &part.knobs.back();
    }
  }
  if (operation == Collective::kSendRecv && first.send_credit.value() > 0.0) {
    const std::function<LevelLaw&(CollectiveLaw&)> owner = level;
    part.knobs.push_back(knob(owner, &LevelLaw::send_credit, 1e4, 1e8));
  }
  if (limit == nullptr) {
    fit(state.laws, part);
    return;
  }
  // A limit moves samples from one protocol to another at once; a search finds it only from nearby.
  double best = std::numeric_limits<double>::infinity();
  Laws found;
  const Laws before = state.laws;
  for (double bytes = 1048576.0; bytes <= 2e9; bytes *= 2.0) {
    state.laws = before;
    for (const std::size_t law : part.laws) {
      limit->set(state.laws[law], bytes);
    }
    const double now = fit(state.laws, part);
    if (now < best) {
      best = now;
      found = state.laws;
    }
  }
  state.laws = found;
}

// One network and the laws that take its constants from the same samples.
struct Network {
  std::string alternative;  // empty = the default of each of them
  std::vector<std::size_t> laws;
};

std::vector<Network> networks_of(const Laws& laws) {
  std::vector<Network> networks;
  std::vector<std::string> names;
  const auto add = [&](const std::string& name, const std::string& alternative, std::size_t law) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end() || name.empty()) {
      names.push_back(name);
      networks.push_back({alternative, {law}});
    } else {
      networks[static_cast<std::size_t>(found - names.begin())].laws.push_back(law);
    }
  };
  for (std::size_t law = 0; law < laws.size(); ++law) {
    add(laws[law].scale_out_network.empty() ? "" : "default " + laws[law].scale_out_network, "", law);
  }
  for (std::size_t law = 0; law < laws.size(); ++law) {
    for (const NamedNetwork& network : laws[law].networks) {
      add(network.name, network.name, law);
    }
  }
  return networks;
}

}  // namespace

void fit_networks(FitState& state) {
  for (const Network& name : networks_of(state.laws)) {
    for (const Collective operation : {Collective::kAllReduce, Collective::kSendRecv}) {
      Part shared;
      std::vector<Part> own;  // of laws whose groups are joined by trees over in-network groups
      for (const std::size_t law : name.laws) {
        Part part;
        part.laws = {law};
        for (const CollectiveSample& sample : state.samples) {
          if (sample.law == law && sample.one.beyond_domain() && !sample.one.exchange &&
              sample.one.network == name.alternative && sample.one.operation == operation) {
            part.samples.push_back(&sample);
          }
        }
        if (level_of(state.laws[law], name.alternative)->nvls.up_to.value() > 0.0) {
          own.push_back(part);
        } else {
          shared.samples.insert(shared.samples.end(), part.samples.begin(), part.samples.end());
        }
        shared.laws.push_back(law);
      }
      if (!shared.samples.empty()) {
        network(state, shared, name.alternative, operation);
      }
      for (Part& part : own) {
        if (!part.samples.empty() && operation == Collective::kAllReduce) {
          in_network_trees(state, part, name.alternative);
        }
      }
    }
  }
}

}  // namespace aifactory::collective_fit

#include "models/catalog/collective_law_text.h"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

namespace aifactory {
namespace {

using Json = nlohmann::ordered_json;

std::string microseconds(Seconds value) {
  return fmt::format("{:.4g} us", value.value() * 1e6);
}
std::string bytes(Bytes value) {
  return fmt::format("{:.0f} B", value.value());
}
double rounded(double value) {
  return std::stod(fmt::format("{:.4g}", value));
}

Json protocol(const ProtocolLaw& law, const std::string& limit) {
  Json json = {
      {"start", microseconds(law.start)}, {"step", microseconds(law.step)}, {"efficiency", rounded(law.efficiency)}};
  if (law.overlap != 1.0) {
    json["overlap"] = rounded(law.overlap);
  }
  if (law.up_to.value() > 0.0) {
    json[limit] = bytes(law.up_to);
  }
  if (law.up_to.value() > 0.0 && law.up_to_exponent != 0.0) {
    json[limit + "_exponent"] = rounded(law.up_to_exponent);
  }
  if (law.pair.value() > 0.0) {
    json["pair"] = fmt::format("{:.4g} GB/s", law.pair.value() / 1e9);
  }
  return json;
}

Json algorithm(const AlgorithmLaw& law) {
  constexpr std::array<const char*, kProtocolCount> kNames = {"ll", "ll128", "simple"};
  Json json = Json::object();
  for (std::size_t p = 0; p < kProtocolCount; ++p) {
    if (law.protocols[p].offered()) {
      json[kNames[p]] = protocol(law.protocols[p], "up_to");
    }
  }
  if (law.own_share > 0.0) {
    json["own_share"] = rounded(law.own_share);
  }
  return json;
}

Json level(const LevelLaw& law, const LevelLaw& published) {
  constexpr std::array<std::pair<const char*, AlgorithmLaw LevelLaw::*>, 6> kNames = {
      {{"all_reduce", &LevelLaw::all_reduce},
       {"all_gather", &LevelLaw::all_gather},
       {"reduce_scatter", &LevelLaw::reduce_scatter},
       {"tree", &LevelLaw::tree},
       {"direct", &LevelLaw::direct},
       {"send_recv", &LevelLaw::send_recv}}};
  constexpr std::array<std::pair<const char*, ProtocolLaw LevelLaw::*>, 5> kSingle = {
      {{"collnet", &LevelLaw::collnet},
       {"nvls_collnet", &LevelLaw::nvls_collnet},
       {"pat", &LevelLaw::pat},
       {"dispatch", &LevelLaw::dispatch},
       {"combine", &LevelLaw::combine}}};
  const LevelLaw unset;
  Json json = Json::object();
  for (const auto& [name, member] : kNames) {
    if (law.*member != published.*member) {
      json[name] = algorithm(law.*member);
    }
  }
  if (law.nvls != published.nvls) {
    json["in_network"] = protocol(law.nvls, "from");
    if (law.nvls_least_ranks >= 2) {
      json["in_network_least_ranks"] = law.nvls_least_ranks;
    }
  }
  for (const auto& [name, member] : kSingle) {
    if (law.*member != published.*member) {
      json[name] = protocol(law.*member, "up_to");
    }
  }
  if (law.passes != unset.passes) {
    json["passes"] = rounded(law.passes);
  }
  if (law.direct_links > 0) {
    json["direct_links"] = law.direct_links;
  }
  if (law.observed_ranks != unset.observed_ranks) {
    json["observed_ranks"] = law.observed_ranks;
  }
  if (law.rails > 0.0) {
    json["rails"] = rounded(law.rails);
  }
  if (law.send_credit.value() > 0.0) {
    json["send_credit"] = bytes(law.send_credit);
  }
  return json;
}

Json engine(const EngineLaw& law) {
  Json json = {
      {"name", law.name}, {"one_shot", protocol(law.one_shot, "up_to")}, {"two_shot", protocol(law.two_shot, "up_to")}};
  if (law.floor.value() > 0.0) {
    json["floor"] = microseconds(law.floor);
  }
  if (law.staging.value() > 0.0) {
    json["staging"] = fmt::format("{:.4g} GB/s", law.staging.value() / 1e9);
  }
  return json;
}

// Objects and lists of scalars on one line, others a member a line.
void write(const Json& json, std::size_t indent, std::string& text) {
  const bool flat = !json.is_structured() ||
                    std::none_of(json.begin(), json.end(), [](const Json& member) { return member.is_structured(); });
  if (flat) {
    std::string line = json.is_structured() ? std::string(json.is_object() ? "{" : "[") : json.dump();
    if (json.is_structured()) {
      for (auto it = json.begin(); it != json.end(); ++it) {
        line += it == json.begin() ? "" : ", ";
        line += json.is_object() ? Json(it.key()).dump() + ": " : "";
        line += it->dump();
      }
      line += json.is_object() ? "}" : "]";
    }
    text += line;
    return;
  }
  text += json.is_object() ? "{" : "[";
  for (auto it = json.begin(); it != json.end(); ++it) {
    text += (it == json.begin() ? "\n" : ",\n") + std::string(indent + 2, ' ');
    text += json.is_object() ? Json(it.key()).dump() + ": " : "";
    write(*it, indent + 2, text);
  }
  text += "\n" + std::string(indent, ' ') + (json.is_object() ? "}" : "]");
}

}  // namespace

std::string collective_law_text(const CollectiveLaw& law, const nlohmann::json& entry) {
  const CollectiveLaw published = published_collective_law(law.family);
  Json json;
  for (const char* key : {"schema", "id", "name", "aliases", "facts", "family", "scale_out_network"}) {
    if (entry.contains(key)) {
      json[key] = entry[key];
    }
  }
  for (const auto& [key, own, from] : {std::tuple("scale_up", &law.scale_up, &published.scale_up),
                                       std::tuple("scale_out", &law.scale_out, &published.scale_out)}) {
    const Json fitted = level(*own, *from);
    if (!fitted.empty()) {
      json[key] = fitted;
    }
  }
  if (law.launch.value() > 0.0) {
    json["launch"] = microseconds(law.launch);
  }
  for (const EngineLaw& one : law.engines) {
    if (one.name != published.engines.front().name) {
      json["engines"].push_back(engine(one));
    }
  }
  for (const NamedNetwork& network : law.networks) {
    Json one = {{"name", network.name}};
    if (network.bandwidth.value() > 0.0) {
      one["bandwidth"] = fmt::format("{:.4g} GB/s", network.bandwidth.value() / 1e9);
    }
    if (!network.seen_as.empty()) {
      one["seen_as"] = network.seen_as;
    }
    if (network.undescribed) {
      one["undescribed"] = true;
    }
    if (network.in_machine) {
      one["in_machine"] = true;
    }
    if (network.domain > 0) {
      one["domain"] = network.domain;
    }
    one["level"] = level(network.level, published.scale_out);
    json["networks"].push_back(std::move(one));
  }
  for (std::size_t regime = 0; regime < law.bands.size(); ++regime) {
    if (law.bands[regime] != published.bands[regime]) {
      json["bands"][std::string(kCollectiveRegimes[regime])] = {rounded(law.bands[regime].low),
                                                                rounded(law.bands[regime].high)};
    }
  }
  std::string text;
  write(json, 0, text);
  return text + "\n";
}

nlohmann::json collective_law_entry(const CollectiveLaw& law, const std::string& source_key, const std::string& as_of) {
  return {{"schema", "collective_law/1"},
          {"id", "collectives_" + law.family},
          {"name", "Collectives of the " + law.family + " family"},
          {"facts", {{"source", source_key}, {"as_of", as_of}, {"evidence", "measured"}, {"confidence", "medium"}}},
          {"family", law.family}};
}

}  // namespace aifactory

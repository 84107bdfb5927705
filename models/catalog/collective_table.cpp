#include "models/catalog/collective_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "models/catalog/band_reader.h"

namespace aifactory {
namespace {

FieldTable<ProtocolLaw> protocol_table(const std::string& name, const std::string& limit, const std::string& meaning) {
  return FieldTable<ProtocolLaw>(name)
      .quantity("start", &ProtocolLaw::start, "us", "once per call")
      .required()
      .non_negative()
      .quantity("step", &ProtocolLaw::step, "us", "per hop of the longest chain")
      .required()
      .non_negative()
      .number("efficiency", &ProtocolLaw::efficiency, "wire bytes over the nominal rate of the links")
      .required()
      .positive()
      .at_most(2.0)
      .number("overlap", &ProtocolLaw::overlap,
              "p in (latency^p + transfer^p)^(1/p): 1 = one after the other, large = hidden, 1/2 = chunks fill a pipe")
      .at_least(0.5)
      .at_most(20.0)
      .default_value(1.0, "latency and transfer add, as in NCCL's cost model")
      .quantity(limit, &ProtocolLaw::up_to, "B", meaning)
      .non_negative()
      .default_rule("wherever it is fastest", "as NCCL's tuner chooses")
      .number(limit + "_exponent", &ProtocolLaw::up_to_exponent, "that size grows as ranks to this power")
      .default_value(0.0, "the same size for every group")
      .quantity("pair", &ProtocolLaw::pair, "GB/s", "one way between two ranks: engines' kernels, expert exchanges")
      .non_negative()
      .default_value("0 GB/s", "one peer can fill the links");
}

const FieldTable<AlgorithmLaw>& algorithm_table() {
  static const FieldTable<ProtocolLaw> protocol =
      protocol_table("collective_protocol", "up_to", "largest buffer the library was seen to use it for");
  const auto at = [](Protocol p) {
    return [p](AlgorithmLaw& law) -> ProtocolLaw& { return law.protocols[static_cast<std::size_t>(p)]; };
  };
  static const FieldTable<AlgorithmLaw> table =
      FieldTable<AlgorithmLaw>("collective_algorithm")
          .object("ll", at(Protocol::kLL), protocol, "flag with every 4 bytes")
          .object("ll128", at(Protocol::kLL128), protocol, "flag with every 120 bytes")
          .object("simple", at(Protocol::kSimple), protocol, "whole chunks")
          .number("own_share", &AlgorithmLaw::own_share, "of a rank's own block that passes its engines too")
          .at_least(0.0)
          .at_most(2.0)
          .default_value(0.0, "only what crosses the links counts");
  return table;
}

const FieldTable<EngineLaw>& engine_table() {
  static const FieldTable<ProtocolLaw> shot =
      protocol_table("collective_shot", "up_to", "largest buffer the engine was seen to use it for");
  static const FieldTable<EngineLaw> table =
      FieldTable<EngineLaw>("collective_engine")
          .id("name", &EngineLaw::name, "the kernel, as measurement files call it")
          .required()
          .object("one_shot", &EngineLaw::one_shot, shot, "every rank reads all others' buffers")
          .object("two_shot", &EngineLaw::two_shot, shot, "reduce-scatter, then all-gather")
          .quantity("floor", &EngineLaw::floor, "us", "launch cost that hides everything shorter")
          .non_negative()
          .default_value("0 us", "launched from a captured graph")
          .quantity("staging", &EngineLaw::staging, "GB/s", "rate of the copy into registered buffers")
          .non_negative()
          .default_value("0 GB/s", "no copy: buffers are registered when the graph is captured");
  return table;
}

const FieldTable<LevelLaw>& level_table() {
  static const FieldTable<ProtocolLaw> nvls =
      protocol_table("collective_in_network", "from", "the library was seen to use it above this size");
  static const FieldTable<ProtocolLaw> pat =
      protocol_table("collective_pat", "up_to", "largest buffer the library was seen to use it for");
  static const FieldTable<LevelLaw> table =
      FieldTable<LevelLaw>("collective_level")
          .object("all_reduce", &LevelLaw::all_reduce, algorithm_table(), "ring")
          .object("all_gather", &LevelLaw::all_gather, algorithm_table(), "ring; broadcast too")
          .object("reduce_scatter", &LevelLaw::reduce_scatter, algorithm_table(), "ring")
          .object("tree", &LevelLaw::tree, algorithm_table(), "double binary tree")
          .object("direct", &LevelLaw::direct, algorithm_table(), "all-to-all")
          .object("send_recv", &LevelLaw::send_recv, algorithm_table(), "one message between two ranks")
          .object("in_network", &LevelLaw::nvls, nvls, "reduction in the switches of a domain, or trees that join them")
          .integer("in_network_least_ranks", &LevelLaw::nvls_least_ranks, "smallest group that uses it")
          .at_least(2)
          .default_value(5, "seen on H200")
          .object("collnet", &LevelLaw::collnet, pat, "all-reduce in the switches of a network (SHARP)")
          .object("nvls_collnet", &LevelLaw::nvls_collnet, pat, "the same over domains that reduce too")
          .object("pat", &LevelLaw::pat, pat, "parallel aggregated trees")
          .object("dispatch", &LevelLaw::dispatch, pat, "MoE: tokens to the ranks of their experts")
          .object("combine", &LevelLaw::combine, pat, "MoE: expert outputs back to their tokens")
          .number("passes", &LevelLaw::passes, "of the buffer through a group that trees join to more than one other")
          .at_least(1.0)
          .at_most(4.0)
          .default_value(1.5, "leaf of one of the two trees, inner node of the other")
          .integer("direct_links", &LevelLaw::direct_links, "of a rank to its peers, without switches")
          .at_least(0)
          .default_value(0, "switched")
          .integer("observed_ranks", &LevelLaw::observed_ranks, "largest group whose up_to sizes were observed")
          .at_least(2)
          .default_value(8, "one node")
          .number("rails", &LevelLaw::rails, "most links of the group below that rings and trees spread over")
          .non_negative()
          .default_value(0.0, "all of them")
          .quantity("send_credit", &LevelLaw::send_credit, "B", "taken by network buffers before a sender waits")
          .non_negative()
          .default_value("0 B", "the sender waits for the wire");
  return table;
}

const FieldTable<NamedNetwork>& network_table() {
  static const FieldTable<NamedNetwork> table =
      FieldTable<NamedNetwork>("collective_network")
          .id("name", &NamedNetwork::name, "of the transport")
          .required()
          .quantity("bandwidth", &NamedNetwork::bandwidth, "GB/s", "one way per accelerator")
          .non_negative()
          .default_value("0 GB/s", "the accelerator's own network port")
          .object("level", &NamedNetwork::level, level_table(), "its law")
          .required()
          .text("seen_as", &NamedNetwork::seen_as, "word by which measurements name it, of accelerator or network")
          .boolean("undescribed", &NamedNetwork::undescribed, "that of measurements which give machines, no network")
          .default_value(false, "measurements over it name it")
          .boolean("in_machine", &NamedNetwork::in_machine, "joins accelerators of one machine")
          .default_value(false, "joins machines")
          .integer("domain", &NamedNetwork::domain, "accelerators that reach each other over scale_up there")
          .at_least(0)
          .default_value(0, "as many as the accelerator says");
  return table;
}

void read_collective_bands(CollectiveLaw& law, const nlohmann::json& json, ReadContext& context) {
  for (const auto& [key, band] : json.items()) {
    const auto known = std::find(kCollectiveRegimes.begin(), kCollectiveRegimes.end(), key);
    if (known == kCollectiveRegimes.end() ||
        !read_band(law.bands[static_cast<std::size_t>(known - kCollectiveRegimes.begin())], band)) {
      context.problem(fmt::format("no regime with a band [low, high], low <= 0 <= high: \"{}\"", key));
    }
  }
}

// Algorithms the entry does not mention cost what NCCL publishes.
void fill_from(const AlgorithmLaw& published, AlgorithmLaw& law) {
  if (!law.offered()) {
    law = published;
  }
}
void fill_from(const LevelLaw& published, LevelLaw& law) {
  fill_from(published.all_reduce, law.all_reduce);
  fill_from(published.all_gather, law.all_gather);
  fill_from(published.reduce_scatter, law.reduce_scatter);
  fill_from(published.tree, law.tree);
  fill_from(published.direct, law.direct);
  fill_from(published.send_recv, law.send_recv);
  if (!law.nvls.offered()) {
    law.nvls = published.nvls;
    law.nvls_least_ranks = published.nvls_least_ranks;
  }
  for (const auto member :
       {&LevelLaw::pat, &LevelLaw::collnet, &LevelLaw::nvls_collnet, &LevelLaw::dispatch, &LevelLaw::combine}) {
    if (!(law.*member).offered()) {
      law.*member = published.*member;
    }
  }
}

}  // namespace

const FieldTable<CollectiveLaw>& collective_table() {
  static const FieldTable<CollectiveLaw> table =
      FieldTable<CollectiveLaw>("collective_law", 1, "Protocol constants of collectives on one family's links.")
          .header(&CollectiveLaw::id, &CollectiveLaw::name)
          .id("family", &CollectiveLaw::family, "of accelerators it was fitted on")
          .required()
          .object("scale_up", &CollectiveLaw::scale_up, level_table(), "inside the scale-up domain")
          .object("scale_out", &CollectiveLaw::scale_out, level_table(), "over the network")
          .id("scale_out_network", &CollectiveLaw::scale_out_network,
              "the kind of network scale_out is of: laws that name the same share its measurements")
          .quantity("launch", &CollectiveLaw::launch, "us", "of one call outside a captured graph")
          .non_negative()
          .default_value("0 us", "replayed from a captured graph, or launched ahead of time")
          .objects("engines", &CollectiveLaw::engines, engine_table(),
                   "serving engines' own all-reduce; the first is the default", "name")
          .objects("networks", &CollectiveLaw::networks, network_table(), "alternatives to scale_out", "name")
          .custom("bands", read_collective_bands,
                  R"({"type": "object", "additionalProperties": {"type": "array", "minItems": 2, "maxItems": 2, "items":
                  {"type": "number"}}})",
                  "ln(true / predicted) at P10 and P90 by regime: library, engine, launched, beyond, exchange")
          .check([](CollectiveLaw& law, ReadContext&) {
            const CollectiveLaw published = published_collective_law(law.family);
            fill_from(published.scale_up, law.scale_up);
            fill_from(published.scale_out, law.scale_out);
            for (NamedNetwork& network : law.networks) {
              fill_from(published.scale_out, network.level);
            }
            if (law.engines.empty()) {
              law.engines = published.engines;
            }
            law.scale_up.engine = law.engines.front();
          });
  return table;
}

CollectiveLaw load_collective_law(const Catalog& catalog, const Accelerator& accelerator, ReadLog* log) {
  for (const std::string& name : {accelerator.id, accelerator.family}) {
    if (catalog.contains("fabrics", "collectives_" + name)) {
      return load_entry(catalog, "fabrics", "collectives_" + name, collective_table(), log);
    }
  }
  return published_collective_law(accelerator.family);
}

}  // namespace aifactory

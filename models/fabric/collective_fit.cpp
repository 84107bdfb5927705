#include "models/fabric/collective_fit.h"

#include "models/fabric/collective_fit_stages.h"

namespace aifactory {
namespace {

// What is given stays; every constant is as published.
LevelLaw blank(const LevelLaw& given, const LevelLaw& published) {
  LevelLaw level = given;
  for (const auto member : kAlgorithms) {
    const AlgorithmLaw& from = (published.*member).offered() ? published.*member : published.all_reduce;
    for (std::size_t p = 0; p < kProtocolCount; ++p) {
      ProtocolLaw& protocol = (level.*member).protocols[p];
      if (protocol.offered()) {
        const bool limited = protocol.up_to.value() > 0.0;
        protocol = from.protocols[p].offered() ? from.protocols[p] : published.all_reduce.protocols[p];
        protocol.up_to = Bytes(limited ? 1048576.0 : 0.0);
      }
    }
  }
  for (const auto member : {&LevelLaw::nvls, &LevelLaw::pat, &LevelLaw::dispatch, &LevelLaw::combine}) {
    level.*member = published.*member;
    (level.*member).up_to = (given.*member).up_to;
  }
  level.passes = 1.5;
  level.send_credit = Bytes(given.send_credit.value() > 0.0 ? 524288.0 : 0.0);
  return level;
}
CollectiveLaw blank(const CollectiveLaw& given) {
  const CollectiveLaw published = published_collective_law(given.family);
  CollectiveLaw law = given;
  law.scale_up = blank(given.scale_up, published.scale_up);
  law.scale_out = blank(given.scale_out, published.scale_out);
  law.launch = Seconds(0.0);
  for (NamedNetwork& network : law.networks) {
    network.level = blank(network.level, published.scale_out);
  }
  for (EngineLaw& engine : law.engines) {
    EngineLaw as_published = published.engines.front();
    as_published.name = engine.name;
    as_published.floor = Seconds(engine.floor.value() > 0.0 ? 1e-5 : 0.0);
    engine = as_published;
  }
  return law;
}

}  // namespace

std::vector<CollectiveLaw> fit_collectives(const std::vector<CollectiveLaw>& given,
                                           const std::vector<CollectiveSample>& samples, Unmeasured unmeasured) {
  std::vector<CollectiveLaw> blanks;
  for (const CollectiveLaw& law : given) {
    blanks.push_back(blank(law));
  }
  collective_fit::FitState state{unmeasured == Unmeasured::kAsGiven ? given : blanks, blanks, samples};
  for (std::size_t law = 0; law < given.size(); ++law) {
    collective_fit::fit_library(state, law);
    collective_fit::fit_engines(state, law);
    collective_fit::fit_exchanges(state, law);
    collective_fit::fit_launch(state, law);
    collective_fit::fit_wide_domain(state, law);
  }
  collective_fit::fit_networks(state);
  for (CollectiveLaw& law : state.laws) {
    law.scale_up.engine = law.engines.front();
  }
  return state.laws;
}

}  // namespace aifactory

// A scenario with every name looked up: domain values only, ready to be simulated.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/catalog/catalog.h"
#include "models/catalog/config_error.h"
#include "models/demand/request_mix.h"
#include "models/economics/prices.h"
#include "models/fabric/collective.h"
#include "models/hardware/system.h"
#include "models/kernels/kernel_model.h"
#include "models/llm/architecture.h"
#include "models/llm/formats.h"
#include "models/power/facility.h"
#include "models/reliability/failure.h"
#include "sim/scenario/scenario.h"

namespace aifactory {

struct ResolvedSite {
  SiteSpec spec;
  Site site;
};

struct ResolvedFleet {
  FleetSpec spec;
  std::size_t site = 0;  // index into Resolved::sites
  System system;
  std::shared_ptr<const KernelModel> kernels;    // at sustained clocks
  std::shared_ptr<const CollectiveLaw> network;  // of the accelerator's family; null: published constants
  FailureProcess failures;
  std::string kernels_hash;  // of the calibration and network law behind them; empty when there is none
  std::string network_hash;
};

struct ResolvedWorkload {
  WorkloadSpec spec;
  std::size_t fleet = 0;  // index into Resolved::fleets
  LlmArchitecture model;
  std::string model_hash;
  NumericFormats formats;
  RequestMix mix;         // serving
  DemandSpec demand;      // serving; meaningless when `replayed`
  bool replayed = false;  // a trace without a demand: played as recorded
  TokenPrices prices;     // serving
};

struct Resolved {
  Scenario scenario;
  std::vector<ResolvedSite> sites;
  std::vector<ResolvedFleet> fleets;
  std::vector<ResolvedWorkload> workloads;
  PriceBook prices;
};

// Looks everything up; whatever is unknown or contradictory goes to `problems` (with the pointer in the scenario), and
// the value returned is then not to be used. Facts read are recorded in `log`.
Resolved resolve(const Scenario& scenario, const Catalog& catalog, ReadLog& log, Problems& problems);

}  // namespace aifactory

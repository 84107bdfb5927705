// A question as its file states it, names not yet looked up and open defaults still open: what is absent here is filled
// from the catalogue when the scenario is resolved, so that `explain` can name the default's source.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/demand/request_mix.h"
#include "models/power/boundary.h"
#include "models/units/date.h"
#include "models/units/quantity.h"
#include "sim/serving/serving_policy.h"

namespace aifactory {

struct HorizonSpec {
  Date start;
  Seconds duration = kYear;
};

struct SiteSpec {
  std::string id;
  std::string location;  // configs/sites
  Watts power{};         // the envelope
  PowerBoundary boundary = PowerBoundary::kAverageFacility;
  std::string facility;                     // configs/facilities; empty = the location's own design
  std::string energy;                       // configs/energy; empty = the location's region
  std::optional<UsdPerJoule> energy_price;  // all-in, instead of the region's tariff
};

struct FleetSpec {
  std::string id;
  std::string site;               // empty = the only site
  std::string system;             // configs/systems
  std::optional<double> racks;    // whole racks; absent = fill the envelope
  double envelope_share = 1.0;    // of the site's power, when filling
  double oversubscription = 1.0;  // racks admitted beyond rated power; the site caps what exceeds the envelope
  std::string reliability;        // configs/reliability
};

enum class LengthKind { kFixed, kUniform, kLognormal };

struct LengthSpec {
  LengthKind kind = LengthKind::kUniform;
  double tokens = 0.0;  // fixed
  double low = 0.0, high = 0.0;
  double mean = 0.0, p95 = 0.0;
  [[nodiscard]] LengthDistribution distribution() const;
};

// How much is asked for, hour by hour. Exactly one of requests_per_second and peak_utilization sets the level.
struct DemandSpec {
  std::optional<Hertz> requests_per_second;  // mean over the horizon, whole workload
  std::optional<double> peak_utilization;    // busiest hour over what the replicas carry within the SLO
  double peak_to_mean = 1.0;
  double peak_hour = 0.0;  // site time
  double weekend_fraction = 1.0;
};

struct TokenPriceSpec {
  std::optional<UsdPerToken> input, cached, output;
};

enum class WorkloadKind { kServing, kTraining };
enum class MatmulFormat { kNative, kBf16, kFp8, kFp4 };

struct ServingWorkload {
  // 80 to 100 % of 1,024 tokens: the 1k/1k workload of InferenceX (see scenario_table.cpp).
  LengthSpec prompt{LengthKind::kUniform, 0.0, 819.0, 1024.0, 0.0, 0.0};
  LengthSpec output{LengthKind::kUniform, 0.0, 819.0, 1024.0, 0.0, 0.0};
  double cached_fraction = 0.0;
  ArrivalProcess arrivals;
  std::string trace;  // path; empty = none
  Slo slo;
  std::optional<DemandSpec> demand;
  TokenPriceSpec price;
  ServingPolicyKind policy = ServingPolicyKind::kDecodeFirst;
  int draft_tokens = 0;  // multi-token prediction
  double accepted_drafts = 0.0;
  int priority = 1;  // capped last if highest
};

struct TrainingWorkload {
  double sequence = 0.0;         // tokens
  double global_batch = 0.0;     // sequences
  std::optional<Tokens> tokens;  // budget of one run
  std::optional<double> accelerators_per_run;
  int priority = 0;
};

struct WorkloadSpec {
  std::string id;
  WorkloadKind kind = WorkloadKind::kServing;
  std::string fleet;   // empty = the only fleet
  double share = 1.0;  // of the fleet's racks
  std::string llm;     // configs/llms
  MatmulFormat precision = MatmulFormat::kNative;
  ServingWorkload serving;
  TrainingWorkload training;
};

struct EconomicsSpec {
  std::string prices;  // configs/prices
  std::optional<double> wacc;
  std::optional<double> years;                    // of operation in the cash-flow analysis
  std::optional<double> token_price_growth;       // a year
  TokenPriceSpec token_price;                     // for serving workloads that state none
  std::optional<UsdPerSecond> accelerator_price;  // earned per accelerator by training, e.g. 3.3 USD/h
};

// An input with a band: a pointer into the scenario ("/economics/wacc") or into the catalogue
// ("systems/gb200_nvl72/rack_power"), and the P10 and P90 of what it may be, as JSON text.
struct UncertainInput {
  std::string pointer;  // where the scenario states it
  std::string input;
  std::string low, high;
};

struct Scenario {
  std::string file;  // where it was read from, as the user named it: what problems print
  std::string title, question, description;
  std::uint64_t seed = 1;
  HorizonSpec horizon;
  std::vector<SiteSpec> sites;
  std::vector<FleetSpec> fleet;
  std::vector<WorkloadSpec> workloads;
  std::optional<DemandSpec> demand;  // of serving workloads that state none
  EconomicsSpec economics;
  std::vector<UncertainInput> uncertainty;
  bool expect_infeasible = false;
};

}  // namespace aifactory

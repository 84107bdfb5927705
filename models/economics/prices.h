// A price book: what things cost and what money costs (configs/prices). Values, immutable, passed down.
#pragma once

#include <string>

#include "models/units/quantity.h"

namespace aifactory {

struct CapexPrices {
  UsdPerWatt shell{};            // land improvement, building, fit-out; per watt of critical IT
  UsdPerWatt plant{};            // power distribution, cooling, generators; per watt of critical IT
  UsdPerWatt interconnection{};  // substation and line; per watt contracted
  UsdPerWatt land{};             // per watt of critical IT
  double ai_premium = 0.0;       // density premium over ordinary halls, on shell and plant
  double integration = 0.0;      // delivery, installation, spares, over IT hardware
  double contingency = 0.0;      // over facility items
};

struct OpexPrices {
  double it_maintenance = 0.0;        // a year, over IT capex
  double facility_maintenance = 0.0;  // a year, over facility capex
  UsdPerJoule staff{};                // operating one watt of critical IT rating for one second (USD/kW-year)
  UsdPerLitre water{};
  double insurance_and_tax = 0.0;  // property tax and insurance, a year, over total capex
  UsdPerGram carbon{};             // carbon price paid, zero where none
};

struct FinanceTerms {
  double wacc = 0.0;        // nominal, after tax
  double debt_share = 0.0;  // of capex
  double debt_rate = 0.0;   // nominal
  Seconds debt_term{};
  double tax_rate = 0.0;
  Seconds it_life{};  // depreciation and annuity
  Seconds facility_life{};
  double it_residual = 0.0;  // of IT capex at the end of its life
};

struct TokenPrices {
  std::string id;
  std::string name;
  UsdPerToken input{};
  UsdPerToken cached{};
  UsdPerToken output{};
};

struct BuildTimes {
  Seconds permits_and_design{};
  Seconds shell{};            // from permit to a dry hall
  Seconds fit_out{};          // power and cooling of the first hall
  Seconds system_delivery{};  // from order to dock
  Seconds commissioning{};    // burn-in and acceptance of the first racks
  Hertz racks{};              // installed and accepted, racks per second over the site
};

struct PriceBook {
  std::string id;
  std::string name;
  CapexPrices capex;
  OpexPrices opex;
  FinanceTerms finance;
  TokenPrices tokens;
  BuildTimes build;
};

}  // namespace aifactory

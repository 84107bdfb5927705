// What a site is made of between the meter and the racks, and what that makes of a watt of IT in a given weather.
#pragma once

#include <span>
#include <string>

#include "models/hardware/system.h"
#include "models/power/boundary.h"
#include "models/power/conversion.h"
#include "models/power/cooling.h"
#include "models/power/grid.h"
#include "models/power/weather.h"
#include "models/units/quantity.h"

namespace aifactory {

// A design of power and cooling plant, built at many places (configs/facilities).
struct FacilityDesign {
  std::string id;
  std::string name;
  CoolingPlant cooling;
  PowerPath path;                  // transformer, UPS
  double house_load = 0.0;         // lighting, controls, offices over critical IT rating, at any load
  double contracted_margin = 1.0;  // contracted over peak facility power
  double availability = 1.0;       // of power and cooling, share of the year
};

// A place (configs/sites).
struct Site {
  std::string id;
  std::string name;
  Climate climate;
  FacilityDesign design;
  GridRegion grid;
  double construction_factor = 1.0;  // building cost over the price book's reference location
  Seconds interconnection{};         // from application to energised
};

// Facility power and water for IT heat in one weather.
struct FacilityState {
  Watts facility{};            // at the meter
  Watts cooling{};             // pumps, fans, chillers (at the cooling plant)
  Watts losses{};              // conversion stages
  Watts house{};               // lighting, controls
  double chiller_share = 0.0;  // of the heat
  // litres per second
  Quantity<-1, 0, 0, 0, 0, 0, 1> water{};
};

// IT power of racks of one kind, split by who takes the heat.
struct HeatLoad {
  Watts liquid{};
  Watts air{};
  double supply = 0.0;  // degC of the coolant, for the liquid part
};

// Heat of a system's racks and their network drawing `rack` and `network` watts: the liquid fraction of the racks to
// liquid, the rest and the whole network to air.
HeatLoad heat_of(const System& system, Watts rack, Watts network);

FacilityState facility_at(const Site& site, const WeatherHour& weather, std::span<const HeatLoad> loads,
                          Watts rated_it);

// PUE of racks of this system at full load, over a year and in the design hour.
FacilityOverheads facility_overheads(const Site& site, const System& system, const WeatherYear& year);

}  // namespace aifactory

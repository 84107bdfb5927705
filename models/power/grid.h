// The electricity grid of a region: price and carbon by hour, capacity charge by contracted watt.
#pragma once

#include <array>
#include <string>

#include "models/power/supply.h"
#include "models/units/quantity.h"

namespace aifactory {

// Relative variation over the day, mean 1: 1 + swing cos(2 pi (hour - peak_hour)/24).
struct DailyShape {
  double swing = 0.0;      // 0..1
  double peak_hour = 0.0;  // local hour
  [[nodiscard]] std::array<double, 24> hours() const;
};

struct GridRegion {
  std::string id;
  std::string name;
  UsdPerJoule wholesale{};        // annual mean energy price
  UsdPerJoule delivery{};         // transmission, distribution, ancillary, losses; per energy
  UsdPerJoule capacity{};         // holding one contracted watt for one second (USD/kW-month and the like)
  DailyShape price_shape;         // of the wholesale price
  GramsPerJoule carbon_direct{};  // annual mean
  GramsPerJoule carbon_life_cycle{};
  DailyShape carbon_shape;
};

class GridSupply final : public SupplySource {
 public:
  // `connection` is what the interconnection lets through in any hour.
  GridSupply(GridRegion region, Watts connection);
  [[nodiscard]] SupplyHour at(int hour_of_year) const override;
  [[nodiscard]] Usd annual_charge(Watts contracted) const override;

 private:
  GridRegion region_;
  Watts connection_;
  std::array<double, 24> price_;
  std::array<double, 24> carbon_;
};

}  // namespace aifactory

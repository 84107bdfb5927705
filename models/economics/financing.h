// The time value of money: annuities, present values, rates of return.
#pragma once

#include <optional>
#include <span>

#include "models/units/quantity.h"

namespace aifactory {

// Equal payments at the end of each of `years` that repay `principal` at `rate`: P r / (1 - (1 + r)^-n); P / n at zero.
Usd annuity(Usd principal, double rate, double years);

// Cash flows at year 0, 1, 2... discounted to year 0.
Usd net_present_value(double rate, std::span<const Usd> flows);

// The rate at which the present value is zero, above -1. None if the flows never change sign or no root lies in
// (-0.99, 1e6). With several roots, the one nearest to zero is not special: the smallest is returned.
std::optional<double> internal_rate_of_return(std::span<const Usd> flows);

// Years until the undiscounted sum turns positive and stays so, linear within the year. None if it never does.
std::optional<double> payback_years(std::span<const Usd> flows);

// Capital charge of one year: IT over its life net of the discounted residual, facility over its life, land at rate.
struct CapitalCharge {
  Usd it{};
  Usd facility{};
  Usd land{};
  [[nodiscard]] Usd total() const { return it + facility + land; }
};

}  // namespace aifactory

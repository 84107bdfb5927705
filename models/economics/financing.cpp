#include "models/economics/financing.h"

#include <algorithm>
#include <cmath>

#include "models/units/pinned_math.h"

namespace aifactory {

Usd annuity(Usd principal, double rate, double years) {
  if (rate == 0.0) {
    return principal / years;
  }
  return principal * (rate / -pinned::expm1(-years * pinned::log1p(rate)));
}

Usd net_present_value(double rate, std::span<const Usd> flows) {
  // Horner from the last year: no powers.
  Usd value{};
  for (auto flow = flows.rbegin(); flow != flows.rend(); ++flow) {
    value = value / (1.0 + rate) + *flow;
  }
  return value;
}

namespace {

// A root between two rates of opposite sign, to the last bit that matters.
double bisect(std::span<const Usd> flows, double low, double high) {
  const bool rises = net_present_value(low, flows) < net_present_value(high, flows);
  for (int i = 0; i < 200; ++i) {
    const double middle = 0.5 * (low + high);
    if (middle <= low || middle >= high) {
      break;
    }
    const bool positive = net_present_value(middle, flows).value() > 0.0;
    (positive == rises ? high : low) = middle;
  }
  return 0.5 * (low + high);
}

}  // namespace

std::optional<double> internal_rate_of_return(std::span<const Usd> flows) {
  const bool gains = std::any_of(flows.begin(), flows.end(), [](Usd f) { return f.value() > 0.0; });
  const bool costs = std::any_of(flows.begin(), flows.end(), [](Usd f) { return f.value() < 0.0; });
  if (!gains || !costs) {
    return std::nullopt;
  }
  // Brackets on a grid even in log(1 + r), from -99 % to a millionfold a year, in steps of about 1 %.
  constexpr double kLowest = 0.01;
  constexpr double kHighest = 1e6;
  constexpr int kSteps = 2000;
  const double ratio = pinned::exp(pinned::log(kHighest / kLowest) / kSteps);
  double growth = kLowest;
  Usd value = net_present_value(growth - 1.0, flows);
  for (int i = 0; i < kSteps; ++i) {
    const double next = growth * ratio;
    const Usd next_value = net_present_value(next - 1.0, flows);
    if (value.value() == 0.0) {
      return growth - 1.0;
    }
    if ((value.value() < 0.0) != (next_value.value() < 0.0)) {
      return bisect(flows, growth - 1.0, next - 1.0);
    }
    growth = next;
    value = next_value;
  }
  return std::nullopt;
}

std::optional<double> payback_years(std::span<const Usd> flows) {
  // The last crossing from below zero: afterwards the sum stays positive.
  std::optional<double> crossing;
  Usd sum{};
  for (std::size_t year = 0; year < flows.size(); ++year) {
    const Usd before = sum;
    sum += flows[year];
    if (sum.value() < 0.0) {
      crossing.reset();
    } else if (before.value() < 0.0) {
      crossing = static_cast<double>(year) - 1.0 + (-before) / flows[year];
    } else if (year == 0) {
      crossing = 0.0;
    }
  }
  return crossing;
}

}  // namespace aifactory

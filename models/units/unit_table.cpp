#include "models/units/unit_table.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace aifactory::detail {
namespace {

struct Prefix {
  std::string_view name;
  double multiply;
  double divide;
};

constexpr std::array kPrefixes = {
    Prefix{"f", 1, 1e15},     Prefix{"p", 1, 1e12},     Prefix{"n", 1, 1e9},     Prefix{"u", 1, 1e6},
    Prefix{"\u00B5", 1, 1e6}, Prefix{"\u03BC", 1, 1e6}, Prefix{"m", 1, 1e3},     Prefix{"k", 1e3, 1},
    Prefix{"M", 1e6, 1},      Prefix{"G", 1e9, 1},      Prefix{"B", 1e9, 1},     Prefix{"T", 1e12, 1},
    Prefix{"P", 1e15, 1},     Prefix{"E", 1e18, 1},     Prefix{"Z", 1e21, 1},    Prefix{"Ki", 0x1p10, 1},
    Prefix{"Mi", 0x1p20, 1},  Prefix{"Gi", 0x1p30, 1},  Prefix{"Ti", 0x1p40, 1}, Prefix{"Pi", 0x1p50, 1},
    Prefix{"Ei", 0x1p60, 1},
};

// Prefixes a symbol takes, separated by spaces. Only those in use: a "kday" or an "mUSD" is more likely a slip.
constexpr std::string_view kNone;
constexpr std::string_view kSmall = "p n u \u00B5 \u03BC m";
constexpr std::string_view kLarge = "k M G T P E Z";
constexpr std::string_view kPower = "n u \u00B5 \u03BC m k M G T";
constexpr std::string_view kEnergy = "f p n u \u00B5 \u03BC m k M G T P E";
constexpr std::string_view kData = "k M G T P E Ki Mi Gi Ti Pi Ei";
constexpr std::string_view kThousands = "k M G B T";  // tokens: B is a billion, as G
constexpr std::string_view kMoney = "k M B T";
constexpr std::string_view kVolume = "m k M G";
constexpr std::string_view kMass = "m u k";
constexpr std::string_view kTonnes = "k M G";

struct Symbol {
  std::string_view name;
  std::string_view prefixes;
  Dimension dimension;
  double multiply = 1.0;
  double divide = 1.0;
  double offset = 0.0;
};

constexpr Dimension kTime = dimension_of<Seconds>();
constexpr Dimension kBytes = dimension_of<Bytes>();
constexpr Dimension kByteRate = dimension_of<BytesPerSecond>();
constexpr Dimension kFlop = dimension_of<Flops>();
constexpr Dimension kFlopRate = dimension_of<FlopsPerSecond>();
constexpr Dimension kJoule = dimension_of<Joules>();
constexpr Dimension kWatt = dimension_of<Watts>();
constexpr Dimension kDollar = dimension_of<Usd>();
constexpr Dimension kToken = dimension_of<Tokens>();
constexpr Dimension kLitre = dimension_of<Litres>();
constexpr Dimension kGram = dimension_of<Grams>();
constexpr Dimension kKelvin = dimension_of<Kelvins>();

constexpr double kSecondsPerYear = kYear.value();
constexpr double kSecondsPerMonth = kSecondsPerYear / 12;
constexpr double kGallonInLitres = 3.785411784;  // US liquid gallon, exact: NIST Handbook 44, appendix C
constexpr double kBtuInJoules = 1055.05585262;   // International Table Btu: NIST SP 811, appendix B

// A later name of the same unit follows the usual one. Counted things are dimensionless: they only say what is counted.
constexpr std::array kSymbols = {
    Symbol{"s", kSmall, kTime},
    Symbol{"sec", kNone, kTime},
    Symbol{"second", kNone, kTime},
    Symbol{"seconds", kNone, kTime},
    Symbol{"min", kNone, kTime, 60},
    Symbol{"minute", kNone, kTime, 60},
    Symbol{"minutes", kNone, kTime, 60},
    Symbol{"h", kNone, kTime, 3600},
    Symbol{"hr", kNone, kTime, 3600},
    Symbol{"hrs", kNone, kTime, 3600},
    Symbol{"hour", kNone, kTime, 3600},
    Symbol{"hours", kNone, kTime, 3600},
    Symbol{"d", kNone, kTime, 86400},
    Symbol{"day", kNone, kTime, 86400},
    Symbol{"days", kNone, kTime, 86400},
    Symbol{"wk", kNone, kTime, 7 * 86400},
    Symbol{"week", kNone, kTime, 7 * 86400},
    Symbol{"weeks", kNone, kTime, 7 * 86400},
    Symbol{"mo", kNone, kTime, kSecondsPerMonth},
    Symbol{"month", kNone, kTime, kSecondsPerMonth},
    Symbol{"months", kNone, kTime, kSecondsPerMonth},
    Symbol{"yr", kNone, kTime, kSecondsPerYear},
    Symbol{"year", kNone, kTime, kSecondsPerYear},
    Symbol{"years", kNone, kTime, kSecondsPerYear},
    Symbol{"Hz", kLarge, kDimensionless / kTime},

    Symbol{"B", kData, kBytes},
    Symbol{"byte", kNone, kBytes},
    Symbol{"bytes", kNone, kBytes},
    Symbol{"b", kData, kBytes, 1, 8},
    Symbol{"bit", kData, kBytes, 1, 8},
    Symbol{"bits", kNone, kBytes, 1, 8},
    Symbol{"Bps", kLarge, kByteRate},
    Symbol{"bps", kLarge, kByteRate, 1, 8},

    Symbol{"FLOP", kLarge, kFlop},
    Symbol{"FLOPs", kLarge, kFlop},
    Symbol{"FLOPS", kLarge, kFlopRate},
    Symbol{"OP", kLarge, kFlop},  // integer operations, as datasheets count them beside FLOP
    Symbol{"OPS", kLarge, kFlopRate},

    Symbol{"J", kEnergy, kJoule},
    Symbol{"Wh", "k M G T P", kJoule, 3600},
    Symbol{"Btu", kNone, kJoule, kBtuInJoules},
    Symbol{"MMBtu", kNone, kJoule, kBtuInJoules * 1e6},
    Symbol{"W", kPower, kWatt},

    Symbol{"USD", kMoney, kDollar},
    Symbol{"$", kMoney, kDollar},

    Symbol{"token", kThousands, kToken},
    Symbol{"tokens", kThousands, kToken},
    Symbol{"tok", kThousands, kToken},

    Symbol{"L", kVolume, kLitre},
    Symbol{"litre", kNone, kLitre},
    Symbol{"litres", kNone, kLitre},
    Symbol{"liter", kNone, kLitre},
    Symbol{"liters", kNone, kLitre},
    Symbol{"m3", kNone, kLitre, 1000},
    Symbol{"gal", "k M", kLitre, kGallonInLitres},

    Symbol{"g", kMass, kGram},
    Symbol{"t", kTonnes, kGram, 1e6},

    Symbol{"K", "m", kKelvin},
    Symbol{"degC", kNone, kKelvin, 1, 1, 273.15},
    Symbol{"\u00B0C", kNone, kKelvin, 1, 1, 273.15},

    Symbol{"%", kNone, kDimensionless, 1, 100},
    Symbol{"request", kNone, kDimensionless},
    Symbol{"requests", kNone, kDimensionless},
    Symbol{"query", kNone, kDimensionless},
    Symbol{"queries", kNone, kDimensionless},
    Symbol{"session", kNone, kDimensionless},
    Symbol{"sessions", kNone, kDimensionless},
    Symbol{"user", kNone, kDimensionless},
    Symbol{"users", kNone, kDimensionless},
    Symbol{"event", kNone, kDimensionless},
    Symbol{"events", kNone, kDimensionless},
    Symbol{"failure", kNone, kDimensionless},
    Symbol{"failures", kNone, kDimensionless},
    Symbol{"step", kNone, kDimensionless},
    Symbol{"steps", kNone, kDimensionless},
    Symbol{"GPU", kNone, kDimensionless},
    Symbol{"GPUs", kNone, kDimensionless},
    Symbol{"accelerator", kNone, kDimensionless},
    Symbol{"accelerators", kNone, kDimensionless},
    Symbol{"node", kNone, kDimensionless},
    Symbol{"nodes", kNone, kDimensionless},
    Symbol{"rack", kNone, kDimensionless},
    Symbol{"racks", kNone, kDimensionless},
};

bool takes(const Symbol& symbol, std::string_view prefix) {
  std::string_view rest = symbol.prefixes;
  while (!rest.empty()) {
    const std::size_t space = std::min(rest.find(' '), rest.size());
    if (rest.substr(0, space) == prefix) {
      return true;
    }
    rest.remove_prefix(std::min(space + 1, rest.size()));
  }
  return false;
}

std::optional<Unit> find_plain(std::string_view factor) {
  for (const Symbol& symbol : kSymbols) {
    if (symbol.name == factor) {
      return Unit{symbol.dimension, symbol.multiply, symbol.divide, symbol.offset};
    }
  }
  return std::nullopt;
}

std::optional<Unit> find_prefixed(std::string_view factor) {
  for (const Prefix& prefix : kPrefixes) {
    if (factor.substr(0, prefix.name.size()) != prefix.name) {
      continue;
    }
    const std::string_view rest = factor.substr(prefix.name.size());
    for (const Symbol& symbol : kSymbols) {
      if (symbol.name == rest && takes(symbol, prefix.name)) {
        return Unit{symbol.dimension, symbol.multiply * prefix.multiply, symbol.divide * prefix.divide, 0.0};
      }
    }
  }
  return std::nullopt;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') {
      c = static_cast<char>(c - 'A' + 'a');
    }
  }
  return result;
}

// One letter inserted, left out or exchanged turns `a` into `b`.
bool one_letter_off(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) {
    std::swap(a, b);
  }
  if (b.size() - a.size() > 1) {
    return false;
  }
  const auto [in_a, in_b] = std::mismatch(a.begin(), a.end(), b.begin());
  return std::equal(in_a + (a.size() == b.size() && in_a != a.end() ? 1 : 0), a.end(), in_b + (in_b != b.end() ? 1 : 0),
                    b.end());
}

template <class Visit>
void for_each_known(Visit&& visit) {
  for (const Symbol& symbol : kSymbols) {
    visit(std::string(symbol.name));
    for (const Prefix& prefix : kPrefixes) {
      if (takes(symbol, prefix.name)) {
        visit(std::string(prefix.name) + std::string(symbol.name));
      }
    }
  }
}

}  // namespace

std::optional<Unit> find_unit(std::string_view factor) {
  if (const std::optional<Unit> plain = find_plain(factor)) {
    return plain;
  }
  if (const std::optional<Unit> prefixed = find_prefixed(factor)) {
    return prefixed;
  }
  for (const std::string_view gas : {"CO2eq", "CO2e", "CO2"}) {
    if (factor.size() > gas.size() && factor.substr(factor.size() - gas.size()) == gas) {
      const std::optional<Unit> mass = find_unit(factor.substr(0, factor.size() - gas.size()));
      return mass && mass->dimension == kGram ? mass : std::nullopt;
    }
  }
  return std::nullopt;
}

std::vector<std::string> similar_units(std::string_view factor) {
  constexpr std::size_t kShortestWithSlips = 3;  // of two letters, one letter off is anything
  const std::string wanted = lower(factor);
  std::vector<std::string> same;
  std::vector<std::string> near;
  for_each_known([&](std::string known) {
    const std::string candidate = lower(known);
    if (candidate == wanted) {
      same.push_back(std::move(known));
    } else if (wanted.size() >= kShortestWithSlips && one_letter_off(wanted, candidate)) {
      near.push_back(std::move(known));
    }
  });
  same.insert(same.end(), near.begin(), near.end());
  return same;
}

}  // namespace aifactory::detail

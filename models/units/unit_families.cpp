#include "models/units/unit_families.h"

namespace aifactory::detail {
namespace {

template <class Q>
constexpr Dimension kDim = dimension_of<Q>();

using SecondsPerToken = decltype(Seconds() / Tokens());
using JoulesPerToken = decltype(Joules() / Tokens());
using FlopsPerToken = decltype(Flops() / Tokens());
using FlopsPerJoule = decltype(Flops() / Joules());
using LitresPerToken = decltype(Litres() / Tokens());
using GramsPerToken = decltype(Grams() / Tokens());
using UsdPerByte = decltype(Usd() / Bytes());
using UsdPerFlop = decltype(Usd() / Flops());
using TokensPerUsd = decltype(Tokens() / Usd());

// Built on first use; never changes afterwards.
const std::vector<UnitFamily>& families() {
  static const std::vector<UnitFamily> kFamilies = {
      {kDimensionless, "dimensionless number", "", {""}, {"0.85", "85 %", "3 million"}},
      {kDim<Seconds>,
       "time",
       "",
       {"ps", "ns", "us", "ms", "s", "min", "h", "d", "yr"},
       {"ms", "s", "h", "days", "years"}},
      {kDim<Hertz>, "rate per time", "", {"1/s"}, {"1/s", "requests/s", "1/year", "MHz", "%/year"}},
      {kDim<Hertz>, "", "Hz", {"Hz", "kHz", "MHz", "GHz"}, {}},
      {kDim<Bytes>, "data size", "", {"B", "kB", "MB", "GB", "TB", "PB", "EB"}, {"kB", "GB", "GiB", "TB", "Gbit"}},
      {kDim<Bytes>, "", "KiB", {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}, {}},
      {kDim<Bytes>, "", "bit", {"bit", "kbit", "Mbit", "Gbit", "Tbit", "Pbit"}, {}},
      {kDim<BytesPerSecond>,
       "data rate",
       "",
       {"B/s", "kB/s", "MB/s", "GB/s", "TB/s", "PB/s", "EB/s"},
       {"GB/s", "TB/s", "Gbit/s", "Gb/s"}},
      {kDim<BytesPerSecond>, "", "bit/s", {"bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s", "Pbit/s"}, {}},
      {kDim<Flops>,
       "arithmetic work",
       "",
       {"FLOP", "kFLOP", "MFLOP", "GFLOP", "TFLOP", "PFLOP", "EFLOP", "ZFLOP"},
       {"GFLOP", "TFLOP", "PFLOP", "ZFLOP"}},
      {kDim<FlopsPerSecond>,
       "arithmetic rate",
       "",
       {"FLOP/s", "kFLOP/s", "MFLOP/s", "GFLOP/s", "TFLOP/s", "PFLOP/s", "EFLOP/s", "ZFLOP/s"},
       {"TFLOP/s", "PFLOP/s", "TFLOPS", "EFLOP/s"}},
      {kDim<Joules>,
       "energy",
       "",
       {"pJ", "nJ", "uJ", "mJ", "J", "kJ", "MJ", "GJ", "TJ", "PJ", "EJ"},
       {"J", "MJ", "kWh", "MWh", "GWh"}},
      {kDim<Joules>, "", "Wh", {"Wh", "kWh", "MWh", "GWh", "TWh", "PWh"}, {}},
      {kDim<Watts>, "power", "", {"uW", "mW", "W", "kW", "MW", "GW", "TW"}, {"W", "kW", "MW", "GW"}},
      {kDim<WattsPerSecond>, "power ramp", "", {"W/s", "kW/s", "MW/s", "GW/s"}, {"kW/s", "MW/s", "MW/min"}},
      {kDim<Usd>, "money", "", {"USD", "kUSD", "MUSD", "BUSD", "TUSD"}, {"USD", "kUSD", "MUSD", "BUSD"}},
      {kDim<UsdPerSecond>,
       "spending rate",
       "",
       {"USD/h", "kUSD/h", "MUSD/h"},
       {"USD/h", "USD/month", "USD/year", "MUSD/year"}},
      {kDim<UsdPerSecond>, "", "USD/year", {"USD/year", "kUSD/year", "MUSD/year", "BUSD/year", "TUSD/year"}, {}},
      {kDim<UsdPerToken>, "price per token", "", {"USD/Mtoken"}, {"USD/Mtoken", "USD/ktoken", "USD/token"}},
      {kDim<UsdPerWatt>, "price per power", "", {"USD/kW", "USD/W"}, {"USD/W", "USD/kW", "MUSD/MW", "BUSD/GW"}},
      {kDim<UsdPerJoule>,
       "price per energy",
       "",
       {"USD/kWh"},
       {"USD/kWh", "USD/MWh", "USD/kW-month", "USD/kW/year", "USD/MMBtu"}},
      {kDim<UsdPerByte>, "price per data size", "", {"USD/GB"}, {"USD/GB", "USD/TB", "USD/GiB"}},
      {kDim<UsdPerFlop>, "price per arithmetic work", "", {"USD/EFLOP"}, {"USD/EFLOP", "USD/ZFLOP"}},
      {kDim<UsdPerLitre>, "price per volume", "", {"USD/m3"}, {"USD/m3", "USD/L", "USD/kgal"}},
      {kDim<UsdPerGram>, "price per mass", "", {"USD/t"}, {"USD/t", "USD/kg", "USD/tCO2"}},
      {kDim<Tokens>,
       "token count",
       "",
       {"token", "ktoken", "Mtoken", "Btoken", "Ttoken"},
       {"token", "ktoken", "Mtoken", "Ttoken"}},
      {kDim<TokensPerSecond>,
       "token rate",
       "",
       {"token/s", "ktoken/s", "Mtoken/s", "Btoken/s"},
       {"token/s", "ktoken/s", "Mtoken/s", "token/day"}},
      {kDim<TokensPerJoule>, "tokens per energy", "", {"token/J"}, {"token/J", "token/kWh", "Mtoken/MWh"}},
      {kDim<TokensPerUsd>,
       "tokens per money",
       "",
       {"token/USD", "ktoken/USD", "Mtoken/USD"},
       {"token/USD", "Mtoken/USD"}},
      {kDim<SecondsPerToken>, "time per token", "", {"us/token", "ms/token", "s/token"}, {}},
      {kDim<JoulesPerToken>, "energy per token", "", {"mJ/token", "J/token", "kJ/token"}, {"J/token", "kWh/Mtoken"}},
      {kDim<BytesPerToken>, "data per token", "", {"B/token", "kB/token", "MB/token"}, {}},
      {kDim<FlopsPerToken>, "work per token", "", {"FLOP/token", "GFLOP/token", "TFLOP/token"}, {}},
      {kDim<LitresPerToken>, "water per token", "", {"L/Mtoken", "m3/Mtoken"}, {}},
      {kDim<GramsPerToken>, "carbon per token", "", {"g/Mtoken", "kg/Mtoken"}, {}},
      {kDim<FlopsPerByte>, "arithmetic intensity", "", {"FLOP/B"}, {}},
      {kDim<FlopsPerJoule>,
       "work per energy",
       "",
       {"FLOP/J", "GFLOP/J", "TFLOP/J"},
       {"GFLOP/J", "TFLOP/J", "TFLOPS/W"}},
      {kDim<JoulesPerByte>, "energy per data", "", {"pJ/B", "nJ/B"}, {"pJ/bit", "pJ/B", "nJ/B"}},
      {kDim<JoulesPerByte>, "", "pJ/bit", {"fJ/bit", "pJ/bit", "nJ/bit"}, {}},
      {kDim<JoulesPerFlop>, "energy per work", "", {"fJ/FLOP", "pJ/FLOP", "nJ/FLOP"}, {}},
      {kDim<Litres>, "volume", "", {"mL", "L", "m3", "ML", "GL"}, {"L", "m3", "ML", "gal"}},
      {kDim<LitresPerJoule>, "water intensity", "", {"L/kWh"}, {"L/kWh", "L/MWh", "gal/kWh"}},
      {kDim<Grams>, "mass of CO2e", "", {"g", "kg", "t", "kt", "Mt", "Gt"}, {"g", "kg", "t", "tCO2"}},
      {kDim<GramsPerJoule>, "carbon intensity", "", {"g/kWh"}, {"gCO2/kWh", "kg/MWh", "g/kWh"}},
      {kDim<Kelvins>, "temperature", "", {"K"}, {"degC", "K"}},
  };
  return kFamilies;
}

}  // namespace

const UnitFamily* find_family(const Dimension& dimension) {
  return find_family(dimension, "");
}

const UnitFamily* find_family(const Dimension& dimension, std::string_view style) {
  for (const UnitFamily& family : families()) {
    if (family.dimension == dimension && family.style == style) {
      return &family;
    }
  }
  return nullptr;
}

}  // namespace aifactory::detail

#include "models/units/unit_text.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace aifactory {
namespace {

struct Case {
  const char* text;
  Dimension dimension;
  double si;
};

template <class Q>
Case is(const char* text, double si) {
  return {text, dimension_of<Q>(), si};
}

TEST(UnitText, ReadsEveryUnitOfTheFactoryExactly) {
  const std::vector<Case> cases = {
      is<Watts>("1.05 GW", 1.05e9),
      is<Watts>("1GW", 1e9),
      is<Watts>("132 kW", 132e3),
      is<Watts>("+3 mW", 3e-3),
      is<Watts>("2 kWh/h", 2000),
      is<Joules>("1 kWh", 3.6e6),
      is<Joules>("2.5 MJ", 2.5e6),
      is<Joules>("1 MMBtu", 1.05505585262e9),
      is<WattsPerSecond>("10 MW/min", 10e6 / 60),
      is<Bytes>("192 GB", 192e9),
      is<Bytes>("192 GiB", 192.0 * 1024 * 1024 * 1024),
      is<Bytes>("64 KiB", 65536),
      is<Bytes>("8 bit", 1),
      is<Bytes>("1 B", 1),
      is<Bytes>("5EB", 5e18),
      is<BytesPerSecond>("3.35 TB/s", 3.35e12),
      is<BytesPerSecond>("400 Gb/s", 50e9),
      is<BytesPerSecond>("400 Gbit/s", 50e9),
      is<BytesPerSecond>("400 Gbps", 50e9),
      is<BytesPerSecond>("50 GBps", 50e9),
      is<Flops>("3.8e25 FLOPs", 3.8e25),
      is<FlopsPerSecond>("989 TFLOPS", 989e12),
      is<FlopsPerSecond>("989 TFLOP/s", 989e12),
      is<FlopsPerSecond>("1979 TOPS", 1979e12),
      is<Seconds>("412 ms", 0.412),
      is<Seconds>("3.2 us", 3.2e-6),
      is<Seconds>("3.2 \u00B5s", 3.2e-6),
      is<Seconds>("7 ns", 7e-9),
      is<Seconds>("90 min", 5400),
      is<Seconds>("3 days", 3 * 86400.0),
      is<Seconds>("2 weeks", 14 * 86400.0),
      is<Seconds>("12 months", 8760 * 3600.0),
      is<Seconds>("1 year", 8760 * 3600.0),
      is<Hertz>("1.98 GHz", 1.98e9),
      is<Hertz>("5 1/s", 5),
      is<Hertz>("5/s", 5),
      is<Hertz>("5 per s", 5),
      is<Hertz>("120 requests/min", 2),
      is<Hertz>("35 %/year", 0.35 / (8760 * 3600.0)),
      is<Tokens>("3 Mtoken", 3e6),
      is<Tokens>("15 Ttoken", 15e12),
      is<Tokens>("1.5 Btok", 1.5e9),
      is<TokensPerSecond>("50 tok/s", 50),
      is<Usd>("50 BUSD", 50e9),
      is<Usd>("50 B$", 50e9),
      is<Usd>("50 billion USD", 50e9),
      is<Usd>("35 kUSD", 35e3),
      is<Usd>("10 TUSD", 10e12),
      is<UsdPerToken>("3.5 USD/Mtoken", 3.5e-6),
      is<UsdPerToken>("3.5 USD per Mtoken", 3.5e-6),
      is<UsdPerJoule>("0.05 USD/kWh", 0.05 / 3.6e6),
      is<UsdPerWatt>("12 MUSD/MW", 12),
      is<UsdPerWatt>("3 USD/W", 3),
      is<UsdPerWatt>("1800 USD/kW", 1.8),
      is<UsdPerJoule>("100 USD/kW-month", 0.1 / (730 * 3600.0)),
      is<UsdPerJoule>("100 USD/kW*month", 0.1 / (730 * 3600.0)),
      is<UsdPerJoule>("120 USD/kW/year", 0.12 / (8760 * 3600.0)),
      is<UsdPerJoule>("269.92 USD/MW-day", 269.92 / 1e6 / 86400),
      is<UsdPerSecond>("2.35 USD/h", 2.35 / 3600),
      is<UsdPerSecond>("2.35 USD/GPU-h", 2.35 / 3600),
      is<Litres>("3 m3", 3000),
      is<Litres>("1 gal", 3.785411784),
      is<LitresPerJoule>("1.8 L/kWh", 1.8 / 3.6e6),
      is<Grams>("2 tCO2", 2e6),
      is<GramsPerJoule>("369 gCO2/kWh", 369 / 3.6e6),
      is<GramsPerJoule>("369 kg/MWh", 369 / 3.6e6),
      is<GramsPerJoule>("369 gCO2e/kWh", 369 / 3.6e6),
      is<UsdPerGram>("85 USD/t", 85e-6),
      is<Kelvins>("45 degC", 318.15),
      is<Kelvins>("-10 \u00B0C", 263.15),
      is<Kelvins>("5 K", 5),
      is<JoulesPerByte>("4 pJ/bit", 32e-12),
      is<double>("0.85", 0.85),
      is<double>("85 %", 0.85),
      is<double>("85%", 0.85),
      is<double>("800 million", 800e6),
      is<double>("1.5e3", 1500),
      is<double>("-0", 0),
  };
  for (const Case& c : cases) {
    EXPECT_DOUBLE_EQ(parse_quantity(c.text, c.dimension), c.si) << c.text;
  }
  EXPECT_EQ(parse<Seconds>("412 ms").value(), 0.412);
  EXPECT_EQ(parse<UsdPerToken>("3.5 USD/Mtoken").value(), 3.5e-6);
}

// The message for a text that must be refused.
std::string refusal(const std::string& text, const Dimension& wanted,
                    Temperature temperature = Temperature::kAbsolute) {
  try {
    const double value = parse_quantity(text, wanted, temperature);
    ADD_FAILURE() << text << " was read as " << value;
  } catch (const UnitError& error) {
    EXPECT_FALSE(error.allowed().empty()) << text;
    return error.what();
  }
  return {};
}

TEST(UnitText, RefusesWhatIsNotAQuantity) {
  for (const char* text : {"",         " ",        "W",      "nan W",   "NaN",     "inf W",   "-Infinity W", "1e999 W",
                           "1e-999 W", "1e300 GW", "5",      "5 ",      "5 W ",    " 5 W",    "5 W extra",   "5 WW",
                           "5 W/",     "5 /",      "5 W//s", "1_000 W", "1,000 W", "1.2.3 W", ".5 W",        "5. W",
                           "05 W",     "0x10 W",   "--5 W",  "5e W",    "5 W s",   "5 kday",  "5 W-",        "5 s-1",
                           "5 mUSD",   "5\tW",     "5 W\n",  "five W",  "5 J-1/s", "5 1-W"}) {
    refusal(text, dimension_of<Watts>());
  }
  refusal(std::string("5 W\0", 4), dimension_of<Watts>());
  refusal("5 " + std::string(5000, 'k') + "W", dimension_of<Watts>());
  refusal("1/s/s/s/s/s/s/s/s/s/s", dimension_of<Hertz>());
  refusal("20 degC/s", dimension_of<decltype(Kelvins() / Seconds())>());
  refusal("\xff\xfe W", dimension_of<Watts>());
}

TEST(UnitText, SaysWhatWasGivenWhatIsWantedAndHowToMendIt) {
  EXPECT_EQ(
      refusal("5 TB", dimension_of<BytesPerSecond>()),
      "\"5 TB\": expected data rate, found data size; did you mean \"5 TB/s\"? (units such as GB/s, TB/s, Gbit/s, "
      "Gb/s)");
  EXPECT_EQ(
      refusal("400 gb/s", dimension_of<BytesPerSecond>()),
      "\"400 gb/s\": expected data rate, unknown unit 'gb'; did you mean \"400 GB/s\" or \"400 Gb/s\"? (units such as "
      "GB/s, TB/s, Gbit/s, Gb/s)");
  EXPECT_EQ(refusal("5", dimension_of<Watts>()), "\"5\": expected power, found no unit (units such as W, kW, MW, GW)");
  EXPECT_NE(refusal("1 GWh", dimension_of<Watts>()).find("found energy; did you mean \"1 GW\"?"), std::string::npos);
  EXPECT_NE(refusal("1 GW", dimension_of<Joules>()).find("did you mean \"1 GWh\"?"), std::string::npos);
  EXPECT_NE(refusal("3 USD", dimension_of<UsdPerToken>()).find("did you mean \"3 USD/Mtoken\"?"), std::string::npos);
  EXPECT_NE(refusal("989 TFLOPs", dimension_of<FlopsPerSecond>()).find("did you mean \"989 TFLOPs/s\"?"),
            std::string::npos);
  EXPECT_NE(refusal("400 B USD", dimension_of<Usd>()).find("did you mean \"400 BUSD\"?"), std::string::npos);
  EXPECT_NE(refusal("3 USD/Mtoekn", dimension_of<UsdPerToken>()).find("unknown unit 'Mtoekn'"), std::string::npos);
  EXPECT_NE(refusal("3 USD/Mtokn", dimension_of<UsdPerToken>()).find("\"3 USD/Mtoken\""), std::string::npos);
  EXPECT_NE(refusal("7 GW", kDimensionless).find("expected dimensionless number, found power"), std::string::npos);
}

TEST(UnitText, ATemperatureDifferenceIsNotAPointOnTheScale) {
  EXPECT_EQ(parse<Kelvins>("5 K", Temperature::kDifference).value(), 5.0);
  EXPECT_NE(refusal("5 degC", dimension_of<Kelvins>(), Temperature::kDifference).find("given in K"), std::string::npos);
}

TEST(UnitText, ProductsBindTighterThanDivision) {
  EXPECT_EQ(parse_unit("USD/kW-month").dimension, dimension_of<UsdPerJoule>());
  EXPECT_EQ(parse_unit("USD/kW/month").dimension, dimension_of<UsdPerJoule>());
  EXPECT_EQ(parse_unit("kW-h").dimension, dimension_of<Joules>());
  EXPECT_EQ(parse_unit("1/s").dimension, dimension_of<Hertz>());
}

TEST(UnitText, PrintsFourDigitsWithThePrefixThatSuits) {
  EXPECT_EQ(format(Watts(1.05e9)), "1.05 GW");
  EXPECT_EQ(format(Watts(999.96e3)), "1 MW");
  EXPECT_EQ(format(Watts(0)), "0 W");
  EXPECT_EQ(format(Watts(-2500)), "-2.5 kW");
  EXPECT_EQ(format(BytesPerSecond(3.35e12)), "3.35 TB/s");
  EXPECT_EQ(format(BytesPerSecond(50e9), "bit/s"), "400 Gbit/s");
  EXPECT_EQ(format(Bytes(1536), "KiB"), "1.5 KiB");
  EXPECT_EQ(format(UsdPerToken(2.1e-6)), "2.1 USD/Mtoken");
  EXPECT_EQ(format(Seconds(0.412)), "412 ms");
  EXPECT_EQ(format(Seconds(3.0 * 86400)), "3 d");
  EXPECT_EQ(format(Joules(3.6e12)), "3.6 TJ");
  EXPECT_EQ(format(Joules(3.6e12), "Wh"), "1 GWh");
  EXPECT_EQ(format(Usd(47.123456e9)), "47.12 BUSD");
  EXPECT_EQ(format(UsdPerSecond(1.0), "USD/year"), "31.54 MUSD/year");
  EXPECT_EQ(format(UsdPerWatt(12)), "12 USD/W");
  EXPECT_EQ(format(Kelvins(318.15), "degC"), "45 degC");
  EXPECT_EQ(format(GramsPerJoule(369 / 3.6e6), "gCO2/kWh"), "369 gCO2/kWh");
  EXPECT_EQ(format_quantity(443636.2, kDimensionless), "443636");
  EXPECT_EQ(format_quantity(0.85, kDimensionless), "0.85");
  EXPECT_EQ(format_quantity(0.85, kDimensionless, "%"), "85 %");
  EXPECT_EQ(format(decltype(Watts() / Seconds() / Seconds())(2.0)), "2 J/s/s/s");
  EXPECT_EQ(format(Watts(1.0 / 0.0)), "inf W");
}

TEST(UnitText, NamesAnyUnitOnRequest) {
  EXPECT_EQ(format_in(UsdPerToken(3.5e-6), "USD/Mtoken"), "3.5 USD/Mtoken");
  EXPECT_EQ(format_in(Seconds(0.412), "ms"), "412 ms");
  EXPECT_EQ(format_in(BytesPerSecond(1.0 / 3.0), "B/s"), "0.3333333333333333 B/s");
  EXPECT_DOUBLE_EQ(in_unit(Joules(3.6e9), "MWh"), 1.0);
  EXPECT_THROW((void)format_in(Watts(1), "J"), UnitError);
  EXPECT_THROW((void)format(Watts(1), "bananas"), UnitError);
  EXPECT_EQ(from_unit(8, "TB/s", dimension_of<BytesPerSecond>()), 8e12);
  EXPECT_EQ(from_unit(0.5, "", kDimensionless), 0.5);
  EXPECT_THROW((void)from_unit(8, "TB", dimension_of<BytesPerSecond>()), UnitError);
  EXPECT_THROW((void)from_unit(0.0 / 0.0, "W", dimension_of<Watts>()), UnitError);
}

}  // namespace
}  // namespace aifactory

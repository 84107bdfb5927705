#include "models/catalog/catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "models/catalog/fabric_table.h"
#include "models/catalog/sha256.h"
#include "models/catalog/system_table.h"
#include "models/catalog/table_documents.h"
#include "tests/unit/models/catalog/catalogue_folder.h"

namespace aifactory {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using CatalogTest = CatalogueFolder;

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no error";
}

TEST_F(CatalogTest, FindsEntriesByIdAndAliasWithoutRegardToCase) {
  const Catalog catalog = load();
  for (const char* name : {"cx7", "CX-7", "cx-7", "mlx/cx7", "CX7"}) {
    EXPECT_EQ(load_nic(catalog, name).id, "cx7") << name;
  }
  EXPECT_TRUE(catalog.contains("fabrics", "cx-7"));
  EXPECT_FALSE(catalog.contains("fabrics", "cx9"));
  EXPECT_THAT(catalog.ids("fabrics"), ElementsAre("cx7", "cx8"));
}

TEST_F(CatalogTest, NamesTheNearestIdsOfAnUnknownOne) {
  EXPECT_THAT(error_of([&] { load_nic(load(), "cx77"); }),
              HasSubstr("unknown id \"cx77\" in fabrics (did you mean \"cx7\"? `aifactory show fabrics` lists all)"));
  EXPECT_THAT(error_of([&] { load_switch(load(), "cx7"); }), HasSubstr("\"cx7\" is a nic/1, expected a switch/1"));
  EXPECT_THAT(error_of([&] { static_cast<void>(load().get("fabric", "cx7")); }), HasSubstr("did you mean \"fabrics\""));
}

TEST_F(CatalogTest, ReadsFactsWithTheirFounding) {
  ReadLog log;
  const Nic nic = load_nic(load(), "cx7", &log);
  EXPECT_DOUBLE_EQ(nic.bandwidth.value(), 50e9);
  EXPECT_DOUBLE_EQ(nic.power.value(), 25.0);
  const FactRecord* power = log.find("fabrics", "cx7", "/power");
  ASSERT_NE(power, nullptr);
  EXPECT_EQ(power->text, "25 W");
  EXPECT_DOUBLE_EQ(power->low, 20.0);
  EXPECT_DOUBLE_EQ(power->high, 30.0);
  EXPECT_TRUE(power->has_band());
  EXPECT_EQ(power->founding.evidence, Evidence::kEstimate);
  EXPECT_EQ(power->founding.confidence, Confidence::kLow);
  EXPECT_EQ(power->founding.as_of, "2023");
  EXPECT_THAT(power->founding.sources, ElementsAre("sheet", "talk"));
  const FactRecord* bandwidth = log.find("fabrics", "cx7", "/bandwidth");
  ASSERT_NE(bandwidth, nullptr);
  EXPECT_EQ(bandwidth->founding.evidence, Evidence::kDatasheet);
  EXPECT_FALSE(bandwidth->has_band());
  EXPECT_EQ(log.weakest_evidence(), Evidence::kEstimate);
}

TEST_F(CatalogTest, ChoosesTheVintageOfTheDate) {
  const auto price_at = [&](std::optional<Date> as_of) { return load_nic(load({}, as_of), "cx7").price.value(); };
  EXPECT_EQ(price_at(std::nullopt), 1200.0);
  EXPECT_EQ(price_at(Date(2026, 1, 1)), 1200.0);
  EXPECT_EQ(price_at(Date(2025, 3, 1)), 1200.0);
  EXPECT_EQ(price_at(Date(2025, 2, 28)), 1500.0);
  EXPECT_EQ(price_at(Date(2020, 1, 1)), 1500.0);
  EXPECT_EQ(load_nic(load().at(Date(2024, 1, 1)), "cx7").price.value(), 1500.0);
}

TEST_F(CatalogTest, OverlaysReplaceFactsAndAddEntries) {
  write("over/sources.json", R"({"own": {"title": "Own measurement"}})");
  write("over/fabrics/cx7.json", R"({"facts": {"source": "own", "as_of": "2026", "evidence": "measured",
    "confidence": "high"}, "power": "22 W"})");
  write_nic("cx9", R"("facts": {"source": "talk", "as_of": "2026", "evidence": "claim", "confidence": "low"},
    "bandwidth": "1.6 Tbit/s")",
            "over");
  const Catalog catalog = load({"over"});
  ReadLog log;
  const Nic nic = load_nic(catalog, "cx7", &log);
  EXPECT_EQ(nic.power.value(), 22.0);
  EXPECT_DOUBLE_EQ(nic.bandwidth.value(), 50e9);
  EXPECT_EQ(log.find("fabrics", "cx7", "/power")->founding.evidence, Evidence::kMeasured);
  EXPECT_FALSE(log.find("fabrics", "cx7", "/power")->has_band());
  EXPECT_THAT(log.find("fabrics", "cx7", "/bandwidth")->founding.sources, ElementsAre("sheet"));
  EXPECT_THAT(catalog.ids("fabrics"), ElementsAre("cx7", "cx8", "cx9"));
  EXPECT_EQ(load_nic(catalog, "cx9").bandwidth.value(), 200e9);
  EXPECT_TRUE(catalog.validate_all().empty());
}

TEST_F(CatalogTest, OverlaysMustFoundWhatTheyStateAndAreNamedInErrors) {
  write("over/fabrics/cx7.json", R"({"power": "22 W"})");
  write("over2/fabrics/cx8.json", R"({"bandwith": "1 Gbit/s"})");
  const std::string error = error_of([&] { load_nic(load({"over"}), "cx7"); });
  EXPECT_THAT(error, HasSubstr("over/fabrics/cx7.json: /power: states no \"source\""));
  EXPECT_THAT(error_of([&] { load_nic(load({"over2"}), "cx8"); }),
              HasSubstr("over2/fabrics/cx8.json: /bandwith: unknown key"));
}

TEST_F(CatalogTest, OverrideChangesOneFactAndKeepsItsFounding) {
  const Catalog base = load();
  const Catalog changed = base.with_override("fabrics", "CX-7", "/power", "40 W");
  ReadLog log;
  EXPECT_EQ(load_nic(changed, "cx7", &log).power.value(), 40.0);
  EXPECT_EQ(load_nic(base, "cx7").power.value(), 25.0);
  EXPECT_EQ(log.find("fabrics", "cx7", "/power")->founding.evidence, Evidence::kEstimate);
  EXPECT_FALSE(log.find("fabrics", "cx7", "/power")->has_band());
  EXPECT_EQ(load_nic(changed.with_override("fabrics", "cx7", "/price", "9 USD"), "cx7").price.value(), 9.0);
  EXPECT_EQ(load_nic(changed.with_override("fabrics", "cx8", "/bandwidth", "8 Gbit/s"), "cx7").power.value(), 40.0);
}

TEST_F(CatalogTest, OverrideByRecordRestoresTheExactValue) {
  const Catalog base = load();
  ReadLog log;
  load_nic(base, "cx7", &log);
  for (const FactRecord& fact : log.facts()) {
    ReadLog again;
    load_nic(base.with_value(fact, fact.value * 1.1), "cx7", &again);
    EXPECT_EQ(again.find(fact.kind, fact.id, fact.pointer)->value, fact.value * 1.1) << fact.pointer;
    EXPECT_NE(again.content_hash(), log.content_hash());
  }
}

TEST_F(CatalogTest, OverrideRefusesWhatIsNotThere) {
  const Catalog base = load();
  EXPECT_THAT(error_of([&] { static_cast<void>(base.with_override("fabrics", "cx7", "/powr", 1)); }),
              HasSubstr("/powr: fabrics cx7 states no such fact"));
  EXPECT_THAT(error_of([&] { static_cast<void>(base.with_override("fabrics", "cx7", "", 1)); }), HasSubstr("no such"));
  EXPECT_THAT(error_of([&] { static_cast<void>(base.with_override("fabrics", "no", "/power", 1)); }),
              HasSubstr("unknown id"));
  EXPECT_THAT(error_of([&] { load_nic(base.with_override("fabrics", "cx7", "/power", "5 USD"), "cx7"); }),
              HasSubstr("/power/value"));
}

TEST_F(CatalogTest, LogHashesTheEntriesRead) {
  ReadLog one;
  ReadLog two;
  load_nic(load(), "cx7", &one);
  load_nic(load(), "CX-7", &two);
  EXPECT_EQ(one.content_hash(), two.content_hash());
  EXPECT_EQ(one.content_hash(), sha256_hex("fabrics/cx7 " + load().get("fabrics", "cx7")->hash() + "\n"));
  load_nic(load(), "cx8", &two);
  EXPECT_NE(one.content_hash(), two.content_hash());
  one.merge(two);
  EXPECT_EQ(one.content_hash(), two.content_hash());
}

TEST_F(CatalogTest, RemarksAndSpacingDoNotChangeTheHash) {
  const std::string before = load().get("fabrics", "cx8")->hash();
  write("configs/fabrics/cx8.json", R"({"$comment": "x", "name": "ConnectX-8", "id": "cx8", "schema": "nic/1",
    "bandwidth": "800 Gbit/s",
    "facts": {"as_of": "2025", "source": "sheet", "evidence": "datasheet", "confidence": "high"}})");
  EXPECT_EQ(load().get("fabrics", "cx8")->hash(), before);
}

TEST_F(CatalogTest, ShowsFactsInTheOrderOfTheTable) {
  const Catalog catalog = load();
  const auto facts = facts_of(catalog, *catalog.get("fabrics", "cx7"), nic_table());
  ASSERT_THAT(facts, SizeIs(3));
  EXPECT_EQ(facts[0].pointer, "/bandwidth");
  EXPECT_EQ(facts[1].pointer, "/power");
  EXPECT_EQ(facts[2].text, "1200 USD");
  EXPECT_EQ(facts[2].founding.as_of, "2025-03");
}

TEST_F(CatalogTest, ReportsEveryProblemOfTheWholeCatalogue) {
  const std::string founded =
      R"("facts": {"source": "sheet", "as_of": "2025", "evidence": "datasheet", "confidence": "high"}, )";
  write("configs/fabrics/a_broken.json", R"({"schema": )");
  write("configs/fabrics/b_named.json", R"({"schema": "nic/1", "id": "other", "name": "N"})");
  write("configs/fabrics/c_schema.json", R"({"schema": "nik/1", "id": "c_schema", "name": "N"})");
  write_nic("d_missing", founded + R"("power": "1 W")");
  write_nic("e_source", R"("facts": {"source": "shete", "as_of": "2025", "evidence": "datasheet", "confidence": "high"},
    "bandwidth": "1 Gbit/s")");
  write_nic("f_evidence", R"("facts": {"source": [], "as_of": "20255", "evidence": "guess", "confidence": null},
    "bandwidth": "1 Gbit/s")");
  write_nic("g_unfounded", R"("bandwidth": "1 Gbit/s")");
  write_nic("h_null", founded + R"("bandwidth": null)");
  write_nic("i_band", founded + R"("bandwidth": {"value": 5, "unit": "Gbit/s", "low": 6, "hihg": 7})");
  write_nic("j_vintages", founded + R"("bandwidth": [{"value": "5 Gbit/s", "as_of": "2025"},
    {"value": "6 Gbit/s", "as_of": "2024"}, {"value": "7 Gbit/s"}])");
  write_nic("k_alias", founded + R"("aliases": ["cx8", "CX-7"], "bandwidth": "1 Gbit/s")");
  write_nic("l_bare", founded + R"("bandwidth": {"value": 5})");
  write_nic("m_facts", R"("facts": {"source": "sheet", "as_off": "2025"}, "bandwidth": "1 Gbit/s")");
  write("configs/fabrik/x.json", "{}");
  const std::vector<std::string> problems = texts(load().validate_all());
  const auto has = [&](const std::string& text) { EXPECT_THAT(problems, testing::Contains(HasSubstr(text))); };
  has("fabrik: no kind of catalogue entry lives in a folder of this name (did you mean \"fabrics\"?)");
  has("a_broken.json: /schema: line 1, column 12: ");
  has("b_named.json: /id: \"other\" is not the name of its file, b_named.json");
  has("c_schema.json: /schema: \"nik/1\" is not a schema of fabrics/ (did you mean \"nic/1\"?)");
  has("d_missing.json: /bandwidth: \"bandwidth\" is missing");
  has("e_source.json: /facts/source: unknown source \"shete\" (did you mean \"sheet\"?)");
  has("f_evidence.json: /facts/source: lists no source");
  has("f_evidence.json: /facts/as_of: \"20255\" is no date");
  has("f_evidence.json: /facts/evidence: \"guess\" is not a choice here (one of: measured");
  has("f_evidence.json: /facts/confidence: null is not a choice here");
  has("g_unfounded.json: /bandwidth: states no \"source\"");
  has("h_null.json: /bandwidth: expected a quantity such as \"1 Gbit/s\", got null");
  has("i_band.json: /bandwidth: value lies outside its own band");
  has("i_band.json: /bandwidth/hihg: unknown key \"hihg\" in a fact (did you mean \"high\"?)");
  has("j_vintages.json: /bandwidth/1/as_of: vintages are listed in increasing");
  has("j_vintages.json: /bandwidth/2/as_of: a vintage needs its own");
  has("k_alias.json: /aliases: alias \"cx8\" also names cx8");
  has("k_alias.json: /aliases: alias \"CX-7\" also names cx7");
  has("l_bare.json: /bandwidth/value: expected a quantity such as");
  has("m_facts.json: /facts/as_off: unknown key \"as_off\" (did you mean \"as_of\"?)");
}

TEST_F(CatalogTest, ABrokenNeighbourDoesNoHarm) {
  write("configs/fabrics/cx9.json", "{");
  const Catalog catalog = load();
  EXPECT_EQ(load_nic(catalog, "cx7").id, "cx7");
  EXPECT_THAT(error_of([&] { load_nic(catalog, "cx9"); }), HasSubstr("cx9.json"));
}

TEST_F(CatalogTest, ReportsABrokenReferenceWhereItStands) {
  write("configs/systems/box.json", R"({"schema": "system/1", "id": "box", "name": "Box",
    "facts": {"source": "sheet", "as_of": "2025", "evidence": "datasheet", "confidence": "high"},
    "accelerator": "gpuu", "nic": "cx77", "accelerators_per_node": 8, "accelerators_per_rack": 8,
    "rack_power": "10 kW", "host_idle_fraction": 0.5, "cooling": "air", "liquid_fraction": 0,
    "network_power_fraction": 0.1, "rack_price": "1 MUSD", "network_price_fraction": 0.1, "compute_vendor": "X"})");
  const std::string error = error_of([&] { load_system(load(), "box"); });
  EXPECT_THAT(error, HasSubstr("box.json: /accelerator: unknown id \"gpuu\" in accelerators"));
  EXPECT_THAT(error, HasSubstr("box.json: /nic: unknown id \"cx77\" in fabrics (did you mean \"cx7\"?"));
}

TEST_F(CatalogTest, NeedsItsFoldersAndSources) {
  EXPECT_THAT(error_of([&] { Catalog::load({path("nowhere"), {}, {}}); }), HasSubstr("nowhere: is not a folder"));
  EXPECT_THAT(error_of([&] { static_cast<void>(load({"over"})); }), HasSubstr("over: is not a folder"));
  write("configs/sources.json", R"({"sheet": {"titel": "x", "date": "soon"}, "b": 1})");
  const std::string error = error_of([&] { static_cast<void>(load()); });
  EXPECT_THAT(error, HasSubstr("/sheet/titel: unknown key \"titel\" (did you mean \"title\"?)"));
  EXPECT_THAT(error, HasSubstr("/sheet/date: \"soon\" is no date"));
  EXPECT_THAT(error, HasSubstr("/b: expected an object with a \"title\", got 1"));
}

TEST_F(CatalogTest, IsReadByManyThreadsAtOnce) {
  const Catalog catalog = load();
  std::vector<double> watts(4);
  std::vector<std::thread> threads;
  for (double& result : watts) {
    threads.emplace_back([&catalog, &result] { result = load_nic(catalog, "cx7").power.value(); });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_THAT(watts, ElementsAre(25.0, 25.0, 25.0, 25.0));
}

}  // namespace
}  // namespace aifactory

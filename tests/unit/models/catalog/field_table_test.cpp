#include "models/catalog/field_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <variant>

#include "models/catalog/json_reader.h"
#include "models/catalog/table_documents.h"

namespace aifactory {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

enum class Colour { kRed, kGreen };

struct Constant {
  Hertz rate{};
};
struct Burst {
  int size = 0;
};
using Arrivals = std::variant<Constant, Burst>;

struct Part {
  std::string id;
  Watts power{};
};

struct Thing {
  Watts power{};
  std::optional<Usd> price;
  double share = 0.0;
  std::int64_t count = 0;
  int small = 0;
  bool on = false;
  std::string label, name, path;
  Colour colour = Colour::kRed;
  Date start;
  Kelvins limit{}, rise{};
  Part part;
  std::optional<Part> spare;
  std::vector<Part> parts;
  std::vector<Usd> hourly;
  std::vector<double> weights;
  std::vector<std::string> sites;
  std::array<Watts, 2> by_colour{};
  std::map<std::string, Usd> by_id;
  Arrivals arrivals;
  double seen = 0.0;
};

constexpr std::array<std::string_view, 2> kColours = {"red", "green"};

const FieldTable<Part>& part_table() {
  static const FieldTable<Part> table = FieldTable<Part>("part")
                                            .id("id", &Part::id, "which")
                                            .required()
                                            .quantity("power", &Part::power, "W", "how much")
                                            .default_value("7 W", "as measured on the bench");
  return table;
}

const FieldTable<Thing>& thing_table() {
  static const FieldTable<Part> loose_part =
      FieldTable<Part>("loose_part").quantity("power", &Part::power, "W", "how much").default_value("9 W", "typical");
  static const FieldTable<Constant> constant =
      FieldTable<Constant>("constant").quantity("rate", &Constant::rate, "1/s", "per second").required().positive();
  static const FieldTable<Burst> burst = FieldTable<Burst>("burst").integer("size", &Burst::size, "at once").required();
  static const VariantTable<Arrivals> arrivals =
      VariantTable<Arrivals>("arrivals", "kind").alternative("constant", constant).alternative("burst", burst);
  static const FieldTable<Thing> table =
      FieldTable<Thing>("thing", 0, "Everything a table can hold.")
          .quantity("power", &Thing::power, "MW", "drawn")
          .required()
          .positive()
          .quantity("price", &Thing::price, "USD", "paid")
          .non_negative()
          .number("share", &Thing::share, "of the whole")
          .fraction()
          .default_value("85 %", "a round number for tests")
          .integer("count", &Thing::count, "how many")
          .at_least(0)
          .integer("small", &Thing::small, "an int")
          .boolean("on", &Thing::on, "switched on")
          .default_value(true, "usually")
          .text("label", &Thing::label, "free text")
          .id("name", &Thing::name, "an id")
          .path("path", &Thing::path, "a file")
          .choice_of("colour", &Thing::colour, kColours, "of the paint")
          .date("start", &Thing::start, "first day")
          .quantity("limit", &Thing::limit, "degC", "warmest")
          .quantity("rise", &Thing::rise, "K", "warmer than")
          .difference()
          .object("part", &Thing::part, loose_part, "filled with defaults")
          .object("spare", &Thing::spare, part_table(), "may be absent")
          .objects("parts", &Thing::parts, part_table(), "several", "id")
          .items(0, 3)
          .quantities("hourly", &Thing::hourly, "USD", "each hour")
          .items(2, 2)
          .positive()
          .numbers("weights", &Thing::weights, "each")
          .ids("sites", &Thing::sites, "where")
          .among([](const ReadContext&) {
            return std::vector<std::string>{"ohio", "texas"};
          })
          .quantity_by_choice("by_colour", &Thing::by_colour, kColours, "W", "of each colour")
          .quantity_by_id("by_id", &Thing::by_id, "USD", "of each id")
          .object("arrivals", &Thing::arrivals, arrivals, "how they come")
          .custom(
              "special",
              [](Thing& thing, const nlohmann::json& value, ReadContext&) { thing.seen = value.get<double>(); },
              R"({"type": "number"})", "read by hand")
          .check([](Thing& thing, ReadContext& context) {
            if (thing.small == 13) {
              context.problem_in("small", "is unlucky");
            }
          });
  return table;
}

// What was read, and the problems as "pointer: message (hint)".
struct Outcome {
  Thing thing;
  std::vector<std::string> problems;
};

Outcome read_thing(const std::string& text) {
  Problems problems;
  const JsonDocument document = parse_json(text, "dir/thing.json", problems);
  Outcome outcome;
  if (document.ok()) {
    ReadContext context(problems, "dir/thing.json");
    outcome.thing = read(thing_table(), *document.root, context);
  }
  for (Problem problem : problems.sorted()) {
    problem.file.clear();
    outcome.problems.push_back(problem.text());
  }
  return outcome;
}

// A sound document with one more member.
Outcome with(const std::string& member) {
  return read_thing(R"({"power": "1 MW", )" + member + "}");
}

TEST(FieldTable, ReadsEveryKind) {
  const Outcome outcome = read_thing(R"({
    "power": "1.5 MW", "price": "3 kUSD", "share": 0.5, "count": 9007199254740992, "small": -4, "on": false,
    "label": "Any text.", "name": "a.b-c_1", "path": "data/x.csv", "colour": "green", "start": "2025-03",
    "limit": "45 degC", "rise": "3 K", "part": {"power": "2 W"}, "spare": {"id": "s"},
    "parts": [{"id": "a"}, {"id": "b", "power": "8 W"}], "hourly": ["1 USD", "2 USD"], "weights": [0.25, "75 %"],
    "sites": ["texas"], "by_colour": {"green": "5 W"}, "by_id": {"x": "1 USD"},
    "arrivals": {"kind": "burst", "size": 3}, "special": 4.5})");
  ASSERT_THAT(outcome.problems, IsEmpty());
  const Thing& thing = outcome.thing;
  EXPECT_DOUBLE_EQ(thing.power.value(), 1.5e6);
  EXPECT_DOUBLE_EQ(thing.price.value().value(), 3000.0);
  EXPECT_EQ(thing.share, 0.5);
  EXPECT_EQ(thing.count, std::int64_t{1} << 53);
  EXPECT_EQ(thing.small, -4);
  EXPECT_FALSE(thing.on);
  EXPECT_EQ(thing.label, "Any text.");
  EXPECT_EQ(thing.name, "a.b-c_1");
  EXPECT_EQ(thing.path, "dir/data/x.csv");
  EXPECT_EQ(thing.colour, Colour::kGreen);
  EXPECT_EQ(thing.start.to_string(), "2025-03-01");
  EXPECT_NEAR(thing.limit.value(), 318.15, 1e-9);
  EXPECT_EQ(thing.rise.value(), 3.0);
  EXPECT_EQ(thing.part.power.value(), 2.0);
  ASSERT_TRUE(thing.spare.has_value());
  EXPECT_EQ(thing.spare->power.value(), 7.0);
  ASSERT_EQ(thing.parts.size(), 2U);
  EXPECT_EQ(thing.parts[1].id, "b");
  EXPECT_EQ(thing.parts[1].power.value(), 8.0);
  EXPECT_EQ(thing.hourly.at(1).value(), 2.0);
  EXPECT_THAT(thing.weights, ElementsAre(0.25, 0.75));
  EXPECT_THAT(thing.sites, ElementsAre("texas"));
  EXPECT_EQ(thing.by_colour[0].value(), 0.0);
  EXPECT_EQ(thing.by_colour[1].value(), 5.0);
  EXPECT_EQ(thing.by_id.at("x").value(), 1.0);
  EXPECT_EQ(std::get<Burst>(thing.arrivals).size, 3);
  EXPECT_EQ(thing.seen, 4.5);
}

TEST(FieldTable, FillsAbsentFieldsFromTheDocumentedDefaults) {
  const Outcome outcome = read_thing(R"({"power": "1 W"})");
  ASSERT_THAT(outcome.problems, IsEmpty());
  EXPECT_EQ(outcome.thing.share, 0.85);
  EXPECT_TRUE(outcome.thing.on);
  EXPECT_EQ(outcome.thing.part.power.value(), 9.0);
  EXPECT_FALSE(outcome.thing.spare.has_value());
  EXPECT_FALSE(outcome.thing.price.has_value());
}

TEST(FieldTable, LogsTheDefaultsThatTookEffect) {
  Problems problems;
  ReadLog log;
  ReadContext context(problems, "thing.json");
  context.log = &log;
  static_cast<void>(read(thing_table(), nlohmann::json::parse(R"({"power": "1 W", "on": false})"), context));
  std::vector<std::string> pointers;
  for (const DefaultRecord& record : log.defaults()) {
    pointers.push_back(record.pointer + " = " + record.text);
  }
  EXPECT_THAT(pointers, ElementsAre("/part/power = 9 W", "/share = 85 %"));
  EXPECT_EQ(log.defaults()[1].reason, "a round number for tests");
}

TEST(FieldTable, ReportsAllProblemsAtOnceInDocumentOrder) {
  const Outcome outcome = read_thing(R"({
    "colour": "gren",
    "parts": [{"id": "a", "powr": "1 W"}, {"id": "a"}, 5],
    "share": 1.5,
    "count": -1,
    "zzz": 1})");
  ASSERT_EQ(outcome.problems.size(), 8U);
  EXPECT_THAT(outcome.problems[0], HasSubstr("/power: \"power\" is missing"));
  EXPECT_THAT(outcome.problems[1], HasSubstr("/colour: \"gren\" is not a choice here (did you mean \"green\"?)"));
  EXPECT_THAT(outcome.problems[2], HasSubstr("/parts/0/powr: unknown key \"powr\" (did you mean \"power\"?)"));
  EXPECT_THAT(outcome.problems[3], HasSubstr("/parts/1/id: \"a\" is already used by /parts/0"));
  EXPECT_THAT(outcome.problems[4], HasSubstr("/parts/2: expected an object, got 5"));
  EXPECT_THAT(outcome.problems[5], HasSubstr("/share: must be at most 1, got 1.5"));
  EXPECT_THAT(outcome.problems[6], HasSubstr("/count: must be at least 0, got -1"));
  EXPECT_THAT(outcome.problems[7], HasSubstr("/zzz: unknown key \"zzz\""));
}

struct Refusal {
  const char* member;
  const char* expected;
};

TEST(FieldTable, RefusesEachWrongValueAtItsPointer) {
  const std::vector<Refusal> refusals = {
      {R"("price": 5)", "/price: expected a quantity such as \"1 USD\", got 5 (give the unit: \"5 USD\"?)"},
      {R"("price": "5 W")", "/price: \"5 W\": expected"},
      {R"("price": "-5 USD")", "/price: must be at least"},
      {R"("price": null)", "/price: expected a quantity such as \"1 USD\", got null (leave the key out"},
      {R"("price": {"value": 5, "unit": "USD"})", "/price: expected a quantity such as \"1 USD\", got an object"},
      {R"("share": "much")", "/share: \"much\""},
      {R"("share": true)", "/share: expected a number, got true"},
      {R"("count": 1.5)", "/count: expected an integer, got 1.5"},
      {R"("count": 9007199254740993)", "/count: integer 9007199254740993 is beyond 2^53"},
      {R"("count": 18446744073709551616)", "/count: integer 1.8446744073709552e+19 is beyond 2^53"},
      {R"("count": "7")", "/count: expected an integer, got \"7\""},
      {R"("small": 3000000000)", "/small: must be at most 2147483647, got 3000000000"},
      {R"("small": 13)", "/small: is unlucky"},
      {R"("on": "true")", "/on: expected true or false, got \"true\" (without quotes)"},
      {R"("on": 1)", "/on: expected true or false, got 1"},
      {R"("label": "")", "/label: is empty"},
      {R"("name": "Big Name")", "/name: \"Big Name\" is not an id"},
      {R"("name": "nan")", "/name: \"nan\" is not an id"},
      {R"("path": 5)", "/path: expected the path of a file, got 5"},
      {R"("path": "a\u0000b")", "/path: path contains a zero byte"},
      {R"("start": "2025-02-30")", "/start: \"2025-02-30\" is no date (write YYYY"},
      {R"("start": 2025)", "/start: expected a date (YYYY-MM-DD), got 2025 (in quotes)"},
      {R"("rise": "3 degC")", "/rise: \"3 degC\""},
      {R"("spare": {})", "/spare/id: \"id\" is missing"},
      {R"("spare": [])", "/spare: expected an object, got an array"},
      {R"("parts": {"id": "a"})", "/parts: expected a list of an object, got an object (wrap it in [ ])"},
      {R"("parts": [{"id":"a"},{"id":"b"},{"id":"c"},{"id":"d"}])", "/parts: has 4 elements, expected at most 3"},
      {R"("hourly": ["1 USD"])", "/hourly: has 1 elements, expected 2"},
      {R"("hourly": ["1 USD", "0 USD"])", "/hourly/1: must be above"},
      {R"("hourly": "1 USD")", "/hourly: expected a list of a quantity such as \"1 USD\", got \"1 USD\""},
      {R"("sites": ["ohoi"])", "/sites/0: unknown sites \"ohoi\" (did you mean \"ohio\"?)"},
      {R"("by_colour": {"blue": "1 W"})", "/by_colour/blue: unknown key \"blue\" (one of: red, green)"},
      {R"("by_id": {"a b": "1 USD"})", "/by_id/a b: key \"a b\" is not an id"},
      {R"("arrivals": {})", "/arrivals/kind: \"kind\" is missing (give one of: constant, burst)"},
      {R"("arrivals": {"kind": "bursty"})",
       "/arrivals/kind: \"bursty\" is not a choice here (did you mean \"burst\"?)"},
      {R"("arrivals": {"kind": "burst", "rate": "1/s"})", "/arrivals/size: \"size\" is missing"},
      {R"("a/b~c": 1)", "/a~1b~0c: unknown key \"a/b~c\""},
  };
  for (const Refusal& refusal : refusals) {
    const Outcome outcome = with(refusal.member);
    ASSERT_FALSE(outcome.problems.empty()) << refusal.member;
    EXPECT_THAT(outcome.problems.front(), HasSubstr(refusal.expected)) << refusal.member;
  }
}

TEST(FieldTable, RunsRulesOnlyWhereEverythingCouldBeRead) {
  EXPECT_EQ(with(R"("small": 13, "share": 7)").problems.size(), 1U);
  EXPECT_EQ(with(R"("small": 13)").problems.size(), 1U);
}

TEST(FieldTable, HandsUncertainValuesToTheHook) {
  Problems problems;
  ReadContext context(problems, "thing.json");
  context.uncertain = [](const nlohmann::json& object, const Field& field,
                         ReadContext& at) -> std::unique_ptr<nlohmann::json> {
    EXPECT_EQ(field.name, "power");
    EXPECT_EQ(at.pointer(), "/power");
    return object.contains("mode") ? std::make_unique<nlohmann::json>(object.at("mode")) : nullptr;
  };
  const Thing thing =
      read(thing_table(), nlohmann::json::parse(R"({"power": {"low": "1 W", "mode": "2 W", "high": "4 W"}})"), context);
  EXPECT_TRUE(problems.empty());
  EXPECT_EQ(thing.power.value(), 2.0);
}

TEST(FieldTable, AsksWhichFileStatesAValue) {
  Problems problems;
  ReadContext context(problems, "base.json");
  context.file_of = [](const std::string& pointer) { return pointer == "/share" ? "over.json" : "base.json"; };
  static_cast<void>(read(thing_table(), nlohmann::json::parse(R"({"power": 1, "share": 2})"), context));
  ASSERT_EQ(problems.size(), 2U);
  EXPECT_EQ(problems.sorted()[0].file, "base.json");
  EXPECT_EQ(problems.sorted()[1].file, "over.json");
}

TEST(FieldTable, RefusesAUnitOfAnotherDimensionWhenItIsBuilt) {
  EXPECT_THROW(FieldTable<Part>("part").quantity("power", &Part::power, "USD", "x"), std::logic_error);
}

TEST(Document, ListsEveryFieldWithRangeAndDefault) {
  const std::vector<FieldDoc> rows = document(thing_table());
  const auto row = [&](const std::string& path) {
    for (const FieldDoc& candidate : rows) {
      if (candidate.path == path) {
        return candidate;
      }
    }
    ADD_FAILURE() << path;
    return FieldDoc{};
  };
  EXPECT_TRUE(row("power").required);
  EXPECT_EQ(row("power").range, "> 0");
  EXPECT_EQ(row("power").unit, "MW");
  EXPECT_EQ(row("share").range, ">= 0, <= 1");
  EXPECT_EQ(row("share").default_text, "85 %");
  EXPECT_EQ(row("parts[]/power").default_reason, "as measured on the bench");
  EXPECT_EQ(row("arrivals/(kind=burst)/size").type, "integer");
  EXPECT_EQ(row("colour").type, "one of: red, green");
}

TEST(Ids, FollowThePattern) {
  for (const char* good : {"a", "gb200_nvl72", "llama-3.1-8b"}) {
    EXPECT_TRUE(is_id(good)) << good;
  }
  for (const std::string bad : {"", "A", "1a", "_a", "a b", "a/b", "nan", "inf", "null"}) {
    EXPECT_FALSE(is_id(bad)) << bad;
  }
  EXPECT_TRUE(is_id(std::string(64, 'a')));
  EXPECT_FALSE(is_id(std::string(65, 'a')));
}

}  // namespace
}  // namespace aifactory

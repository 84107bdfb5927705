#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "models/catalog/entry_types.h"
#include "models/catalog/fabric_table.h"
#include "models/catalog/table_documents.h"
#include "tests/unit/models/catalog/catalogue_folder.h"

namespace aifactory {
namespace {

using nlohmann::json;

// Whether Debian's python3-jsonschema is there to judge our schemas.
bool has_validator() {
  return std::system("python3 -c 'import jsonschema' >/dev/null 2>&1") == 0;
}

// Reads [{"schema": ..., "documents": [...]}, ...] from argv[1]; writes one line per case, one 0 or 1 per document.
constexpr const char* kValidate =
    "import json,sys,jsonschema\n"
    "out=open(sys.argv[2],'w')\n"
    "for case in json.load(open(sys.argv[1])):\n"
    "    jsonschema.Draft7Validator.check_schema(case['schema'])\n"
    "    v=jsonschema.Draft7Validator(case['schema'])\n"
    "    out.write(''.join('1' if v.is_valid(d) else '0' for d in case['documents'])+'\\n')\n";

class SchemaTest : public CatalogueFolder {
 protected:
  // One line per case; fewer when a schema itself is refused.
  std::vector<std::string> judged(const json& cases) {
    write("validate.py", kValidate);
    write("cases.json", cases.dump());
    const std::string command = "python3 " + path("validate.py") + " " + path("cases.json") + " " + path("verdicts");
    EXPECT_EQ(std::system(command.c_str()), 0);
    std::ifstream file(path("verdicts"));
    std::vector<std::string> verdicts;
    for (std::string line; std::getline(file, line);) {
      verdicts.push_back(line);
    }
    return verdicts;
  }
};

TEST_F(SchemaTest, AcceptsEveryShippedEntryOfItsKind) {
  if (!has_validator()) {
    GTEST_SKIP() << "python3-jsonschema is not installed";
  }
  const Catalog catalog = Catalog::load({std::string(AIFACTORY_SOURCE_DIR) + "/configs", {}, {}});
  json cases = json::array();
  std::vector<std::vector<std::string>> ids;
  for (const EntryType& type : entry_types()) {
    json documents = json::array();
    ids.emplace_back();
    for (const std::string& id : catalog.ids(type.folder)) {
      const auto entry = catalog.get(type.folder, id);
      if (entry->schema == type.table->core().schema_id()) {
        documents.push_back(*entry->json);
        ids.back().push_back(entry->kind + "/" + id);
      }
    }
    cases.push_back({{"schema", json_schema(*type.table)}, {"documents", std::move(documents)}});
  }
  const std::vector<std::string> verdicts = judged(cases);
  ASSERT_EQ(verdicts.size(), cases.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    ASSERT_EQ(verdicts[i].size(), ids[i].size());
    for (std::size_t j = 0; j < ids[i].size(); ++j) {
      EXPECT_EQ(verdicts[i][j], '1') << ids[i][j];
    }
  }
}

// The reader and the schema say the same about each of these documents.
TEST_F(SchemaTest, AgreesWithTheReader) {
  if (!has_validator()) {
    GTEST_SKIP() << "python3-jsonschema is not installed";
  }
  const json sound = json::parse(R"({"schema": "nic/1", "id": "n", "name": "N",
    "facts": {"source": "sheet", "as_of": "2025", "evidence": "datasheet", "confidence": "high"},
    "bandwidth": "1 Gbit/s", "power": {"value": 1, "unit": "W", "low": 0.5, "high": 2, "note": "x"},
    "price": [{"value": "1 USD", "as_of": "2024"}, {"value": "2 USD", "as_of": "2025"}], "$comment": ["any"]})");
  const std::vector<std::pair<std::string, std::string>> changes = {
      {"/name", R"("M")"},
      {"/name", "5"},
      {"/id", R"("N N")"},
      {"/schema", R"("nic/2")"},
      {"/aliases", R"(["A/B"])"},
      {"/aliases", R"("A")"},
      {"/bandwidth", "5"},
      {"/bandwidth", "null"},
      {"/bandwidth", R"("Gbit/s")"},
      {"/bandwidth", R"("1.5e2Gbit/s")"},
      {"/power/value", R"("3 W")"},
      {"/power/evidence", R"("guess")"},
      {"/power/confidence", R"("low")"},
      {"/power/source", "[]"},
      {"/power/source", R"(["sheet", "talk"])"},
      {"/power/as_of", R"("March")"},
      {"/power/extra", "1"},
      {"/price", "[]"},
      {"/price/0/value", "true"},
      {"/unknown", "1"},
      {"/facts/evidence", "1"},
      {"/facts/other", "1"},
      {"/power/$comment", R"("x")"},
  };
  json documents = json::array({sound});
  for (const auto& [pointer, value] : changes) {
    json document = sound;
    document[json::json_pointer(pointer)] = json::parse(value);
    documents.push_back(std::move(document));
  }
  const std::vector<std::string> verdicts =
      judged(json::array({json{{"schema", json_schema(nic_table())}, {"documents", documents}}}));
  ASSERT_EQ(verdicts.size(), 1U);
  const std::string& verdict = verdicts.front();
  ASSERT_EQ(verdict.size(), documents.size());
  for (std::size_t i = 0; i < documents.size(); ++i) {
    json document = documents[i];
    // A combined unit and text value is a rule over two members, which the schema leaves to the reader.
    if (i > 0 && changes[i - 1].first == "/power/value") {
      document["power"].erase("unit");
      document["power"].erase("low");
      document["power"].erase("high");
    }
    write("configs/fabrics/n.json", document.dump());
    const Problems problems = load().validate_all();
    EXPECT_EQ(verdict[i] == '1', problems.empty())
        << documents[i].dump() << "\n"
        << (problems.empty() ? "read without a problem" : problems.sorted().front().text());
  }
}

}  // namespace
}  // namespace aifactory

// The files under configs/ themselves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>

#include "models/catalog/catalog.h"
#include "models/catalog/entry_types.h"
#include "models/catalog/llm_table.h"
#include "models/catalog/system_table.h"
#include "models/catalog/table_documents.h"

namespace aifactory {
namespace {

namespace fs = std::filesystem;

fs::path configs() {
  return fs::path(AIFACTORY_SOURCE_DIR) / "configs";
}

Catalog shipped() {
  return Catalog::load({configs().string(), {}, {}});
}

TEST(ShippedConfigs, AreSound) {
  for (const Problem& problem : shipped().validate_all().sorted()) {
    ADD_FAILURE() << problem.text();
  }
}

TEST(ShippedConfigs, EveryFileIsAnEntry) {
  const Catalog catalog = shipped();
  for (const std::string& kind : catalog.kinds()) {
    const std::vector<std::string> ids = catalog.ids(kind);
    std::size_t files = 0;
    std::error_code error;
    for (const auto& file : fs::directory_iterator(configs() / kind, error)) {
      files += file.path().extension() == ".json" ? 1U : 0U;
    }
    EXPECT_EQ(ids.size(), files) << kind;
    EXPECT_FALSE(ids.empty()) << kind;
  }
}

TEST(ShippedConfigs, NamesAreUniqueWithinAKindWithoutRegardToCase) {
  const Catalog catalog = shipped();
  for (const std::string& kind : catalog.kinds()) {
    std::map<std::string, std::string> owner;
    for (const std::string& id : catalog.ids(kind)) {
      const auto entry = catalog.get(kind, id);
      std::set<std::string> names(entry->aliases.begin(), entry->aliases.end());
      names.insert(id);
      for (std::string name : names) {
        for (char& c : name) {
          c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        }
        const auto [first, is_new] = owner.emplace(name, id);
        EXPECT_TRUE(is_new || first->second == id)
            << kind << ": " << name << " names " << id << " and " << first->second;
      }
    }
  }
}

TEST(ShippedConfigs, EveryFactHasASourceAndEverySourceAnAddressOrPublisher) {
  const Catalog catalog = shipped();
  std::size_t facts = 0;
  for (const EntryType& type : entry_types()) {
    for (const std::string& id : catalog.ids(type.folder)) {
      const auto entry = catalog.get(type.folder, id);
      if (entry->schema != type.table->core().schema_id()) {
        continue;
      }
      for (const FactRecord& fact : facts_of(catalog, *entry, *type.table)) {
        EXPECT_FALSE(fact.founding.sources.empty()) << type.folder << " " << id << " " << fact.pointer;
        EXPECT_LE(fact.low, fact.high) << type.folder << " " << id << " " << fact.pointer;
        ++facts;
      }
    }
  }
  EXPECT_GT(facts, 1000U);
  for (const auto& [key, source] : catalog.sources()) {
    EXPECT_FALSE(source.title.empty()) << key;
    EXPECT_FALSE(source.url.empty() && source.publisher.empty()) << key;
  }
}

TEST(ShippedConfigs, AnyEarlierOrLaterDateGivesAWholeCatalogue) {
  for (const Date date : {Date(2000, 1, 1), Date(2025, 1, 1), Date(2040, 1, 1)}) {
    EXPECT_TRUE(shipped().at(date).validate_all().empty()) << date.to_string();
  }
}

// Hardware that analysts ask for first, by the names they use.
TEST(ShippedConfigs, SystemsAnswerToTheNamesOfTheirAccelerators) {
  const Catalog catalog = shipped();
  for (const std::string& id : catalog.ids("accelerators")) {
    EXPECT_TRUE(catalog.contains("systems", id)) << "no system carries " << id;
  }
  EXPECT_EQ(load_system(catalog, "gb200_nvl72").accelerator.id, "gb200");
  EXPECT_EQ(load_system(catalog, "gb200").accelerators_per_rack, 72);
}

}  // namespace
}  // namespace aifactory

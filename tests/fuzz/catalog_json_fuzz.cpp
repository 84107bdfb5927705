// Any bytes, read as a document, as a catalogue entry and as a scenario section, give values or problems whose text can
// be printed anywhere; sorting and merging problems never fail.
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "models/catalog/accelerator_table.h"
#include "models/catalog/json_reader.h"
#include "models/catalog/llm_table.h"

namespace {

using namespace aifactory;

// A catalogue with one source and no entries, for references and founding.
Catalog empty_catalog() {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("aifactory_fuzz_" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "sources.json") << R"({"s": {"title": "t"}})";
  Catalog catalog = Catalog::load({folder.string(), {}, {}});
  std::filesystem::remove_all(folder);
  return catalog;
}

void expect_printable(const Problems& problems) {
  for (const Problem& problem : problems.sorted()) {
    if (problem.message.empty()) {
      std::abort();
    }
    (void)nlohmann::json(problem.text()).dump();  // throws on text that is not UTF-8
  }
}

template <class T>
void read_both_ways(const FieldTable<T>& table, const JsonDocument& document, const Catalog& catalog,
                    Problems& problems) {
  Entry entry;
  entry.kind = "fuzz";
  entry.id = "fuzz";
  entry.json = document.root;
  entry.layers.push_back({document.file, document.text, document.root});
  T value{};
  ReadLog log;
  read_entry(table.core(), &value, catalog, entry, problems, &log);
  (void)log.content_hash();
  ReadContext context(problems, document.file);
  context.catalog = &catalog;
  (void)read(table, *document.root, context);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Catalog catalog = empty_catalog();
  Problems problems;
  const JsonDocument document =
      parse_json(std::string(reinterpret_cast<const char*>(data), size), "fuzz.json", problems);
  if (document.ok() != problems.empty()) {
    std::abort();
  }
  if (document.ok()) {
    for (const std::string& pointer : pointers_in_order(*document.text)) {
      if (find_pointer(*document.root, pointer) == nullptr) {
        std::abort();
      }
    }
    read_both_ways(accelerator_table(), document, catalog, problems);
    read_both_ways(llm_table(), document, catalog, problems);
  }
  expect_printable(problems);
  return 0;
}

// From folders of files to entries: listing, strict parsing, headers, overlays. Used by Catalog only.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "models/catalog/catalog.h"

namespace aifactory::detail {

// One folder of configs/, with its overlays merged in. An entry whose file cannot be used is absent from `entries` and
// has its problems in `broken`.
struct KindFiles {
  std::map<std::string, std::shared_ptr<const Entry>> entries;  // by id
  std::map<std::string, std::string> aliases;                   // alias -> id
  std::map<std::string, std::string> folded;                    // lower case of ids and aliases -> id
  std::map<std::string, Problems> broken;                       // by file stem
  Problems conflicts;                                           // aliases claimed twice
};

// `roots`: configs_dir, then the overlays.
KindFiles load_kind(const std::vector<std::string>& roots, const std::string& kind);

std::map<std::string, Source> load_sources(const std::vector<std::string>& roots, Problems& problems);

// Folders with JSON files in them that no entry type uses (misspelt kinds).
void check_folders(const std::vector<std::string>& roots, Problems& problems);

std::string lower_case(std::string_view text);

}  // namespace aifactory::detail

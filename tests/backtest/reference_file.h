// Published measurements that backtests read where they are at hand; they are not part of the repository.
#pragma once

#include <filesystem>
#include <string>

namespace aifactory::test {

inline constexpr const char* kNoReference = "reference measurements are not part of the repository";

inline std::filesystem::path reference_file(const std::string& name) {
  return std::filesystem::path(AIFACTORY_SOURCE_DIR) / "../shared/reference" / name;
}

}  // namespace aifactory::test

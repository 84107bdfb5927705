// The program run inside the test, so that sanitizers see it: arguments in, exit code and output back.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tools/aifactory/application.h"

namespace aifactory::test {

struct Outcome {
  int code = -1;
  std::string out;
  std::string err;
};

inline Outcome run(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "aifactory");
  const std::string configs = fmt::format("{}/configs", AIFACTORY_SOURCE_DIR);
  arguments.insert(arguments.begin() + 1, {"--configs", configs, "--progress", "never"});
  std::vector<const char*> argv;
  for (const std::string& argument : arguments) {
    argv.push_back(argument.c_str());
  }
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Outcome outcome;
  outcome.code = run_application(static_cast<int>(argv.size()), argv.data());
  outcome.out = testing::internal::GetCapturedStdout();
  outcome.err = testing::internal::GetCapturedStderr();
  return outcome;
}

// A folder of its own for one test, removed at the end.
class Scratch {
 public:
  Scratch() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    std::string name = std::string(info->test_suite_name()) + "." + info->name() + "." + std::to_string(getpid());
    for (char& c : name) {
      c = c == '/' ? '_' : c;
    }
    folder_ = std::filesystem::temp_directory_path() / ("aifactory-" + name);
    std::filesystem::create_directories(folder_);
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  [[nodiscard]] std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return path(name);
  }

 private:
  std::filesystem::path folder_;
};

inline std::string read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

inline std::string scenario(const std::string& name) {
  return fmt::format("{}/scenarios/{}", AIFACTORY_SOURCE_DIR, name);
}

}  // namespace aifactory::test

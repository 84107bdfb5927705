#include "tools/aifactory/command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "models/catalog/config_error.h"
#include "models/units/date.h"

namespace aifactory {

namespace {

std::atomic<bool> g_interrupted{false};  // set by the signal handler only

}  // namespace

bool interrupted() {
  return g_interrupted.load();
}

void add_common_options(CLI::App& app, CommonOptions& common) {
  std::signal(SIGINT, [](int) {
    // A second Ctrl-C ends the program at once.
    g_interrupted = true;
    std::signal(SIGINT, SIG_DFL);
  });
  app.add_option("--configs", common.configs,
                 "Folder of the catalogue (else $AIFACTORY_CONFIGS, the installed or the source folder)")
      ->type_name("DIR");
  app.add_option("--catalog", common.overlays, "Folder of own facts laid over the catalogue; may be repeated")
      ->type_name("DIR");
  app.add_option("--progress", common.progress, "Progress on stderr: auto, always or never")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->type_name("WHEN");
}

std::string find_configs(const CommonOptions& common) {
  if (!common.configs.empty()) {
    return common.configs;
  }
  if (const char* variable = std::getenv("AIFACTORY_CONFIGS"); variable != nullptr && *variable != '\0') {
    return variable;
  }
  for (const char* folder : {AIFACTORY_INSTALLED_CONFIGS, AIFACTORY_SOURCE_CONFIGS}) {
    if (std::filesystem::is_directory(folder)) {
      return folder;
    }
  }
  throw ConfigError("configs", "", "the catalogue was not found", "give --configs DIR or set AIFACTORY_CONFIGS");
}

std::optional<Date> parse_as_of(const std::string& text) {
  if (text.empty()) {
    return std::nullopt;
  }
  const std::optional<Date> date = parse_date(text);
  if (!date) {
    throw ConfigError("--as-of", "", "\"" + text + "\" is not a date", "YYYY, YYYY-MM or YYYY-MM-DD");
  }
  return date;
}

Catalog load_catalog(const CommonOptions& common, const std::string& as_of) {
  CatalogOptions options;
  options.configs_dir = find_configs(common);
  options.overlays = common.overlays;
  options.as_of = parse_as_of(as_of);
  return Catalog::load(options);
}

std::unique_ptr<ProgressBar> make_progress(const CommonOptions& common) {
  const bool terminal = isatty(STDERR_FILENO) != 0;
  if (common.progress == "never") {
    return std::make_unique<ProgressBar>(ProgressStyle::kNone);
  }
  return std::make_unique<ProgressBar>(terminal ? ProgressStyle::kBar : ProgressStyle::kLines);
}

Progress callback(ProgressBar& bar) {
  return [&bar](std::string_view stage, double fraction) {
    if (interrupted()) {
      throw Interrupted();
    }
    bar.update(stage, fraction);
  };
}

void write_file(const std::string& path, const std::string& text) {
  const std::filesystem::path target(path);
  std::error_code error;
  if (target.has_parent_path()) {
    std::filesystem::create_directories(target.parent_path(), error);
  }
  const std::filesystem::path draft = target.string() + ".tmp" + std::to_string(getpid());
  {
    std::ofstream out(draft, std::ios::binary);
    out << text;
    out.flush();
    if (!out) {
      std::filesystem::remove(draft, error);
      throw std::runtime_error("cannot write " + path);
    }
  }
  std::filesystem::rename(draft, target, error);
  if (error) {
    std::filesystem::remove(draft, error);
    throw std::runtime_error("cannot write " + path);
  }
}

void print(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    throw std::runtime_error("cannot write to standard output");
  }
}

}  // namespace aifactory

// What every subcommand shares: where facts come from, how progress is shown, how output is written.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "models/catalog/catalog.h"
#include "sim/scenario/evaluate.h"
#include "tools/aifactory/application.h"
#include "tools/aifactory/progress_bar.h"

namespace aifactory {

// Options that stand before or behind the subcommand.
struct CommonOptions {
  std::string configs;                // --configs
  std::vector<std::string> overlays;  // --catalog
  std::string progress = "auto";      // --progress
  int exit_code = kExitOk;            // what the subcommand decided
};

void add_common_options(CLI::App& app, CommonOptions& common);

// --configs, else $AIFACTORY_CONFIGS, the installed share folder, the source folder: the first that exists. Throws
// ConfigError when none does.
std::string find_configs(const CommonOptions& common);
Catalog load_catalog(const CommonOptions& common, const std::string& as_of = {});

// Throws ConfigError unless `text` is a date.
std::optional<Date> parse_as_of(const std::string& text);

// Ctrl-C was pressed; long loops ask between steps.
bool interrupted();
struct Interrupted : std::runtime_error {
  Interrupted() : std::runtime_error("interrupted") {}
};

// Progress shown on stderr as the options ask; throws Interrupted from the callback after Ctrl-C.
std::unique_ptr<ProgressBar> make_progress(const CommonOptions& common);
Progress callback(ProgressBar& bar);

// Writes `text` to `path` by way of a temporary file beside it, so that readers never see half of it. Makes folders.
void write_file(const std::string& path, const std::string& text);
void print(const std::string& text);  // to stdout

// One per subcommand; each adds itself to `app`.
void add_run(CLI::App& app, CommonOptions& common);
void add_size(CLI::App& app, CommonOptions& common);
void add_validate(CLI::App& app, CommonOptions& common);
void add_show(CLI::App& app, CommonOptions& common);
void add_schema(CLI::App& app, CommonOptions& common);
void add_explain(CLI::App& app, CommonOptions& common);
void add_compare(CLI::App& app, CommonOptions& common);
void add_backtest(CLI::App& app, CommonOptions& common);
void add_calibrate(CLI::App& app, CommonOptions& common);
void add_flows(CLI::App& app, CommonOptions& common);

}  // namespace aifactory

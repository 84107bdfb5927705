#include "tools/aifactory/application.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "aifactory_version.h"
#include "models/catalog/config_error.h"
#include "tools/aifactory/command.h"

namespace aifactory {

namespace {

constexpr const char* kDescription =
    R"(AI Factory Simulator: what an AI factory yields per second, per watt and per dollar, and why.

  aifactory size "1 GW contracted" --system gb300_nvl72     a gigawatt in one screen
  aifactory run scenarios/quickstart.json                   the flagship scenario
  aifactory show systems                                    what can be simulated
  aifactory explain scenarios/quickstart.json capex.total   where a number comes from)";

void add_commands(CLI::App& app, CommonOptions& common) {
  add_run(app, common);
  add_size(app, common);
  add_validate(app, common);
  add_show(app, common);
  add_schema(app, common);
  add_explain(app, common);
  add_compare(app, common);
  add_backtest(app, common);
  add_calibrate(app, common);
  add_flows(app, common);
}

int usage_error(const CLI::App& app, const CLI::ParseError& error) {
  // CLI11's own codes are collapsed: help and version are success, everything else is bad usage.
  return app.exit(error) == 0 ? kExitOk : kExitBadInput;
}

}  // namespace

int run_application(int argc, const char* const* argv) {
  CLI::App app(kDescription, "aifactory");
  CommonOptions common;
  app.set_version_flag("--version", std::string("aifactory ") + kVersion);
  app.require_subcommand(1);
  app.fallthrough();
  add_common_options(app, common);
  add_commands(app, common);
  try {
    app.parse(argc, argv);
    return common.exit_code;
  } catch (const CLI::ParseError& error) {
    return usage_error(app, error);
  } catch (const ConfigError& error) {
    fmt::print(stderr, "{}\n", error.what());
    return kExitBadInput;
  } catch (const Interrupted&) {
    fmt::print(stderr, "interrupted\n");
    return kExitInterrupted;
  } catch (const std::exception& error) {
    fmt::print(stderr, "aifactory failed: {}\n", error.what());
    return kExitFailed;
  }
}

}  // namespace aifactory

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "models/catalog/json_reader.h"
#include "sim/study/compare.h"
#include "tools/aifactory/command.h"
#include "tools/aifactory/text_table.h"

namespace aifactory {

namespace {

struct CompareCommand {
  std::string base, now;
  bool why = false;
  std::string tolerances;
  std::string format = "table";
};

std::string change_text(const DriftRow& row) {
  return row.kind == DriftKind::kValue ? fmt::format("{:+.6g} %", row.relative * 100.0) : row.note;
}

std::string number_text(const DriftRow& row, double value) {
  return row.kind == DriftKind::kValue ? fmt::format("{}", value) : "";
}

TextTable drift_table(const Comparison& comparison, bool everything) {
  TextTable table;
  table.header = {"result", "metric", "base", "new", "change", "tolerance", ""};
  for (const DriftRow& row : comparison.rows) {
    if (row.drifted || everything) {
      table.rows.push_back({row.result, row.metric, number_text(row, row.base), number_text(row, row.now),
                            change_text(row), row.kind == DriftKind::kValue ? fmt::format("{:.3g}", row.tolerance) : "",
                            row.drifted ? "DRIFT" : "ok"});
    }
  }
  return table;
}

TextTable cause_table(const Comparison& comparison) {
  TextTable table;
  table.header = {"result", "input", "base", "new"};
  for (const CauseRow& row : comparison.causes) {
    table.rows.push_back({row.result, row.input, row.base, row.now});
  }
  return table;
}

std::string summary(const Comparison& comparison) {
  return fmt::format("{} metrics compared, {} drifted\n", comparison.compared, comparison.drifted());
}

std::string as_text(const Comparison& comparison, bool why) {
  std::string out;
  if (comparison.drifted() > 0) {
    out += render_text(drift_table(comparison, false)) + "\n";
  }
  if (why) {
    out += comparison.causes.empty() ? "No input differs: the tool itself behaves differently.\n\n"
                                     : "Inputs that differ\n" + render_text(cause_table(comparison), 2) + "\n";
  }
  return out + summary(comparison);
}

std::string as_markdown(const Comparison& comparison, bool why) {
  std::string out =
      "**" + fmt::format("{} of {} metrics drifted", comparison.drifted(), comparison.compared) + "**\n\n";
  if (comparison.drifted() > 0) {
    out += render_markdown(drift_table(comparison, false)) + "\n";
  }
  if (why && !comparison.causes.empty()) {
    out += "Inputs that differ\n\n" + render_markdown(cause_table(comparison)) + "\n";
  }
  return out;
}

std::string escaped_xml(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

// One test case per metric, so that any CI shows what drifted.
std::string as_junit(const Comparison& comparison) {
  std::string out = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"aifactory compare\" tests=\"{}\" "
      "failures=\"{}\">\n",
      comparison.rows.size(), comparison.drifted());
  for (const DriftRow& row : comparison.rows) {
    out += fmt::format("  <testcase classname=\"{}\" name=\"{}\"", escaped_xml(row.result), escaped_xml(row.metric));
    out += row.drifted
               ? fmt::format("><failure message=\"{}\"/></testcase>\n",
                             escaped_xml(fmt::format("base {} new {} ({})", row.base, row.now, change_text(row))))
               : "/>\n";
  }
  return out + "</testsuite>\n";
}

// Workflow commands that put an annotation on the run.
std::string as_github(const Comparison& comparison) {
  std::string out;
  for (const DriftRow& row : comparison.rows) {
    if (row.drifted) {
      out += fmt::format("::error title=drift of {}::{} base {} new {} ({})\n", row.metric, row.result, row.base,
                         row.now, change_text(row));
    }
  }
  return out + summary(comparison);
}

nlohmann::json as_json(const Comparison& comparison) {
  nlohmann::json rows = nlohmann::json::array();
  for (const DriftRow& row : comparison.rows) {
    nlohmann::json entry = {{"result", row.result}, {"metric", row.metric}, {"drifted", row.drifted}};
    if (row.kind == DriftKind::kValue) {
      entry["base"] = row.base;
      entry["new"] = row.now;
      entry["relative"] = std::isfinite(row.relative) ? nlohmann::json(row.relative) : nlohmann::json(nullptr);
      entry["tolerance"] = row.tolerance;
    } else {
      entry["note"] = row.note;
    }
    rows.push_back(std::move(entry));
  }
  nlohmann::json causes = nlohmann::json::array();
  for (const CauseRow& row : comparison.causes) {
    causes.push_back({{"result", row.result}, {"input", row.input}, {"base", row.base}, {"new", row.now}});
  }
  return {{"compared", comparison.compared},
          {"drifted", comparison.drifted()},
          {"rows", std::move(rows)},
          {"causes", std::move(causes)}};
}

void compare(const CompareCommand& options, CommonOptions& common) {
  Tolerances tolerances;
  if (!options.tolerances.empty()) {
    Problems problems;
    const JsonDocument document = load_json(options.tolerances, problems);
    problems.throw_if_any();
    tolerances = Tolerances::from_json(*document.root, options.tolerances);
  }
  const Comparison comparison = compare_paths(options.base, options.now, tolerances);
  if (options.format == "json") {
    print(as_json(comparison).dump(1) + "\n");
  } else if (options.format == "junit") {
    print(as_junit(comparison));
  } else if (options.format == "markdown") {
    print(as_markdown(comparison, options.why));
  } else if (options.format == "github") {
    print(as_github(comparison));
  } else {
    print(as_text(comparison, options.why));
  }
  common.exit_code = comparison.drifted() == 0 ? kExitOk : kExitDrift;
}

}  // namespace

void add_compare(CLI::App& app, CommonOptions& common) {
  auto options = std::make_shared<CompareCommand>();
  CLI::App* command = app.add_subcommand("compare", "Drift between two results, or two folders of them (exit 3)");
  command->add_option("BASE", options->base, "Result file or folder")->required()->type_name("PATH");
  command->add_option("NEW", options->now, "Result file or folder")->required()->type_name("PATH");
  command->add_flag("--why", options->why, "Show the inputs that differ");
  command->add_option("--tolerances", options->tolerances, R"(JSON: {"serving.*": {"rtol": 0.01}}; default rtol 1e-6)")
      ->type_name("FILE");
  command->add_option("--format", options->format, "table, json, junit, markdown or github")
      ->check(CLI::IsMember({"table", "json", "junit", "markdown", "github"}))
      ->type_name("FORMAT");
  command->callback([options, &common] { compare(*options, common); });
}

}  // namespace aifactory

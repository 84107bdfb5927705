// kernel_probe: measures kernels on the GPU at hand and writes a kernel-probe/1 file.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <set>

#include "tools/probe/cudnn_attention.h"
#include "tools/probe/device_setup.h"
#include "tools/probe/runner.h"
#include "tools/probe/suites.h"

namespace aifactory::probe {
namespace {

constexpr int kExitOk = 0, kExitFailed = 1, kExitBadInput = 2, kExitInterrupted = 130;
constexpr double kIdleUtilization = 0.02;
constexpr double kSaveEvery = 5.0;  // seconds

volatile std::sig_atomic_t interrupted = 0;
// The first is obeyed after the case at hand; a second ends the process, should that case never end.
void on_signal(int signal) {
  interrupted = 1;
  std::signal(signal, SIG_DFL);
}

struct Options {
  std::vector<std::string> suites;
  std::string budget = "6min";
  std::string out;
  std::string progress = "auto";
  int device = 0;
  bool resume = false, list = false, busy = false;
};

std::vector<Case> chosen_cases(const Options& options, bool cudnn) {
  std::vector<Case> cases;
  for (const std::string_view suite : suite_names()) {
    const bool named = std::find(options.suites.begin(), options.suites.end(), suite) != options.suites.end();
    if (options.suites.empty() || named) {
      const std::vector<Case> more = cases_of(suite, cudnn);
      cases.insert(cases.end(), more.begin(), more.end());
    }
  }
  return cases;
}

void list_plan(const Plan& plan) {
  for (const Step& step : plan.steps) {
    std::cout << key_of(step.config) << (step.repeat_group == 0 ? "" : " (again)") << '\n';
  }
  std::cerr << plan.steps.size() << " measurements, about " << static_cast<int>(plan.planned_s) << " s; "
            << plan.left.size() << " configurations do not fit into the budget\n";
}

// A line on a terminal, a message every tenth otherwise.
class Progress {
 public:
  Progress(std::string mode, std::size_t total) : mode_(std::move(mode)), total_(total) {
    terminal_ = isatty(fileno(stderr)) != 0;
  }
  void at(std::size_t done, const std::string& text) {
    if (mode_ == "never") {
      return;
    }
    if (terminal_) {
      std::fprintf(stderr, "\r\033[K[%zu/%zu] %.100s", done, total_, text.c_str());
    } else if (done * 10 / total_ != last_) {
      last_ = done * 10 / total_;
      std::fprintf(stderr, "[%zu/%zu] %s\n", done, total_, text.c_str());
    }
  }
  void finish() const {
    if (mode_ != "never" && terminal_) {
      std::fprintf(stderr, "\r\033[K");
    }
  }

 private:
  std::string mode_;
  std::size_t total_;
  std::size_t last_ = 0;
  bool terminal_ = false;
};

int run(const Options& options) {
  const double budget = parse_duration(options.budget);
  if (options.list) {
    list_plan(make_plan(chosen_cases(options, !cudnn_version().empty()), budget));
    return kExitOk;
  }
  ProbeOutput output;
  if (options.resume) {
    output = read_output(options.out);
  } else if (std::filesystem::exists(options.out)) {
    std::cerr << options.out << " exists: add --resume to go on with it, or choose another name\n";
    return kExitBadInput;
  }

  DeviceSession session(options.device);
  RunInfo info = session.info();
  if (options.resume) {
    require_same_setup(output.info, info);
    info.date = output.info.date;
  }
  if (!session.nvml_problem().empty()) {
    std::cerr << "no power, clocks or temperatures: " << session.nvml_problem() << '\n';
  }
  if (info.idle_utilization > kIdleUtilization && !options.busy) {
    std::cerr << "the device is busy (" << info.idle_utilization * 100.0
              << " %): measurements would say what else runs. --busy measures all the same\n";
    return kExitFailed;
  }
  const std::string cudnn_missing = cudnn_problem(session.device());
  if (!cudnn_missing.empty()) {
    info.cudnn.clear();
    std::cerr << "attention through the own kernels alone: " << cudnn_missing << '\n';
  }
  const Plan plan = make_plan(chosen_cases(options, cudnn_missing.empty()), budget);
  const PowerSampler sampler(session.nvml());
  Runner runner(session.device(), sampler);
  info.empty_graph_us = runner.empty_graph_us();
  output.info = info;
  output.left = plan.left;

  std::set<std::string> known;  // what is done, by key and pass, and what cannot be done
  for (const Record& r : output.records) {
    known.insert(key_of(r.config) + "#" + std::to_string(r.repeat_group));
  }
  for (const Skipped& s : output.skipped) {
    known.insert(s.key);
  }
  const std::set<std::string> stopping = stopping_kernels(output);
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  Progress progress(options.progress, plan.steps.size());
  const double start = steady_seconds();
  double saved = start;
  std::size_t done = 0;
  int exit_code = kExitOk;
  bool stopped = false;  // the device refuses all further work
  for (const Step& step : plan.steps) {
    const std::string key = key_of(step.config);
    progress.at(++done, key);
    if (known.count(key + "#" + std::to_string(step.repeat_group)) + known.count(key) > 0) {
      continue;
    }
    if (uses_one_of(step.config, stopping)) {
      output.skipped.push_back({key, "its kernel stopped the device more than once"});
      known.insert(key);
      continue;
    }
    if (stopped || interrupted != 0 || steady_seconds() - start + planned_case_seconds(step.config) > budget) {
      if (step.repeat_group == 0) {
        output.left.push_back(key);
      }
      continue;
    }
    try {
      output.records.push_back(runner.run(step));
    } catch (const CudaError& error) {
      output.skipped.push_back({key, (error.sticky() ? kStopped : "failed: ") + std::string(error.what())});
      if (error.sticky()) {
        std::cerr << "\nthe device stopped at " << key << ": " << error.what() << "\n--resume goes on after it\n";
        exit_code = kExitFailed;
        stopped = true;
      }
    } catch (const DoesNotFit& error) {
      output.skipped.push_back({key, error.what()});
    } catch (const NotSupported& error) {
      output.skipped.push_back({key, error.what()});
    }
    if (!output.skipped.empty()) {
      known.insert(output.skipped.back().key);  // not again in the second pass
    }
    if (steady_seconds() - saved > kSaveEvery) {
      write_output(output, options.out);
      saved = steady_seconds();
    }
  }
  progress.finish();
  write_output(output, options.out);
  std::cerr << output.records.size() << " records, " << output.skipped.size() << " skipped, " << output.left.size()
            << " left: " << options.out << '\n';
  if (interrupted != 0) {
    return kExitInterrupted;
  }
  return output.records.empty() ? kExitFailed : exit_code;
}

int parse_and_run(int argc, char** argv) {
  CLI::App app("Measures kernels on the GPU at hand, as `aifactory backtest` and `aifactory calibrate` read them.");
  Options options;
  std::vector<std::string> names;
  for (const std::string_view name : suite_names()) {
    names.emplace_back(name);
  }
  app.add_option("--suite", options.suites, "What to measure; all when not given")
      ->delimiter(',')
      ->check(CLI::IsMember(names))
      ->type_name("NAME,...");
  app.add_option("--budget", options.budget, "Time to spend: 6min, 90s, 1h")->type_name("TIME")->capture_default_str();
  CLI::Option* out = app.add_option("-o,--output", options.out, "kernel-probe/1 file to write")->type_name("FILE");
  app.add_flag("--resume", options.resume, "Go on with the file: what it holds is not measured again");
  app.add_option("--device", options.device, "Index of the device")->capture_default_str();
  app.add_flag("--busy", options.busy, "Measure although something else uses the device");
  app.add_flag("--list", options.list, "Print what would be measured; needs no device")->excludes(out);
  app.add_option("--progress", options.progress, "auto or never")->check(CLI::IsMember({"auto", "never"}));
  try {
    app.parse(argc, argv);
    if (!options.list && options.out.empty()) {
      throw CLI::RequiredError("-o FILE");
    }
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitOk : kExitBadInput;
  }
  try {
    return run(options);
  } catch (const std::invalid_argument& error) {
    std::cerr << "kernel_probe: " << error.what() << '\n';
    return kExitBadInput;
  } catch (const std::exception& error) {
    std::cerr << "kernel_probe: " << error.what() << '\n';
    return kExitFailed;
  }
}

}  // namespace
}  // namespace aifactory::probe

int main(int argc, char** argv) {
  return aifactory::probe::parse_and_run(argc, argv);
}

// The `aifactory` program: parses the command line, runs a subcommand, turns what went wrong into an exit code.
#pragma once

namespace aifactory {

// 0 ok, 1 the run failed, 2 bad input or usage, 3 a comparison drifted, 4 infeasible, 130 interrupted.
enum ExitCode : int {
  kExitOk = 0,
  kExitFailed = 1,
  kExitBadInput = 2,
  kExitDrift = 3,
  kExitInfeasible = 4,
  kExitInterrupted = 130,
};

int run_application(int argc, const char* const* argv);

}  // namespace aifactory

#include "tools/probe/plan.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <set>
#include <stdexcept>

#include "tools/probe/work.h"

namespace aifactory::probe {
namespace {

constexpr double kRepeatShare = 0.125;
constexpr double kSetUp = 0.015;  // heuristics, pointers, capture
constexpr double kCompile = 0.3;  // cuDNN makes its kernels at run time
constexpr double kPerReference = 3e-3;
constexpr double kWarmUp = 0.025;
constexpr double kBurst = 0.06;
constexpr double kSustained = 1.1;

struct Candidate {
  const Case* config;
  std::string key;
  std::uint64_t hash;
  double seconds;
};

bool is_sustained(const Candidate& c) {
  return c.config->mode == "sustained";
}

}  // namespace

double planned_case_seconds(const Case& c) {
  const double each = planned_seconds(c);
  // A burst is some twenty replays of at least ten launches, or 0.4 s of launches that take longer.
  const double timed = c.mode == "sustained" ? kSustained : std::clamp(200.0 * each, 2e-3, 0.4) + 8.0 * each;
  const double parts = std::max<double>(1.0, static_cast<double>(c.parts.size()));
  const double alternatives = c.op == "gemm" && c.mode == "burst" ? 0.5 * kBurst : 0.0;
  const double compiled = c.impl == "cudnn" ? kCompile : 0.0;
  return compiled + kSetUp * parts + kPerReference * parts + (c.mode == "sustained" ? 0.0 : kWarmUp) + timed +
         alternatives;
}

Plan make_plan(const std::vector<Case>& cases, double budget_s) {
  std::vector<Candidate> candidates;
  std::set<std::string> seen;
  for (const Case& c : cases) {
    const std::string key = key_of(c);
    if (seen.insert(key).second) {
      candidates.push_back({&c, key, hash_of(key), planned_case_seconds(c)});
    }
  }
  std::stable_sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return a.config->priority != b.config->priority ? a.config->priority < b.config->priority : a.hash < b.hash;
  });
  Plan plan;
  std::vector<Candidate> taken;
  const double first_pass = budget_s * (1.0 - kRepeatShare);
  for (const Candidate& c : candidates) {
    if (plan.planned_s + c.seconds <= first_pass) {
      plan.planned_s += c.seconds;
      taken.push_back(c);
    } else {
      plan.left.push_back(c.key);
    }
  }
  std::vector<Candidate> repeated;
  for (const Candidate& c : taken) {
    if (!is_sustained(c) && plan.planned_s + c.seconds <= budget_s) {
      plan.planned_s += c.seconds;
      repeated.push_back(c);
    }
  }
  const auto by_hash = [](const Candidate& a, const Candidate& b) { return a.hash < b.hash; };
  std::sort(taken.begin(), taken.end(), by_hash);
  std::sort(repeated.begin(), repeated.end(), by_hash);
  for (const Candidate& c : taken) {
    if (!is_sustained(c)) {
      plan.steps.push_back({*c.config, 0});
    }
  }
  for (const Candidate& c : repeated) {
    plan.steps.push_back({*c.config, 1});
  }
  for (const Candidate& c : taken) {
    if (is_sustained(c)) {
      plan.steps.push_back({*c.config, 0});
    }
  }
  return plan;
}

double parse_duration(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  std::string unit(end);
  unit.erase(std::remove(unit.begin(), unit.end(), ' '), unit.end());
  const double scale = unit.empty() || unit == "s"      ? 1.0
                       : unit == "min" || unit == "m"   ? 60.0
                       : unit == "h" || unit == "hours" ? 3600.0
                                                        : 0.0;
  if (end == text.c_str() || scale == 0.0 || !std::isfinite(value) || value <= 0.0) {
    throw std::invalid_argument("\"" + text + "\" is no duration: 6min, 90s, 1h");
  }
  return value * scale;
}

}  // namespace aifactory::probe

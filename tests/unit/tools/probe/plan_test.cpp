#include "tools/probe/plan.h"

#include <gtest/gtest.h>

#include <set>
#include <stdexcept>

#include "tools/probe/suites.h"
#include "tools/probe/work.h"

namespace aifactory::probe {
namespace {

std::vector<Case> all_cases(bool cudnn) {
  std::vector<Case> cases;
  for (const std::string_view suite : suite_names()) {
    const std::vector<Case> more = cases_of(suite, cudnn);
    EXPECT_FALSE(more.empty()) << suite;
    cases.insert(cases.end(), more.begin(), more.end());
  }
  return cases;
}

TEST(Suites, EveryCaseStatesItsWork) {
  for (const Case& c : all_cases(true)) {
    const Work work = work_of(c);
    EXPECT_TRUE(work.bytes > 0.0 || c.op == "launch") << key_of(c);
    EXPECT_GT(planned_seconds(c), 0.0) << key_of(c);
    EXPECT_LT(planned_seconds(c), 1.0) << key_of(c) << " would take too long";
  }
}

TEST(Suites, HeldOutShapesAreNoneThatIsFitted) {
  std::set<std::string> fitted;
  std::size_t held_out = 0;
  for (const Case& c : gemm_cases()) {
    if (!c.hold_out) {
      fitted.insert(key_of(c));
    }
  }
  for (const Case& c : gemm_cases()) {
    if (c.hold_out) {
      ++held_out;
      EXPECT_EQ(fitted.count(key_of(c)), 0u) << key_of(c);
      EXPECT_EQ(c.at("m") % 2, 1);
      EXPECT_EQ(c.at("k") % 16, 0) << "fp8 needs it";
    }
  }
  EXPECT_GE(held_out, 100u);
}

TEST(Suites, AnUnknownOneIsRefused) {
  EXPECT_THROW(cases_of("everything", false), std::invalid_argument);
}

TEST(Plan, StaysWithinItsBudgetAndRunsNothingTwiceInAPass) {
  const std::vector<Case> cases = all_cases(false);
  for (const double budget : {5.0, 60.0, 360.0, 1e5}) {
    const Plan plan = make_plan(cases, budget);
    EXPECT_LE(plan.planned_s, budget);
    std::set<std::pair<std::string, int>> seen;
    for (const Step& step : plan.steps) {
      EXPECT_TRUE(seen.insert({key_of(step.config), step.repeat_group}).second);
    }
  }
  EXPECT_TRUE(make_plan(cases, 1e5).left.empty());
}

TEST(Plan, AMinuteMeasuresPartOfWhatSixDo) {
  const std::vector<Case> cases = all_cases(false);
  std::set<std::string> longer;
  for (const Step& step : make_plan(cases, 360.0).steps) {
    longer.insert(key_of(step.config));
  }
  std::size_t missing = 0;
  const Plan shorter = make_plan(cases, 60.0);
  for (const Step& step : shorter.steps) {
    missing += longer.count(key_of(step.config)) == 0 ? 1 : 0;
  }
  EXPECT_EQ(missing, 0u);
}

TEST(Plan, SixMinutesReachEverySuiteAndRepeat) {
  std::set<std::string> ops;
  std::size_t repeated = 0;
  bool sustained_seen = false;
  for (const Step& step : make_plan(all_cases(true), 360.0).steps) {
    ops.insert(step.config.op);
    repeated += static_cast<std::size_t>(step.repeat_group);
    EXPECT_FALSE(sustained_seen && step.config.mode == "burst") << "bursts come before what heats the device";
    sustained_seen = sustained_seen || step.config.mode == "sustained";
  }
  for (const char* op : {"gemm", "grouped_gemm", "attn_prefill", "attn_decode", "mla_decode", "rmsnorm", "memcpy",
                         "launch", "sample", "layer", "interference"}) {
    EXPECT_EQ(ops.count(op), 1u) << op;
  }
  EXPECT_GT(repeated, 50u);
  EXPECT_TRUE(sustained_seen);
}

TEST(Duration, ReadsUnitsAndRefusesOthers) {
  EXPECT_EQ(parse_duration("6min"), 360.0);
  EXPECT_EQ(parse_duration("90 s"), 90.0);
  EXPECT_EQ(parse_duration("1.5h"), 5400.0);
  EXPECT_EQ(parse_duration("30"), 30.0);
  for (const char* bad : {"", "min", "-1s", "0", "5 parsecs", "nan", "inf"}) {
    EXPECT_THROW(parse_duration(bad), std::invalid_argument) << bad;
  }
}

TEST(Work, AProductCountsEveryOperandOnce) {
  Case c;
  c.op = "gemm";
  c.dtype = "bf16";
  c.shape = {{"m", 2}, {"n", 3}, {"k", 5}};
  EXPECT_EQ(work_of(c).flops, 60.0);
  EXPECT_EQ(work_of(c).bytes, 2.0 * (10 + 15 + 6));
  c.dtype = "fp8";
  EXPECT_EQ(work_of(c).bytes, 10 + 15 + 2.0 * 6);
}

TEST(Work, CausalPairsAreCounted) {
  for (const int past : {0, 3, 40}) {
    for (const int fresh : {1, 2, 17}) {
      for (const int window : {0, 1, 5, 100}) {
        double counted = 0.0;
        for (int query = 0; query < fresh; ++query) {
          for (int key = 0; key <= past + query; ++key) {
            counted += window == 0 || key > past + query - window ? 1.0 : 0.0;
          }
        }
        EXPECT_EQ(causal_pairs(past, fresh, window), counted) << past << " " << fresh << " " << window;
      }
    }
  }
}

}  // namespace
}  // namespace aifactory::probe

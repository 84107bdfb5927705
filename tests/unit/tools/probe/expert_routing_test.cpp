#include "tools/probe/expert_routing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

namespace aifactory::probe {
namespace {

Case routed(std::int64_t tokens, std::int64_t ep, const std::string& how) {
  Case c;
  c.op = "grouped_gemm";
  c.detail = how;
  c.shape = {{"tokens", tokens}, {"experts", 64}, {"topk", 4}, {"ep", ep}};
  return c;
}

TEST(ExpertRouting, EveryChoiceLandsOnOneExpert) {
  for (const char* how : {"balanced", "uniform"}) {
    for (const std::int64_t tokens : {1, 7, 100, 4096}) {
      EXPECT_EQ(expert_rows(routed(tokens, 1, how)).total, tokens * 4) << how << tokens;
    }
  }
  // A power law caps an expert at every token: of 4096 tokens none reaches it.
  EXPECT_EQ(expert_rows(routed(4096, 1, "power_law_1.2")).total, 4096 * 4);
}

TEST(ExpertRouting, NoExpertGetsMoreThanEveryToken) {
  for (const char* how : {"balanced", "uniform", "power_law_1.2"}) {
    for (const std::int64_t tokens : {1, 7, 100}) {
      const ExpertRows rows = expert_rows(routed(tokens, 1, how));
      EXPECT_LE(*std::max_element(rows.rows.begin(), rows.rows.end()), tokens);
      EXPECT_EQ(rows.active, std::count_if(rows.rows.begin(), rows.rows.end(), [](std::int64_t r) { return r > 0; }));
    }
  }
}

TEST(ExpertRouting, APowerLawMeansTheBusiestRank) {
  const std::int64_t share = 4096 * 4 / 8;
  EXPECT_GT(expert_rows(routed(4096, 8, "power_law_1.2")).total, share);
  EXPECT_EQ(expert_rows(routed(4096, 8, "balanced")).total, share);
}

TEST(ExpertRouting, RefusesWhatItDoesNotKnow) {
  EXPECT_THROW(expert_rows(routed(8, 1, "fair")), std::invalid_argument);
  EXPECT_THROW(expert_rows(routed(8, 7, "uniform")), std::invalid_argument);
}

}  // namespace
}  // namespace aifactory::probe

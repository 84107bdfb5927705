#include "sim/study/tactic_state.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <vector>

namespace aifactory {
namespace {

// One layer swept over token counts; `slow` multiplies its times.
class Sweeps {
 public:
  void add(std::uint64_t id, double width, const std::vector<double>& tokens, double slow) {
    for (const double n : tokens) {
      GroupedGemmShape shape;
      shape.tokens = n;
      shape.hidden = 2048;
      shape.intermediate = width;
      shape.experts = 64;
      shape.experts_per_token = 4;
      shape.routing = ExpertRouting::kBalanced;
      works_.push_back(grouped_gemm_work(shape));
      rows_.push_back({&works_.back(), slow * (20e-6 + works_.back().bytes / 4e12 + works_.back().flops / 6e14), id});
    }
  }
  std::vector<TimedWork>& rows() { return rows_; }

 private:
  std::deque<KernelWork> works_;
  std::vector<TimedWork> rows_;
};

const std::vector<double> kTokens = {1, 16, 128, 1024, 8192};
constexpr std::size_t kRows = 5;

TEST(TacticState, ASweepSlowerThanMoreWorkElsewhereFellBackAsAWhole) {
  Sweeps sweeps;
  sweeps.add(1, 1024, kTokens, 1.0);
  sweeps.add(2, 768, kTokens, 4.0);
  sweeps.add(3, 768, kTokens, 1.0);
  const std::vector<bool> states = fell_back(sweeps.rows());
  for (std::size_t i = 0; i < states.size(); ++i) {
    EXPECT_EQ(states[i], sweeps.rows()[i].sweep == 2) << i;
  }
}

TEST(TacticState, SlownessThatMoreWorkSharesIsNoFallback) {
  Sweeps sweeps;
  sweeps.add(1, 1024, kTokens, 4.0);
  sweeps.add(2, 768, kTokens, 4.0);
  for (const bool state : fell_back(sweeps.rows())) {
    EXPECT_FALSE(state);
  }
}

TEST(TacticState, ARowSaysNothingOfItself) {
  Sweeps sweeps;
  sweeps.add(1, 1024, kTokens, 1.0);
  sweeps.add(2, 768, kTokens, 4.0);
  std::vector<TimedWork>& rows = sweeps.rows();
  rows[kRows].seconds /= 4.0;  // one row of the slow sweep was fast: its siblings still say fallback
  const std::vector<bool> states = fell_back(rows);
  EXPECT_TRUE(states[kRows]);
  EXPECT_TRUE(states[kRows + 1]);

  Sweeps lone;
  lone.add(1, 1024, kTokens, 1.0);
  lone.add(2, 768, {128}, 9.0);  // no sibling: nothing is known
  EXPECT_FALSE(fell_back(lone.rows()).back());
}

TEST(TacticState, NothingIsSaidOfRowsThatNoOtherSweepCovers) {
  Sweeps sweeps;
  sweeps.add(1, 512, kTokens, 1.0);
  sweeps.add(2, 1024, kTokens, 9.0);  // slow, yet no measured sweep did as much
  const std::vector<bool> states = fell_back(sweeps.rows());
  for (std::size_t i = kRows; i < states.size(); ++i) {
    EXPECT_FALSE(states[i]) << i;
  }
}

}  // namespace
}  // namespace aifactory

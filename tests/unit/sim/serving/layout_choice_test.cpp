#include "sim/serving/layout_choice.h"

#include <gtest/gtest.h>

#include "tests/unit/sim/serving/example_replica.h"

namespace aifactory {
namespace {

LayoutRequest request_for(const LlmArchitecture& model) {
  LayoutRequest request;
  request.model = model;
  request.system = test::textbook_system();
  request.kernels = std::make_shared<const KernelModel>(request.system.accelerator);
  request.formats = {NumericFormats{}};
  return request;
}

Slo within(double tpot_ms) {
  Slo slo;
  slo.tpot = Seconds(tpot_ms * 1e-3);
  return slo;
}

TEST(ReplicaMemory, CacheIsWhatWeightsLeave) {
  const ServingReplicaSpec spec = test::replica_of(test::small_dense(), 1, 1);
  const ReplicaMemory memory = replica_memory(spec);
  ASSERT_TRUE(memory.fits()) << memory.problem;
  EXPECT_NEAR(memory.weights.value(), 16.06e9, 0.1e9);                       // 8.03 B parameters in bf16
  EXPECT_DOUBLE_EQ(memory.cache_per_token.value(), 32 * 2 * 8 * 128 * 2.0);  // 131 kB
  EXPECT_NEAR((memory.weights + memory.workspace + memory.cache).value(), 0.95 * 80e9, 1);
  EXPECT_NEAR(memory.sequences_of(1000), memory.cache.value() / 131072000.0, 1e-6);
}

TEST(LayoutChoice, TighterPromisesCostThroughputAndNeverFindMore) {
  const LayoutRequest request = request_for(test::small_dense());
  const RequestMix mix = test::conversation();
  double last = 1e9;
  for (const double tpot : {40.0, 20.0, 10.0, 6.0}) {
    const LayoutChoice choice = choose_layout(request, mix, within(tpot));
    ASSERT_TRUE(choice.feasible) << choice.reason;
    EXPECT_LE(choice.best.state.tpot.value(), tpot * 1e-3);
    EXPECT_LE(choice.best.state.output_per_accelerator.value(), last * 1.001);
    last = choice.best.state.output_per_accelerator.value();
  }
}

TEST(LayoutChoice, IsTheBestOfAnExhaustiveSearch) {
  const LayoutRequest request = request_for(test::small_mixture());
  const RequestMix mix = test::conversation();
  const LayoutChoice choice = choose_layout(request, mix, within(15));
  ASSERT_TRUE(choice.feasible) << choice.reason;
  for (const LayoutCandidate& candidate : choice.considered) {
    for (double sequences = 1; sequences <= candidate.spec.max_batch; sequences *= 1.3) {
      if (!replica_memory(candidate.spec).fits()) {
        break;
      }
      const SteadyState state = steady_state(candidate.spec, mix, sequences);
      if (state.tpot <= Seconds(0.015)) {
        EXPECT_LE(state.output_per_accelerator.value(), choice.best.state.output_per_accelerator.value() * 1.03);
      }
    }
  }
}

TEST(LayoutChoice, SaysWhyNothingFits) {
  LlmArchitecture huge = test::small_dense();
  huge.id = "huge";
  huge.layers[0].count = 2000;
  const LayoutChoice choice = choose_layout(request_for(huge), test::conversation(), within(50));
  EXPECT_FALSE(choice.feasible);
  EXPECT_NE(choice.reason.find("8 x 80 GB"), std::string::npos) << choice.reason;
}

TEST(LayoutChoice, SaysWhenThePromiseIsOutOfReach) {
  const LayoutChoice choice = choose_layout(request_for(test::small_dense()), test::conversation(), within(0.1));
  EXPECT_FALSE(choice.feasible);
  EXPECT_NE(choice.reason.find("TPOT"), std::string::npos) << choice.reason;
}

TEST(LayoutChoice, SaysWhenNoFormatIsSupported) {
  LayoutRequest request = request_for(test::small_dense());
  request.formats[0].dense = GemmFormat::kFp4;  // the textbook accelerator has no fp4 rate
  const LayoutChoice choice = choose_layout(request, test::conversation(), within(50));
  EXPECT_FALSE(choice.feasible);
  EXPECT_NE(choice.reason.find("no matrix rate"), std::string::npos) << choice.reason;
}

}  // namespace
}  // namespace aifactory

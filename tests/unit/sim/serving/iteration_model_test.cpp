#include "sim/serving/iteration_model.h"

#include <gtest/gtest.h>

#include "tests/unit/sim/serving/example_replica.h"

namespace aifactory {
namespace {

// The promise of iteration_model.h, between grid points where interpolation is worst.
void expect_tables_agree(const ServingReplicaSpec& spec) {
  const IterationKernels kernels(spec);
  const IterationModel model(kernels, {8192, 256, 32768});
  for (const double tokens : {1.2, 7.0, 37.0, 200.0, 1300.0, 7000.0}) {
    EXPECT_NEAR(model.dense(tokens).time / kernels.dense(tokens).time, 1, 0.02) << tokens;
    EXPECT_NEAR(model.experts(tokens).time, kernels.experts(tokens).time, 0.02 * kernels.experts(tokens).time)
        << tokens;
  }
  for (const double sequences : {1.0, 5.0, 90.0, 250.0}) {
    EXPECT_NEAR(model.head(sequences).time / kernels.head(sequences).time, 1, 0.02);
    for (const double context : {100.0, 1100.0, 20000.0}) {
      EXPECT_NEAR(model.decode_attention(sequences, context).time / kernels.decode_attention(sequences, context).time,
                  1, 0.02)
          << sequences << " x " << context;
    }
  }
  for (const double chunk : {20.0, 300.0, 1300.0, 7000.0}) {
    for (const double past : {0.0, 500.0, 9000.0}) {
      EXPECT_NEAR(model.prefill_attention(chunk, past).time / kernels.prefill_attention(chunk, past).time, 1, 0.05)
          << chunk << " after " << past;
    }
  }
}

TEST(IterationModel, TablesAgreeWithTheKernelsOfADenseModel) {
  expect_tables_agree(test::replica_of(test::small_dense(), 2, 1));
}

TEST(IterationModel, TablesAgreeWithTheKernelsOfAMixture) {
  expect_tables_agree(test::replica_of(test::small_mixture(), 1, 8));
}

TEST(IterationModel, BandsBracketTheExpectation) {
  ServingReplicaSpec spec = test::replica_of(test::small_dense(), 1, 1);
  const double expected = IterationKernels(spec).dense(64).time;
  spec.band = KernelBand::kLow;
  EXPECT_LT(IterationKernels(spec).dense(64).time, expected);
  spec.band = KernelBand::kHigh;
  EXPECT_GT(IterationKernels(spec).dense(64).time, expected);
}

TEST(IterationModel, DraftsCostTimeButLessThanStepsWouldAtSmallBatch) {
  ServingReplicaSpec spec = test::replica_of(test::small_dense(), 1, 1);
  IterationLoad load;
  load.decoding = 4;
  load.context = 1000;
  const double plain = iteration_cost(IterationKernels(spec), spec, Seconds(0), load).time;
  spec.drafts = {1, 0.8};
  const double drafted = iteration_cost(IterationKernels(spec), spec, Seconds(0), load).time;
  EXPECT_GT(drafted, plain);
  EXPECT_LT(drafted / 1.8, plain);  // per token it pays: the step is bound by reading weights
}

TEST(IterationModel, WaitingRanksAreNotCountedBusy) {
  const ServingReplicaSpec spec = test::replica_of(test::small_mixture(), 1, 8);
  const IterationKernels kernels(spec);
  IterationLoad even;
  even.prefill_total = 8000;
  even.prefill_rank = 1000;
  IterationLoad uneven = even;
  uneven.prefill_total = 1000;  // one rank works, seven wait
  const IterationCost a = iteration_cost(kernels, spec, Seconds(0), even);
  const IterationCost b = iteration_cost(kernels, spec, Seconds(0), uneven);
  EXPECT_LT(b.time, a.time);
  EXPECT_LT(b.compute, 0.3 * a.compute);
}

}  // namespace
}  // namespace aifactory

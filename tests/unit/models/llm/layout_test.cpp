#include "models/llm/layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/models/llm/architectures.h"

namespace aifactory {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

ParallelLayout training_layout() {
  ParallelLayout layout;
  layout.tensor = 8;
  layout.pipeline = 8;
  layout.data = 16;
  layout.global_batch = 1024;
  return layout;
}

TEST(Layout, PossibleLayoutsHaveNoProblems) {
  EXPECT_THAT(training_layout_problems(testing::llama_70b(), training_layout(), 8192), IsEmpty());
  EXPECT_EQ(training_layout().accelerators(), 1024);
  EXPECT_DOUBLE_EQ(training_layout().micro_batches(), 64);
}

TEST(Layout, EveryReasonIsNamed) {
  ParallelLayout layout = training_layout();
  layout.tensor = 3;
  layout.expert = 2;
  layout.pipeline = 1;
  layout.virtual_pipeline = 2;
  layout.global_batch = 1000;
  EXPECT_THAT(training_layout_problems(testing::llama_70b(), layout, 8192),
              ElementsAre(HasSubstr("64 attention heads"), HasSubstr("the model is dense"),
                          HasSubstr("virtual stages need pipeline"), HasSubstr("whole number of micro-batches")));
}

TEST(Layout, NonPositiveDegreesStopTheCheck) {
  ParallelLayout layout;
  layout.data = 0;
  EXPECT_THAT(training_layout_problems(testing::llama_70b(), layout, 8192), ElementsAre(HasSubstr("data parallelism")));
}

TEST(Layout, ExpertsFoldIntoTheOtherRanks) {
  ParallelLayout layout;
  layout.tensor = 2;
  layout.data = 4;
  layout.expert = 8;
  layout.global_batch = 64;
  const LlmArchitecture m = testing::deepseek_v3();
  EXPECT_THAT(training_layout_problems(m, layout, 4096), IsEmpty());
  EXPECT_THAT(serving_layout_problems(m, layout), IsEmpty());
  layout.expert = 16;
  EXPECT_THAT(training_layout_problems(m, layout, 4096), ElementsAre(HasSubstr("does not divide")));
  layout.expert = 3;
  EXPECT_THAT(serving_layout_problems(m, layout),
              ElementsAre(HasSubstr("256 experts"), HasSubstr("must cover tensor x attention replicas")));
}

TEST(Layout, DenseModelsHaveNoAttentionReplicas) {
  ParallelLayout layout;
  layout.data = 2;
  EXPECT_THAT(serving_layout_problems(testing::llama_70b(), layout), ElementsAre(HasSubstr("share experts only")));
}

TEST(Layout, FewKeyValueHeadsMayBeReplicated) {
  ParallelLayout layout;
  layout.tensor = 16;
  EXPECT_THAT(serving_layout_problems(testing::llama_70b(), layout), IsEmpty());
}

}  // namespace
}  // namespace aifactory

#include "models/llm/formats.h"

#include <gtest/gtest.h>

#include "tests/unit/models/llm/architectures.h"

namespace aifactory {
namespace {

Accelerator multiplying(std::initializer_list<Precision> precisions) {
  Accelerator a;
  for (const Precision p : precisions) {
    a.dense_peak[static_cast<std::size_t>(p)] = FlopsPerSecond{1e15};
  }
  return a;
}

TEST(ServedFormats, AreTheCheckpointsWhereTheAcceleratorMultipliesThem) {
  LlmArchitecture model = testing::llama_70b();
  model.native_precision = Precision::kFp8;
  const NumericFormats hopper = served_formats(model, multiplying({Precision::kBf16, Precision::kFp8}));
  EXPECT_EQ(hopper.dense, GemmFormat::kFp8Block);
  EXPECT_EQ(hopper.head, GemmFormat::kBf16);
  const NumericFormats ampere = served_formats(model, multiplying({Precision::kBf16}));
  EXPECT_EQ(ampere.dense, GemmFormat::kBf16);
  EXPECT_EQ(ampere.experts, GemmFormat::kBf16);
}

TEST(ServedFormats, FourBitExpertsTakeEightBitActivationsOnFourBitTensorCores) {
  LlmArchitecture model = testing::llama_70b();
  model.native_precision = Precision::kFp4;
  EXPECT_EQ(served_formats(model, multiplying({Precision::kBf16, Precision::kFp8, Precision::kFp4})).experts,
            GemmFormat::kFp4Fp8);
  EXPECT_EQ(served_formats(model, multiplying({Precision::kBf16, Precision::kFp8})).experts,
            GemmFormat::kInt4WeightOnly);
}

}  // namespace
}  // namespace aifactory

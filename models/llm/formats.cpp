#include "models/llm/formats.h"

namespace aifactory {

double bytes_per_weight(GemmFormat format) {
  switch (format) {
    case GemmFormat::kBf16:
      return 2.0;
    case GemmFormat::kFp8:
    case GemmFormat::kInt8:
    case GemmFormat::kFp8WeightOnly:
    case GemmFormat::kInt8WeightOnly:
      return 1.0;
    case GemmFormat::kFp8Block:
      return 1.0 + 4.0 / (128.0 * 128.0);
    case GemmFormat::kFp4:
    case GemmFormat::kFp4Fp8:
      return 0.5 + 1.0 / 16.0;
    case GemmFormat::kInt4WeightOnly:
      return 0.5 + 4.0 / 128.0;
  }
  return 2.0;
}

NumericFormats native_formats(const LlmArchitecture& model) {
  NumericFormats formats;
  switch (model.native_precision) {
    case Precision::kFp8:
      formats.dense = GemmFormat::kFp8Block;
      formats.experts = GemmFormat::kFp8Block;
      break;
    case Precision::kFp4:
      formats.experts = GemmFormat::kInt4WeightOnly;
      break;
    default:
      break;
  }
  return formats;
}

NumericFormats served_formats(const LlmArchitecture& model, const Accelerator& accelerator) {
  NumericFormats formats = native_formats(model);
  if (formats.experts == GemmFormat::kInt4WeightOnly && accelerator.supports(Precision::kFp4)) {
    formats.experts = GemmFormat::kFp4Fp8;
  }
  for (GemmFormat* format : {&formats.dense, &formats.experts, &formats.head}) {
    if (!accelerator.supports(math_precision(*format))) {
      *format = GemmFormat::kBf16;
    }
  }
  return formats;
}

}  // namespace aifactory

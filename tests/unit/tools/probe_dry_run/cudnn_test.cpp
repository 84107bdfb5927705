// The numbers that stand for cuDNN's header, against the header; and the attention graph, which cuDNN checks descriptor
// by descriptor, against the library. Both without a device, and skipped where they are not installed.
#include <gtest/gtest.h>

#include "tools/probe/cudnn_graph.h"

#if __has_include(<cudnn.h>)
#include <cudnn.h>
#endif

namespace aifactory::probe {
namespace {

#if __has_include(<cudnn.h>)
template <int kOurs, int kTheirs>
constexpr bool same() {
  static_assert(kOurs == kTheirs);
  return kOurs == kTheirs;
}
static_assert(same<cudnn::kPointwise, CUDNN_BACKEND_POINTWISE_DESCRIPTOR>() &&
              same<cudnn::kEngineConfig, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR>() &&
              same<cudnn::kHeuristics, CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR>() &&
              same<cudnn::kPlan, CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR>() &&
              same<cudnn::kPointwiseOperation, CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR>() &&
              same<cudnn::kGraph, CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR>() &&
              same<cudnn::kVariantPack, CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR>() &&
              same<cudnn::kTensor, CUDNN_BACKEND_TENSOR_DESCRIPTOR>() &&
              same<cudnn::kMatmul, CUDNN_BACKEND_MATMUL_DESCRIPTOR>() &&
              same<cudnn::kMatmulOperation, CUDNN_BACKEND_OPERATION_MATMUL_DESCRIPTOR>() &&
              same<cudnn::kReduction, CUDNN_BACKEND_REDUCTION_DESCRIPTOR>() &&
              same<cudnn::kReductionOperation, CUDNN_BACKEND_OPERATION_REDUCTION_DESCRIPTOR>());
static_assert(same<cudnn::kHandle, CUDNN_TYPE_HANDLE>() && same<cudnn::kDataType, CUDNN_TYPE_DATA_TYPE>() &&
              same<cudnn::kBoolean, CUDNN_TYPE_BOOLEAN>() && same<cudnn::kInt64, CUDNN_TYPE_INT64>() &&
              same<cudnn::kVoidPointer, CUDNN_TYPE_VOID_PTR>() &&
              same<cudnn::kHeuristicsMode, CUDNN_TYPE_HEUR_MODE>() &&
              same<cudnn::kPointwiseMode, CUDNN_TYPE_POINTWISE_MODE>() &&
              same<cudnn::kBackendDescriptor, CUDNN_TYPE_BACKEND_DESCRIPTOR>() &&
              same<cudnn::kReductionOperator, CUDNN_TYPE_REDUCTION_OPERATOR_TYPE>());
static_assert(same<cudnn::kFloat, CUDNN_DATA_FLOAT>() && same<cudnn::kInt32, CUDNN_DATA_INT32>() &&
              same<cudnn::kBfloat16, CUDNN_DATA_BFLOAT16>() && same<cudnn::kBool, CUDNN_DATA_BOOLEAN>());
static_assert(same<cudnn::kSum, CUDNN_POINTWISE_ADD>() && same<cudnn::kMultiply, CUDNN_POINTWISE_MUL>() &&
              same<cudnn::kDivide, CUDNN_POINTWISE_DIV>() && same<cudnn::kSubtract, CUDNN_POINTWISE_SUB>() &&
              same<cudnn::kExponential, CUDNN_POINTWISE_EXP>() && same<cudnn::kLogarithm, CUDNN_POINTWISE_LOG>() &&
              same<cudnn::kGreaterOrEqual, CUDNN_POINTWISE_CMP_GE>() &&
              same<cudnn::kGenerateIndex, CUDNN_POINTWISE_GEN_INDEX>() &&
              same<cudnn::kSelect, CUDNN_POINTWISE_BINARY_SELECT>() && same<cudnn::kAdd, CUDNN_REDUCE_TENSOR_ADD>() &&
              same<cudnn::kMaximum, CUDNN_REDUCE_TENSOR_MAX>() && same<cudnn::kHeuristicsA, CUDNN_HEUR_MODE_A>());
#endif

TEST(Cudnn, TakesEveryDescriptorOfTheAttentionGraph) {
  std::string reason;
  const CudnnLibrary* library = CudnnLibrary::get(reason);
  if (library == nullptr) {
    GTEST_SKIP() << "no cuDNN: " << reason;
  }
  const CudnnAttentionGraph prefill(*library, {1, 4096, 4096, 8, 1, 128, 128, true});
  const CudnnAttentionGraph decode(*library, {64, 1, 4096, 8, 1, 128, 128, false});
  const CudnnAttentionGraph latent(*library, {1, 512, 512, 16, 16, 192, 128, true});
  EXPECT_EQ(prefill.operations().size(), 14u);
  EXPECT_EQ(decode.operations().size(), 10u);
  EXPECT_EQ(latent.operations().size(), 14u);
}

}  // namespace
}  // namespace aifactory::probe

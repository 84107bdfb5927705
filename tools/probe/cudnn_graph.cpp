#include "tools/probe/cudnn_graph.h"

namespace aifactory::probe {
namespace {

// Attribute names of cudnn_graph.h.
enum Attribute : int {
  kPointwiseModeOf = 0,
  kPointwiseMath = 1,
  kPointwiseAxis = 9,
  kOperationPointwise = 750,
  kOperationPointwiseX = 751,
  kOperationPointwiseB = 752,
  kOperationPointwiseY = 753,
  kOperationPointwiseT = 758,
  kTensorAlignment = 900,
  kTensorData = 901,
  kTensorDims = 902,
  kTensorStrides = 903,
  kTensorId = 906,
  kTensorVirtual = 907,
  kTensorByValue = 908,
  kMatmulMath = 1500,
  kMatmulA = 1520,
  kMatmulB = 1521,
  kMatmulC = 1522,
  kOperationMatmul = 1523,
  kReductionOf = 1600,
  kReductionMath = 1601,
  kReductionX = 1610,
  kReductionY = 1611,
  kOperationReduction = 1612
};

constexpr std::int64_t kAlignment = 16;

}  // namespace

CudnnAttentionGraph::CudnnAttentionGraph(const CudnnLibrary& library, const CudnnAttentionShape& s)
    : library_(library), shape_(s) {
  const Dims score_dims = {s.batch, s.heads, s.queries, s.keys};
  const Dims row_dims = {s.batch, s.heads, s.queries, 1};
  const CudnnDescriptor& q = tensor(cudnn::kBfloat16, {s.batch, s.heads, s.queries, s.key_dim},
                                    {s.queries * s.heads * s.key_dim, s.key_dim, s.heads * s.key_dim, 1}, kQ, false);
  const CudnnDescriptor& k =  // transposed by its strides
      tensor(cudnn::kBfloat16, {s.batch, s.kv_heads, s.key_dim, s.keys},
             {s.keys * s.kv_heads * s.key_dim, s.key_dim, 1, s.kv_heads * s.key_dim}, kK, false);
  const CudnnDescriptor& v =
      tensor(cudnn::kBfloat16, {s.batch, s.kv_heads, s.keys, s.value_dim},
             {s.keys * s.kv_heads * s.value_dim, s.value_dim, s.kv_heads * s.value_dim, 1}, kV, false);
  const CudnnDescriptor& out =
      tensor(cudnn::kBfloat16, {s.batch, s.heads, s.queries, s.value_dim},
             {s.queries * s.heads * s.value_dim, s.value_dim, s.heads * s.value_dim, 1}, kOut, false);

  const CudnnDescriptor& scores = scratch(cudnn::kFloat, score_dims);
  matmul(q, k, scores);
  const CudnnDescriptor& scale = scalar(kScale);
  const CudnnDescriptor* last = &scratch(cudnn::kFloat, score_dims);
  pointwise(cudnn::kMultiply, cudnn::kFloat, scores, &scale, nullptr, *last);
  if (s.causal) {
    const CudnnDescriptor& rows = scratch(cudnn::kInt32, score_dims);
    const CudnnDescriptor& cols = scratch(cudnn::kInt32, score_dims);
    const CudnnDescriptor& seen = scratch(cudnn::kBool, score_dims);
    const CudnnDescriptor& minus_infinity = scalar(kMinusInfinity);
    const CudnnDescriptor& masked = scratch(cudnn::kFloat, score_dims);
    pointwise(cudnn::kGenerateIndex, cudnn::kInt32, *last, nullptr, nullptr, rows, 2);
    pointwise(cudnn::kGenerateIndex, cudnn::kInt32, *last, nullptr, nullptr, cols, 3);
    pointwise(cudnn::kGreaterOrEqual, cudnn::kBool, rows, &cols, nullptr, seen);
    pointwise(cudnn::kSelect, cudnn::kFloat, *last, &minus_infinity, &seen, masked);
    last = &masked;
  }
  const CudnnDescriptor& most = scratch(cudnn::kFloat, row_dims);
  const CudnnDescriptor& shifted = scratch(cudnn::kFloat, score_dims);
  const CudnnDescriptor& powers = scratch(cudnn::kFloat, score_dims);
  const CudnnDescriptor& mass = scratch(cudnn::kFloat, row_dims);
  const CudnnDescriptor& weights = scratch(cudnn::kBfloat16, score_dims);
  reduce(cudnn::kMaximum, *last, most);
  pointwise(cudnn::kSubtract, cudnn::kFloat, *last, &most, nullptr, shifted);
  pointwise(cudnn::kExponential, cudnn::kFloat, shifted, nullptr, nullptr, powers);
  reduce(cudnn::kAdd, powers, mass);
  // The logarithm of the mass is wanted: without it the graph is not taken for flash attention.
  const CudnnDescriptor& log_mass = scratch(cudnn::kFloat, row_dims);
  const CudnnDescriptor& statistics =
      tensor(cudnn::kFloat, row_dims, {s.heads * s.queries, s.queries, 1, 1}, kStatistics, false);
  pointwise(cudnn::kLogarithm, cudnn::kFloat, mass, nullptr, nullptr, log_mass);
  pointwise(cudnn::kSum, cudnn::kFloat, most, &log_mass, nullptr, statistics);
  pointwise(cudnn::kDivide, cudnn::kFloat, powers, &mass, nullptr, weights);
  matmul(weights, v, out);
}

CudnnDescriptor& CudnnAttentionGraph::made(cudnn::Descriptor type) {
  return descriptors_.emplace_back(library_, type);
}

CudnnDescriptor& CudnnAttentionGraph::tensor(cudnn::Data data, const Dims& dims, const Dims& strides, std::int64_t id,
                                             bool is_virtual, bool by_value) {
  CudnnDescriptor& t = made(cudnn::kTensor);
  t.set_enum(kTensorData, cudnn::kDataType, data)
      .set_ints(kTensorDims, dims)
      .set_ints(kTensorStrides, strides)
      .set_int(kTensorId, id)
      .set_int(kTensorAlignment, kAlignment)
      .set_bool(kTensorVirtual, is_virtual)
      .set_bool(kTensorByValue, by_value);
  t.finalize("a tensor");
  return t;
}

CudnnDescriptor& CudnnAttentionGraph::scratch(cudnn::Data data, const Dims& d) {
  return tensor(data, d, {d[1] * d[2] * d[3], d[2] * d[3], d[3], 1}, next_id_++, true);
}

CudnnDescriptor& CudnnAttentionGraph::scalar(std::int64_t id) {
  return tensor(cudnn::kFloat, {1, 1, 1, 1}, {1, 1, 1, 1}, id, false, true);
}

void CudnnAttentionGraph::operation(CudnnDescriptor& made_operation, const char* what) {
  made_operation.finalize(what);
  operations_.push_back(made_operation.raw());
}

void CudnnAttentionGraph::matmul(const CudnnDescriptor& a, const CudnnDescriptor& b, const CudnnDescriptor& c) {
  CudnnDescriptor& math = made(cudnn::kMatmul);
  math.set_enum(kMatmulMath, cudnn::kDataType, cudnn::kFloat).finalize("a product");
  CudnnDescriptor& op = made(cudnn::kMatmulOperation);
  op.set(kOperationMatmul, math).set(kMatmulA, a).set(kMatmulB, b).set(kMatmulC, c);
  operation(op, "a matrix product");
}

void CudnnAttentionGraph::reduce(cudnn::Reduce kind, const CudnnDescriptor& x, const CudnnDescriptor& y) {
  CudnnDescriptor& math = made(cudnn::kReduction);
  math.set_enum(kReductionOf, cudnn::kReductionOperator, kind)
      .set_enum(kReductionMath, cudnn::kDataType, cudnn::kFloat)
      .finalize("a reduction's kind");
  CudnnDescriptor& op = made(cudnn::kReductionOperation);
  op.set(kOperationReduction, math).set(kReductionX, x).set(kReductionY, y);
  operation(op, "a reduction");
}

void CudnnAttentionGraph::pointwise(cudnn::Pointwise kind, cudnn::Data math, const CudnnDescriptor& x,
                                    const CudnnDescriptor* b, const CudnnDescriptor* t, const CudnnDescriptor& y,
                                    std::int64_t axis) {
  CudnnDescriptor& mode = made(cudnn::kPointwise);
  mode.set_enum(kPointwiseModeOf, cudnn::kPointwiseMode, kind).set_enum(kPointwiseMath, cudnn::kDataType, math);
  if (axis >= 0) {
    mode.set_int(kPointwiseAxis, axis);
  }
  mode.finalize("a pointwise kind");
  CudnnDescriptor& op = made(cudnn::kPointwiseOperation);
  op.set(kOperationPointwise, mode).set(kOperationPointwiseX, x);
  if (b != nullptr) {
    op.set(kOperationPointwiseB, *b);
  }
  if (t != nullptr) {
    op.set(kOperationPointwiseT, *t);
  }
  op.set(kOperationPointwiseY, y);
  operation(op, "a pointwise operation");
}

}  // namespace aifactory::probe

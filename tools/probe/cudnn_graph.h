// The operation graph that cuDNN recognises as fused attention: Q K^T, scale, causal mask, softmax, V.
#pragma once

#include <deque>
#include <vector>

#include "tools/probe/cudnn_library.h"

namespace aifactory::probe {

struct CudnnAttentionShape {
  std::int64_t batch = 1, queries = 1, keys = 1;
  std::int64_t heads = 1, kv_heads = 1;
  std::int64_t key_dim = 128, value_dim = 128;
  bool causal = true;  // needs as many keys as queries
};

// Descriptors of the graph; tensors are [batch][token][head][dim] in memory. Building needs no device.
class CudnnAttentionGraph {
 public:
  enum Tensor : std::int64_t { kQ = 1, kK, kV, kOut, kStatistics, kScale, kMinusInfinity };

  CudnnAttentionGraph(const CudnnLibrary& library, const CudnnAttentionShape& shape);
  [[nodiscard]] const std::vector<void*>& operations() const { return operations_; }
  [[nodiscard]] bool masked() const { return shape_.causal; }

 private:
  using Dims = std::vector<std::int64_t>;
  CudnnDescriptor& made(cudnn::Descriptor type);
  CudnnDescriptor& tensor(cudnn::Data data, const Dims& dims, const Dims& strides, std::int64_t id, bool is_virtual,
                          bool by_value = false);
  CudnnDescriptor& scratch(cudnn::Data data, const Dims& dims);  // virtual, packed
  CudnnDescriptor& scalar(std::int64_t id);
  void matmul(const CudnnDescriptor& a, const CudnnDescriptor& b, const CudnnDescriptor& c);
  void reduce(cudnn::Reduce op, const CudnnDescriptor& x, const CudnnDescriptor& y);
  // y = op(x, b, t); b and t may be null; axis for indices, else negative.
  void pointwise(cudnn::Pointwise op, cudnn::Data math, const CudnnDescriptor& x, const CudnnDescriptor* b,
                 const CudnnDescriptor* t, const CudnnDescriptor& y, std::int64_t axis = -1);
  void operation(CudnnDescriptor& made_operation, const char* what);

  const CudnnLibrary& library_;
  CudnnAttentionShape shape_;
  std::deque<CudnnDescriptor> descriptors_;  // references stay valid
  std::vector<void*> operations_;
  std::int64_t next_id_ = 100;
};

}  // namespace aifactory::probe

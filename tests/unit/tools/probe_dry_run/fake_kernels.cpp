// The interfaces of tools/probe/kernels: what each would touch, and nothing else.
#include <algorithm>

#include "tests/unit/tools/probe_dry_run/fake_device.h"
#include "tools/probe/kernels/attention.h"
#include "tools/probe/kernels/fill.h"
#include "tools/probe/kernels/hold.h"
#include "tools/probe/kernels/paging.h"
#include "tools/probe/kernels/reference.h"
#include "tools/probe/kernels/sampling.h"
#include "tools/probe/kernels/stream.h"

namespace aifactory::probe {
namespace {

constexpr int kSplits = 64;
constexpr std::size_t kWide = 16;

std::size_t bf16(std::int64_t elements) {
  return static_cast<std::size_t>(elements) * 2;
}
void launch(cudaStream_t stream, const char* what, const std::vector<fake::Extent>& extents) {
  fake::Device::get().launch(stream, what, extents);
}
std::size_t scratch(std::int64_t rows, int splits, int dim) {
  return static_cast<std::size_t>(rows * splits) * (8 + static_cast<std::size_t>(dim) * 4);
}
// Pages that a table names, at most.
std::int64_t pages_in(const std::int32_t* table, std::int64_t count) {
  const auto pages = fake::Device::get().uploaded<std::int32_t>(table, static_cast<std::size_t>(count));
  if (*std::min_element(pages.begin(), pages.end()) < 0) {
    fake::Device::get().fault("a page before the first");
  }
  return std::int64_t{*std::max_element(pages.begin(), pages.end())} + 1;
}

}  // namespace

bool attention_prefill(const PrefillShape& s, const void* q, const void* k, const void* v, void* out,
                       cudaStream_t stream) {
  const std::int64_t queries = std::int64_t{s.batch} * s.fresh * s.heads;
  const std::int64_t keys = std::int64_t{s.batch} * (s.past + s.fresh) * s.kv_heads;
  launch(stream, "prefill",
         {{q, bf16(queries * s.key_dim), kWide},
          {k, bf16(keys * s.key_dim), kWide},
          {v, bf16(keys * s.value_dim), kWide},
          {out, bf16(queries * s.value_dim), kWide}});
  const bool square = s.key_dim == s.value_dim && (s.key_dim == 64 || s.key_dim == 128);
  return square || (s.key_dim == 192 && s.value_dim == 128);
}

std::size_t decode_scratch_bytes(const DecodeShape& s, int multiprocessors) {
  const int splits = choose_splits(s.batch * s.kv_heads, ceil_div(s.tokens, kPageTokens), multiprocessors * 2, kSplits);
  return scratch(std::int64_t{s.batch} * s.heads, splits, s.head_dim);
}
bool attention_decode(const DecodeShape& s, const void* q, const void* key_pages, const void* value_pages,
                      const std::int32_t* table, void* partial, void* out, int multiprocessors, cudaStream_t stream) {
  const std::int64_t queries = std::int64_t{s.batch} * s.heads * s.head_dim;
  const std::int64_t entries = std::int64_t{s.batch} * s.pages_per_sequence;
  const std::int64_t cache = pages_in(table, entries) * s.kv_heads * kPageTokens * s.head_dim;
  launch(stream, "decode",
         {{q, bf16(queries), kWide},
          {key_pages, bf16(cache), kWide},
          {value_pages, bf16(cache), kWide},
          {table, static_cast<std::size_t>(entries) * 4, 4},
          {partial, decode_scratch_bytes(s, multiprocessors), kWide},
          {out, bf16(queries), kWide}});
  launch(stream, "the merge of splits", {});
  return (s.head_dim == 64 || s.head_dim == 128) && s.heads % s.kv_heads == 0 && s.heads / s.kv_heads <= 16;
}

std::size_t latent_scratch_bytes(const LatentShape& s, int multiprocessors) {
  const int splits = choose_splits(s.batch, ceil_div(s.tokens, kPageTokens), multiprocessors, kSplits);
  return scratch(std::int64_t{s.batch} * s.heads, splits, 512);
}
bool latent_decode(const LatentShape& s, const void* q, const void* pages, const std::int32_t* table, void* partial,
                   void* out, int multiprocessors, cudaStream_t stream) {
  const std::int64_t rows = std::int64_t{s.batch} * s.heads;
  const std::int64_t entries = std::int64_t{s.batch} * s.pages_per_sequence;
  launch(stream, "latent decode",
         {{q, bf16(rows * 576), kWide},
          {pages, bf16(pages_in(table, entries) * kPageTokens * 576), kWide},
          {table, static_cast<std::size_t>(entries) * 4, 4},
          {partial, latent_scratch_bytes(s, multiprocessors), kWide},
          {out, bf16(rows * 512), kWide}});
  launch(stream, "the merge of splits", {});
  return s.heads % 16 == 0;
}

void copy_bytes(const void* from, void* to, std::int64_t bytes, cudaStream_t stream) {
  const auto count = static_cast<std::size_t>(bytes);
  launch(stream, "copy", {{from, count, kWide}, {to, count, kWide}});
}
void add_bf16(const void* a, const void* b, void* sum, std::int64_t elements, cudaStream_t stream) {
  launch(stream, "add", {{a, bf16(elements), kWide}, {b, bf16(elements), kWide}, {sum, bf16(elements), kWide}});
}
void rms_norm(const void* x, const void* residual, const void* weight, void* residual_out, void* out, int rows,
              int hidden, float, cudaStream_t stream) {
  const std::size_t all = bf16(std::int64_t{rows} * hidden);
  if (hidden > 32768 || hidden % 8 != 0) {
    fake::Device::get().fault("a norm of rows that are too wide or odd");
  }
  launch(stream, "norm",
         {{x, all, kWide},
          {residual, all, kWide},
          {weight, bf16(hidden), kWide},
          {residual_out, all, kWide},
          {out, all, kWide}});
}
void silu_mul(const void* in, void* out, int rows, int inter, cudaStream_t stream) {
  const std::int64_t all = std::int64_t{rows} * inter;
  if (inter % 8 != 0) {
    fake::Device::get().fault("an activation of odd rows");
  }
  launch(stream, "activation", {{in, bf16(2 * all), kWide}, {out, bf16(all), kWide}});
}
void silu_mul_fp8(const void* in, void* out, int rows, int inter, cudaStream_t stream) {
  const std::int64_t all = std::int64_t{rows} * inter;
  launch(stream, "activation", {{in, bf16(2 * all), kWide}, {out, static_cast<std::size_t>(all), 8}});
}
void embed(const void* table, const std::int32_t* ids, void* out, int rows, int hidden, cudaStream_t stream) {
  launch(stream, "gather",
         {{table, bf16(hidden), kWide},
          {ids, static_cast<std::size_t>(rows) * 4, 4},
          {out, bf16(std::int64_t{rows} * hidden), kWide}});
}
void empty_kernel(cudaStream_t stream) {
  launch(stream, "nothing", {});
}
void hold(int, cudaStream_t stream) {
  launch(stream, "a hold", {});
}
void sample_top_p(const void* logits, int rows, int vocab, float, std::uint64_t, std::int32_t* drawn,
                  std::int32_t* best, cudaStream_t stream) {
  if (vocab % 8 != 0) {
    fake::Device::get().fault("sampling from odd rows");
  }
  launch(stream, "sampling",
         {{logits, bf16(std::int64_t{rows} * vocab), kWide},
          {drawn, static_cast<std::size_t>(rows) * 4, 4},
          {best, static_cast<std::size_t>(rows) * 4, 4}});
}

void fill_normal_bf16(void* data, std::size_t count, std::uint64_t, cudaStream_t stream) {
  launch(stream, "a fill", {{data, 2 * count, 4}});
}
void fill_normal_fp8(void* data, std::size_t count, std::uint64_t, cudaStream_t stream) {
  launch(stream, "a fill", {{data, count, 2}});
}
void fill_indices(std::int32_t* data, std::size_t count, std::int32_t, std::uint64_t, cudaStream_t stream) {
  launch(stream, "a fill", {{data, 4 * count, 4}});
}

void reference_products(const void* a, const void* b, Element type, std::int64_t k, const std::int64_t* rows,
                        const std::int64_t* cols, int count, double* out, cudaStream_t stream) {
  const std::size_t element = type == Element::kFp8 ? 1 : 2;
  const auto samples = static_cast<std::size_t>(count);
  const auto last = [&](const std::int64_t* of) {
    const auto indices = fake::Device::get().uploaded<std::int64_t>(of, samples);
    return static_cast<std::size_t>(*std::max_element(indices.begin(), indices.end()) + 1);
  };
  launch(stream, "reference products",
         {{a, last(rows) * static_cast<std::size_t>(k) * element, kWide},
          {b, last(cols) * static_cast<std::size_t>(k) * element, kWide},
          {out, samples * sizeof(double), 8}});
}
void reference_attention(const ReferenceKeys& view, const AttentionSample* samples, int count, double* out,
                         cudaStream_t stream) {
  const auto all = fake::Device::get().uploaded<AttentionSample>(samples, static_cast<std::size_t>(count));
  for (const AttentionSample& s : all) {
    launch(stream, "a query of the reference",
           {{static_cast<const char*>(view.q) + bf16(s.query_row * view.key_dim), bf16(view.key_dim), kWide}});
    if (s.first < 0 || s.first >= s.last) {
      fake::Device::get().fault("a query that sees no key");
    }
  }
  launch(stream, "reference attention",
         {{out, static_cast<std::size_t>(count) * static_cast<std::size_t>(view.value_dim) * sizeof(double), 8}});
}

}  // namespace aifactory::probe

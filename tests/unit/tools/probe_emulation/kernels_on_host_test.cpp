// The CUDA kernels of the probe, run by the emulator, against double precision: masks, pages, splits, pipelines and
// fragments are right before a GPU has seen them. Speed and what the emulator does not model is for tests/gpu.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <vector>

#include "tools/probe/compare.h"
#include "tools/probe/host_random.h"
#include "tools/probe/kernels/attention.h"
#include "tools/probe/kernels/sampling.h"
#include "tools/probe/kernels/stream.h"

namespace aifactory::probe {
namespace {

using Bits = std::vector<std::uint16_t>;  // bf16

// About normal, times `scale`: the sum of twelve uniforms.
Bits random_values(std::size_t count, std::uint64_t seed, double scale = 1.0) {
  HostRandom random(seed);
  Bits values;
  for (std::size_t i = 0; i < count; ++i) {
    double sum = -6.0;
    for (int j = 0; j < 12; ++j) {
      sum += random.unit();
    }
    const auto narrow = static_cast<float>(sum * scale);
    std::uint32_t bits = 0;
    std::memcpy(&bits, &narrow, sizeof bits);
    values.push_back(static_cast<std::uint16_t>(bits >> 16U));
  }
  return values;
}

std::size_t index_of(std::int64_t i) {
  return static_cast<std::size_t>(i);
}

// One query over keys [first, last), whose rows start at key(t) and value(t).
std::vector<double> attend(const Bits& q, std::int64_t q_at, int key_dim, int value_dim, int first, int last,
                           const Bits& keys, const Bits& values, const std::function<std::int64_t(int)>& key,
                           const std::function<std::int64_t(int)>& value, int scale_dim = 0) {
  const double scale = 1.0 / std::sqrt(static_cast<double>(scale_dim == 0 ? key_dim : scale_dim));
  std::vector<double> scores;
  for (int t = first; t < last; ++t) {
    double sum = 0.0;
    for (int d = 0; d < key_dim; ++d) {
      sum += bf16_value(q[index_of(q_at + d)]) * bf16_value(keys[index_of(key(t) + d)]);
    }
    scores.push_back(sum * scale);
  }
  const double most = *std::max_element(scores.begin(), scores.end());
  std::vector<double> out(static_cast<std::size_t>(value_dim), 0.0);
  double mass = 0.0;
  for (int t = first; t < last; ++t) {
    const double weight = std::exp(scores[index_of(t - first)] - most);
    mass += weight;
    for (int d = 0; d < value_dim; ++d) {
      out[index_of(d)] += weight * bf16_value(values[index_of(value(t) + d)]);
    }
  }
  for (double& x : out) {
    x /= mass;
  }
  return out;
}

std::vector<double> values_of(const Bits& bits) {
  std::vector<double> values;
  for (const std::uint16_t b : bits) {
    values.push_back(bf16_value(b));
  }
  return values;
}

constexpr double kTolerance = 0.05;  // of the root mean square

void expect_prefill(const PrefillShape& s) {
  const std::int64_t all = s.past + s.fresh;
  const std::int64_t rows = std::int64_t{s.batch} * s.fresh * s.heads;
  const Bits q = random_values(index_of(rows * s.key_dim), 1);
  const Bits k = random_values(index_of(s.batch * all * s.kv_heads * s.key_dim), 2);
  const Bits v = random_values(index_of(s.batch * all * s.kv_heads * s.value_dim), 3);
  Bits out(index_of(rows * s.value_dim));
  ASSERT_TRUE(attention_prefill(s, q.data(), k.data(), v.data(), out.data(), nullptr));
  std::vector<double> want;
  for (std::int64_t row = 0; row < rows; ++row) {
    const std::int64_t b = row / s.heads / s.fresh;
    const std::int64_t kv_head = row % s.heads / (s.heads / s.kv_heads);
    const int last = s.past + static_cast<int>(row / s.heads % s.fresh) + 1;
    const int first = s.window > 0 ? std::max(0, last - s.window) : 0;
    const auto at = [&](int t) { return (b * all + t) * s.kv_heads + kv_head; };
    const std::vector<double> one = attend(
        q, row * s.key_dim, s.key_dim, s.value_dim, first, last, k, v, [&](int t) { return at(t) * s.key_dim; },
        [&](int t) { return at(t) * s.value_dim; });
    want.insert(want.end(), one.begin(), one.end());
  }
  EXPECT_LT(relative_error(values_of(out), want), kTolerance)
      << s.fresh << " after " << s.past << ", window " << s.window;
}

TEST(PrefillOnHost, IsCausalAttention) {
  expect_prefill({1, 1, 0, 2, 1, 64, 64, 0});
  expect_prefill({2, 63, 0, 4, 2, 64, 64, 0});
  expect_prefill({1, 129, 70, 2, 1, 128, 128, 0});
  expect_prefill({1, 131, 0, 2, 2, 192, 128, 0});
}

TEST(PrefillOnHost, SeesNoFurtherThanItsWindow) {
  expect_prefill({1, 200, 0, 2, 2, 64, 64, 100});
  expect_prefill({1, 150, 70, 2, 1, 64, 64, 100});
  expect_prefill({1, 140, 0, 2, 1, 128, 128, 7});
}

std::vector<std::int32_t> shuffled_pages(std::int64_t pages) {
  std::vector<std::int32_t> table;
  for (std::int32_t i = 0; i < pages; ++i) {
    table.push_back(i);
  }
  HostRandom random(4);
  for (std::size_t i = table.size(); i > 1; --i) {
    std::swap(table[i - 1], table[random.below(i)]);
  }
  return table;
}

// `processors` decides the number of splits.
void expect_decode(DecodeShape s, int processors) {
  s.pages_per_sequence = (s.tokens + 63) / 64;
  const std::int64_t pages = std::int64_t{s.batch} * s.pages_per_sequence;
  const std::int64_t rows = std::int64_t{s.batch} * s.heads;
  const Bits q = random_values(index_of(rows * s.head_dim), 1);
  const Bits k = random_values(index_of(pages * s.kv_heads * 64 * s.head_dim), 2);
  const Bits v = random_values(k.size(), 3);
  const std::vector<std::int32_t> table = shuffled_pages(pages);
  Bits out(q.size());
  std::vector<char> scratch(decode_scratch_bytes(s, processors));
  ASSERT_TRUE(
      attention_decode(s, q.data(), k.data(), v.data(), table.data(), scratch.data(), out.data(), processors, nullptr));
  std::vector<double> want;
  for (std::int64_t row = 0; row < rows; ++row) {
    const std::int64_t b = row / s.heads;
    const std::int64_t kv_head = row % s.heads / (s.heads / s.kv_heads);
    const auto at = [&](int t) {
      const std::int64_t page = table[index_of(b * s.pages_per_sequence + t / 64)];
      return ((page * s.kv_heads + kv_head) * 64 + t % 64) * s.head_dim;
    };
    const int first = s.window > 0 ? std::max(0, s.tokens - s.window) : 0;
    const std::vector<double> one = attend(q, row * s.head_dim, s.head_dim, s.head_dim, first, s.tokens, k, v, at, at);
    want.insert(want.end(), one.begin(), one.end());
  }
  EXPECT_LT(relative_error(values_of(out), want), kTolerance) << s.tokens << " tokens, window " << s.window;
}

TEST(DecodeOnHost, IsAttentionOverPages) {
  expect_decode({2, 1, 2, 1, 64, 0, 0}, 4);
  expect_decode({3, 64, 16, 1, 128, 0, 0}, 4);
  expect_decode({3, 65, 16, 2, 128, 0, 0}, 4);
  expect_decode({1, 1001, 8, 2, 64, 0, 0}, 8);  // several splits
  expect_decode({2, 777, 16, 1, 128, 0, 0}, 4);
}

TEST(DecodeOnHost, SeesNoFurtherThanItsWindow) {
  expect_decode({2, 1001, 16, 2, 128, 128, 0}, 4);
  expect_decode({1, 500, 24, 2, 64, 128, 0}, 4);
}

void expect_latent(LatentShape s, int processors) {
  s.pages_per_sequence = (s.tokens + 63) / 64;
  s.scale = 1.0F / std::sqrt(192.0F);
  const std::int64_t pages = std::int64_t{s.batch} * s.pages_per_sequence;
  const std::int64_t rows = std::int64_t{s.batch} * s.heads;
  const Bits q = random_values(index_of(rows * 576), 1);
  const Bits cache = random_values(index_of(pages * 64 * 576), 2);
  const std::vector<std::int32_t> table = shuffled_pages(pages);
  Bits out(index_of(rows * 512));
  std::vector<char> scratch(latent_scratch_bytes(s, processors));
  ASSERT_TRUE(latent_decode(s, q.data(), cache.data(), table.data(), scratch.data(), out.data(), processors, nullptr));
  std::vector<double> want;
  for (std::int64_t row = 0; row < rows; ++row) {
    const auto at = [&](int t) {
      const std::int64_t page = table[index_of(row / s.heads * s.pages_per_sequence + t / 64)];
      return (page * 64 + t % 64) * 576;
    };
    const std::vector<double> one = attend(q, row * 576, 576, 512, 0, s.tokens, cache, cache, at, at, 192);
    want.insert(want.end(), one.begin(), one.end());
  }
  EXPECT_LT(relative_error(values_of(out), want), kTolerance) << s.tokens << " tokens, " << s.heads << " heads";
}

TEST(LatentDecodeOnHost, IsAttentionOverTheSharedCache) {
  expect_latent({2, 1, 16, 0, 1.0F}, 3);
  expect_latent({1, 33, 64, 0, 1.0F}, 3);
  expect_latent({1, 65, 48, 0, 1.0F}, 3);
  expect_latent({1, 150, 64, 0, 1.0F}, 3);  // several splits
}

TEST(SamplingOnHost, DrawsFromTheNucleus) {
  constexpr int kRows = 2;
  constexpr int kVocab = 4096;
  for (std::uint64_t draw = 0; draw < 12; ++draw) {
    // Spread over many bins; all within one coarse bin, of which half must never be drawn.
    const double p = draw % 2 == 0 ? 0.9 : 0.5;
    const Bits logits = random_values(kRows * kVocab, 1, draw % 2 == 0 ? 1.0 : 0.01);
    std::vector<std::int32_t> drawn(kRows, -1);
    std::vector<std::int32_t> best(kRows, -1);
    sample_top_p(logits.data(), kRows, kVocab, static_cast<float>(p), draw * 1000, drawn.data(), best.data(), nullptr);
    for (std::size_t r = 0; r < kRows; ++r) {
      const std::vector<double> row = values_of(Bits(logits.begin() + static_cast<std::ptrdiff_t>(r * kVocab),
                                                     logits.begin() + static_cast<std::ptrdiff_t>((r + 1) * kVocab)));
      std::vector<double> sorted = row;
      std::sort(sorted.rbegin(), sorted.rend());
      double total = 0.0;
      for (const double x : sorted) {
        total += std::exp(x);
      }
      double mass = 0.0;
      double threshold = 0.0;
      for (std::size_t i = 0; mass < p * total; ++i) {
        mass += std::exp(sorted[i]);
        threshold = sorted[i];
      }
      ASSERT_TRUE(drawn[r] >= 0 && drawn[r] < kVocab);
      EXPECT_GE(row[index_of(drawn[r])], threshold - 1.0 / 1024.0);
      EXPECT_EQ(row[index_of(best[r])], sorted.front());
    }
  }
}

double e4m3_value(std::uint8_t bits) {
  const int exponent = (bits >> 3) & 15;
  const double mantissa = (bits & 7) / 8.0;
  const double size = exponent == 0 ? std::ldexp(mantissa, -6) : std::ldexp(1.0 + mantissa, exponent - 7);
  return (bits & 0x80) != 0 ? -size : size;
}

TEST(StreamsOnHost, ComputeWhatTheySay) {
  constexpr int kRows = 3;
  constexpr int kHidden = 2880;
  const Bits x = random_values(kRows * kHidden, 1);
  const Bits residual = random_values(kRows * kHidden, 2);
  const Bits weight = random_values(kHidden, 3);
  const Bits gates = random_values(2 * kRows * kHidden, 4);
  Bits sum(x.size());
  Bits normed(x.size());
  Bits activated(x.size());
  Bits added(x.size());
  Bits rows(x.size());
  rms_norm(x.data(), residual.data(), weight.data(), sum.data(), normed.data(), kRows, kHidden, 1e-5F, nullptr);
  silu_mul(gates.data(), activated.data(), kRows, kHidden, nullptr);
  std::vector<std::uint8_t> narrow(x.size());
  silu_mul_fp8(gates.data(), narrow.data(), kRows, kHidden, nullptr);
  add_bf16(x.data(), residual.data(), added.data(), kRows * kHidden, nullptr);
  const std::vector<std::int32_t> ids = {2, 0, 2};
  embed(x.data(), ids.data(), rows.data(), kRows, kHidden, nullptr);
  std::vector<double> want_normed;
  std::vector<double> want_activated;
  std::vector<double> want_sum;
  for (std::size_t r = 0; r < kRows; ++r) {
    double squares = 0.0;
    for (std::size_t i = r * kHidden; i < (r + 1) * kHidden; ++i) {
      want_sum.push_back(bf16_value(x[i]) + bf16_value(residual[i]));
      squares += want_sum.back() * want_sum.back();
    }
    for (std::size_t i = 0; i < kHidden; ++i) {
      want_normed.push_back(want_sum[r * kHidden + i] / std::sqrt(squares / kHidden + 1e-5) * bf16_value(weight[i]));
      const double gate = bf16_value(gates[2 * r * kHidden + i]);
      want_activated.push_back(gate / (1.0 + std::exp(-gate)) * bf16_value(gates[(2 * r + 1) * kHidden + i]));
      EXPECT_EQ(rows[r * kHidden + i], x[static_cast<std::size_t>(ids[r]) * kHidden + i]);
    }
  }
  EXPECT_LT(relative_error(values_of(sum), want_sum), kTolerance);
  EXPECT_EQ(sum, added);
  EXPECT_LT(relative_error(values_of(normed), want_normed), kTolerance);
  EXPECT_LT(relative_error(values_of(activated), want_activated), kTolerance);
  Bits copied(gates.size());
  copy_bytes(gates.data(), copied.data(), static_cast<std::int64_t>(gates.size() * 2), nullptr);
  EXPECT_EQ(copied, gates);
  for (std::size_t i = 0; i < narrow.size(); ++i) {  // e4m3: three bits after the first, steps of 2^-9 near zero
    const double want = std::clamp(want_activated[i], -448.0, 448.0);
    EXPECT_NEAR(e4m3_value(narrow[i]), want, std::abs(want) * 0.07 + 0x1.0p-10) << i;
  }
}

}  // namespace
}  // namespace aifactory::probe

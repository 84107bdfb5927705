#include "models/kernels/fit_options.h"

#include "models/kernels/work.h"

namespace aifactory {
namespace {

using Axes = std::vector<ResidualAxis>;

FitOptions with(const LawParameters& start, double smoothness, const std::vector<Axes>& grids) {
  FitOptions options;
  LawParameters slow = start;  // a second basin: longer start-up, less hidden
  slow.startup *= 2.0;
  slow.serial = 0.5;
  options.starts = {start, slow};
  for (const Axes& axes : grids) {
    options.residual.push_back({axes, smoothness});
  }
  return options;
}

FitOptions gemm(const KernelKey& key) {
  const bool quantises = traits(key.format).quantises_activations;
  const Axes shape = {{0, 0, 1, 16}, {1, 5, 1, 12}, {2, 5, 1, 12}};                    // m, n, k
  const Axes tiles = {{0, 5, 1, 9}, {3, 0, 0.125, 5}, {4, 0, 0.25, 3}, {2, 5, 6, 3}};  // m, fill of tiles, k
  FitOptions options = with({4e-6, 0.6, 0.8, 0.11, quantises ? 1.5e-9 : 0.0, 0.0}, 0.2, {shape, tiles});
  options.fit_items = quantises;
  options.ridge = 0.005;
  options.outlier = 0.12;
  // Power varies slowly with the shape; what an idle device left in the meter is a surface of its own.
  options.power_residual = {
      {{{static_cast<int>(kMeterCoordinate), 0, 1, 3}, {0, 0, 1, 16}, {1, 5, 1, 12}, {2, 5, 1, 12}}, 0.05}};
  return options;
}

FitOptions decode() {
  const Axes size = {{0, 0, 1, 18}, {1, 1, 1, 17}};                            // sequences x kv_heads, keys
  const Axes all = {{0, 0, 2, 10}, {1, 1, 2, 9}, {2, 0, 2, 4}, {3, 6, 1, 3}};  // and group, head_dim
  const Axes heads = {{1, 1, 4, 5}, {2, 0, 1, 7}, {3, 6, 0.5, 5}};             // keys, group, head_dim
  const Axes group = {{2, 0, 0.5, 13}, {0, 0, 3, 6}, {3, 6, 1, 3}};            // group, size, head_dim
  FitOptions options = with({10e-6, 0.3, 0.85, 0.61, 6e-9, 0.0}, 0.1, {size, all, heads, group});
  options.fit_items = true;
  return options;
}

FitOptions prefill(const KernelKey& key) {
  const Axes all = {
      {0, 0, 2, 8}, {1, 0, 2, 8}, {2, 0, 2, 4}, {3, 6, 1, 3}};  // sequences x kv_heads, tokens, group, dim
  const Axes size = {{1, 0, 1, 16}, {0, 0, 1, 14}};
  const Axes heads = {{1, 0, 3, 6}, {2, 0, 1, 7}, {3, 6, 0.5, 5}};
  std::vector<Axes> grids = {all, size, heads};
  if (key.variant == KernelVariant::kWideHead) {  // one head_dim, and few rows: what fills the device comes first
    const Axes queries = {{4, 0, 1, 26}, {1, 0, 4, 5}};  // heads x tokens, tokens
    const Axes group = {{2, 0, 1, 7}, {1, 0, 4, 5}};
    grids = {all, size, queries, group};
  }
  return with({15e-6, 0.5, 0.4, 0.61, 0.0, 0.0}, 0.1, grids);
}

FitOptions latent_decode() {
  // Whether a sequence is split over several blocks is decided by all the work there is, so time can fall as it
  // doubles.
  const Axes all = {{4, 1, 1, 21}, {0, 0, 2, 6}, {2, 0, 1, 8}};  // batch x keys, batch, heads
  const Axes size = {{0, 0, 1, 11}, {1, 1, 1, 17}};
  const Axes heads = {{2, 0, 1, 8}, {1, 1, 1, 17}};
  const Axes total = {{4, 1, 1, 21}, {2, 0, 1, 8}};
  FitOptions options = with({12e-6, 0.6, 0.7, 0.35, 12e-9, 0.0}, 0.1, {all, size, heads, total});
  options.fit_items = true;
  return options;
}

FitOptions latent_prefill() {
  const Axes all = {{0, 0, 2, 5}, {1, 0, 2, 8}, {2, 0, 2, 5}};  // batch, tokens, heads
  const Axes size = {{0, 0, 1, 9}, {1, 0, 1, 16}};
  const Axes heads = {{2, 0, 1, 8}, {1, 0, 1, 16}};
  const Axes total = {{4, 0, 1, 21}, {2, 0, 1, 8}};  // batch x tokens, heads
  return with({20e-6, 0.6, 0.4, 0.61, 0.0, 0.0}, 0.1, {all, size, heads, total});
}

FitOptions grouped() {
  const Axes load = {{0, -1, 2, 9}, {1, 0, 2, 5}, {3, 6, 2, 5}};  // rows per expert, experts, width
  FitOptions options = with({35e-6, 0.6, 0.9, 0.5, 20e-9, 5e-9}, 0.5,
                            {load,
                             {{4, 0, 2, 8}, {5, 0, 1, 5}},                    // tokens, top-k
                             {{2, 11, 1, 3}, {3, 6, 1, 9}},                   // hidden, width
                             {{0, -1, 1, 17}, {1, 0, 1, 9}},                  // rows per expert, experts
                             {{0, -1, 2, 9}, {2, 11, 1, 3}, {5, 0, 1, 5}}});  // rows per expert, hidden, top-k
  options.fit_items = true;
  options.fit_rows = true;
  return options;
}

}  // namespace

FitOptions fit_options(const KernelKey& key) {
  switch (key.op) {
    case KernelOp::kGemm:
      return gemm(key);
    case KernelOp::kGroupedGemm:
      return grouped();
    case KernelOp::kPrefill:
      return prefill(key);
    case KernelOp::kDecode:
      return decode();
    case KernelOp::kLatentPrefill:
      return latent_prefill();
    case KernelOp::kLatentDecode:
      return latent_decode();
    case KernelOp::kStream:
      return with({3e-6, 1.0, 0.85, 0.17, 0.0, 0.0}, 1.0, {});
  }
  return {};
}

FitOptions correction_options(const KernelKey& key) {
  constexpr double kCoarser = 2.0;
  constexpr double kSmoothness = 1.0;
  const auto coarse = [](ResidualShape shape) {
    for (ResidualAxis& axis : shape.axes) {
      axis.step *= kCoarser;
      axis.nodes = axis.nodes / 2 + 1;  // the same reach
    }
    shape.smoothness = kSmoothness;
    return shape;
  };
  FitOptions options = fit_options(key);
  for (ResidualShape& shape : options.residual) {
    shape = coarse(shape);
  }
  // Power varies slowly: over the first grid alone.
  options.power_residual.assign(options.residual.begin(),
                                options.residual.begin() + (options.residual.empty() ? 0 : 1));
  return options;
}

}  // namespace aifactory

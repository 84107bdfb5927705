// Predictions per second of one core, residual included, and the time to load every calibration.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "models/catalog/accelerator_table.h"
#include "models/catalog/calibration_table.h"
#include "models/kernels/kernel_model.h"

namespace aifactory {
namespace {

Catalog shipped() {
  return Catalog::load({.configs_dir = AIFACTORY_SOURCE_DIR "/configs", .overlays = {}, .as_of = {}});
}

KernelModel h200() {
  const Catalog catalog = shipped();
  const Accelerator accelerator = load_accelerator(catalog, "h200_sxm");
  return KernelModel(accelerator, load_calibration(catalog, accelerator));
}

void gemm_predictions(benchmark::State& state) {
  const KernelModel model = h200();
  std::vector<GemmShape> shapes;
  for (double m = 1; m < 9000; m += 37) {
    shapes.push_back({m, 1024 + 8 * m, 7168 - 0.5 * m});
  }
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(model.gemm(shapes[i]).time);
    i = i + 1 == shapes.size() ? 0 : i + 1;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(gemm_predictions);

void decode_predictions(benchmark::State& state) {
  const KernelModel model = h200();
  AttentionShape shape;
  shape.new_tokens = 1;
  shape.heads = 64;
  shape.kv_heads = 8;
  shape.head_dim = 128;
  double i = 0;
  for (auto _ : state) {
    i = i < 250 ? i + 1 : 1;
    shape.batch = i;
    shape.past_tokens = 50 * i;
    benchmark::DoNotOptimize(model.attention(shape).time);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(decode_predictions);

void load_all_calibrations(benchmark::State& state) {
  for (auto _ : state) {
    const Catalog catalog = shipped();
    for (const std::string& id : catalog.ids("calibration")) {
      benchmark::DoNotOptimize(load_entry(catalog, "calibration", id, calibration_table()));
    }
  }
}
BENCHMARK(load_all_calibrations)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace aifactory

BENCHMARK_MAIN();

#include "sim/training/layout_choice.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>
#include <vector>

#include "models/llm/parameters.h"
#include "sim/training/layer_cost.h"

namespace aifactory {
namespace {

std::vector<int> powers_of_two(int most) {
  std::vector<int> values;
  for (int n = 1; n <= most; n *= 2) {
    values.push_back(n);
  }
  return values;
}

// The largest data width not above `most` that shares the global batch evenly in micro-batches.
int data_width(double global_batch, double micro_batch, int most) {
  for (int data = most; data >= 1; --data) {
    const double share = global_batch / (micro_batch * data);
    if (share >= 1.0 && std::abs(share - std::round(share)) < 1e-9 * share) {
      return data;
    }
  }
  return 0;
}

class Search {
 public:
  explicit Search(const TrainingLayoutRequest& request) : request_(request) {}

  TrainingLayoutChoice run() {
    const LlmArchitecture& model = request_.base.model;
    const int domain = std::max(1, request_.base.system.accelerator.scale_up_domain);
    // Beyond 16 ranks a layer's matrices become too thin on every machine published so far.
    for (const int tensor : powers_of_two(std::min(domain, 16))) {
      for (const int context : powers_of_two(request_.base.sequence_length > 8192 ? 16 : 2)) {
        for (const int pipeline : powers_of_two(std::min(request_.max_pipeline, model.layer_count()))) {
          for (const int expert : powers_of_two(std::max(1, std::min(model.experts, 64)))) {
            try_widths(tensor, context, pipeline, expert);
          }
        }
      }
    }
    if (!choice_.feasible) {
      const double bytes =
          count_parameters(model).total() *
          (request_.base.state.weight_bytes + request_.base.state.gradient_bytes + request_.base.state.optimizer_bytes);
      choice_.reason = fmt::format(
          "{}: {:.0f} GB of weights, gradients and optimizer state, with activations, fit no layout of {} x {:.0f} GB "
          "at a global batch of {} sequences; the closest: {}",
          model.id, bytes / 1e9, request_.accelerators, request_.base.system.accelerator.memory_capacity.value() / 1e9,
          request_.base.layout.global_batch, closest_.empty() ? "none" : closest_);
    }
    return choice_;
  }

 private:
  void try_widths(int tensor, int context, int pipeline, int expert) {
    const int most = request_.accelerators / (tensor * context * pipeline);
    for (const double micro_batch : {1.0, 2.0, 4.0}) {
      TrainingSpec spec = request_.base;
      ParallelLayout& layout = spec.layout;
      layout.tensor = tensor;
      layout.context = context;
      layout.pipeline = pipeline;
      layout.expert = expert;
      layout.expert_tensor = 1;
      layout.micro_batch = micro_batch;
      layout.data = data_width(layout.global_batch, micro_batch, most);
      if (layout.data == 0) {
        continue;
      }
      for (const Recompute recompute : {Recompute::kNone, Recompute::kSelective, Recompute::kFull}) {
        layout.recompute = recompute;
        bool fitted = false;
        for (const int chunks : powers_of_two(pipeline > 1 ? 8 : 1)) {
          layout.virtual_pipeline = chunks;
          fitted = consider(spec) || fitted;
        }
        if (fitted) {
          break;  // recomputing more than memory asks for only costs time
        }
      }
    }
  }

  bool consider(const TrainingSpec& spec) {
    const ParallelLayout& layout = spec.layout;
    // Interleaving passes groups of as many micro-batches as there are stages.
    if (layout.virtual_pipeline > 1 && std::fmod(layout.micro_batches(), layout.pipeline) > 0.5) {
      return false;
    }
    if (!training_layout_problems(spec.model, layout, spec.sequence_length).empty()) {
      return false;
    }
    ++choice_.considered;
    const Fit fit = fits(training_footprint(spec.model, layout, spec.sequence_length, spec.state),
                         spec.system.accelerator.memory_capacity, spec.memory_share);
    if (!fit.fits) {
      if (closest_.empty() || fit.needed < least_) {
        least_ = fit.needed;
        closest_ = fit.because;
      }
      return false;
    }
    const StepBreakdown step = step_time(spec, costs_of(spec));
    if (!step.feasible()) {
      return false;
    }
    if (!choice_.feasible || step.total < choice_.step.total) {
      choice_.feasible = true;
      choice_.spec = spec;
      choice_.step = step;
      choice_.accelerators_used = layout.accelerators();
    }
    return true;
  }

  // Layers cost the same whatever the pipeline and (beyond one) the data width.
  const LayerCosts& costs_of(const TrainingSpec& spec) {
    const ParallelLayout& l = spec.layout;
    const auto key = std::make_tuple(l.tensor, l.context, l.expert, l.micro_batch, static_cast<int>(l.recompute),
                                     l.data * l.context > 1);
    const auto found = costs_.find(key);
    return found != costs_.end() ? found->second : costs_.emplace(key, layer_costs(spec)).first->second;
  }

  const TrainingLayoutRequest& request_;
  TrainingLayoutChoice choice_;
  std::map<std::tuple<int, int, int, double, int, bool>, LayerCosts> costs_;
  Bytes least_{};
  std::string closest_;
};

}  // namespace

TrainingLayoutChoice choose_training_layout(const TrainingLayoutRequest& request) {
  return Search(request).run();
}

}  // namespace aifactory

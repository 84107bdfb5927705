#include "sim/training/step.h"

#include <algorithm>
#include <cmath>

#include "models/llm/flops.h"
#include "models/llm/operator_cost.h"
#include "models/llm/pipeline_schedule.h"
#include "models/units/pinned_math.h"
#include "sim/training/layer_cost.h"

namespace aifactory {
namespace {

struct StageShare {
  double layers = 0;
  bool head = false;
};

// What the slowest stage carries. Layers that do not divide leave the ends one short, beside embedding and head
// (Llama 3 and BLOOM were laid out so); layers that do give the last stage the head on top.
StageShare slowest_stage(const TrainingSpec& spec, const LayerCosts& costs) {
  const double stages = spec.layout.pipeline;
  const double layer = (costs.forward.visible(spec.overlap) + costs.backward.visible(spec.overlap)).value();
  const double head = (costs.head_forward.visible(spec.overlap) + costs.head_backward.visible(spec.overlap)).value();
  const double full = std::ceil(costs.layers / stages);
  const double last = costs.layers - full * (stages - 1.0);
  const double last_layers = std::max(0.0, last);
  return last_layers * layer + head > full * layer ? StageShare{last_layers, true} : StageShare{full, stages <= 1.0};
}

PassCost pass_of(const StageShare& share, const PassCost& layer, const PassCost& head) {
  PassCost pass = layer.times(share.layers);
  if (share.head) {
    pass += head;
  }
  return pass;
}

OperatorPricer pricer_of(const TrainingSpec& spec) {
  return OperatorPricer(spec.kernels, spec.system, spec.network, spec.layout, CollectiveStack::kLibrary);
}

Seconds stage_send(const TrainingSpec& spec) {
  const ParallelLayout& layout = spec.layout;
  if (layout.pipeline == 1) {
    return Seconds{};
  }
  const double split = static_cast<double>(layout.context) * (layout.sequence_parallel ? layout.tensor : 1);
  const double elements = layout.micro_batch * spec.sequence_length * spec.model.hidden / split;
  const Bytes bytes(elements * bytes_per_element(spec.formats.activations));
  return collective_time(Collective::kSendRecv, bytes, pricer_of(spec).levels(Group::kPipeline, 2));
}

struct UpdateCost {
  Seconds communication{};
  Seconds optimizer{};
  Seconds memory_busy{};
};

UpdateCost update_cost(const TrainingSpec& spec) {
  const OperatorPricer pricer = pricer_of(spec);
  UpdateCost update;
  for (const OperatorCall& call : training_update_operators(spec.model, spec.layout, spec.gradient_bytes)) {
    const OperatorCost cost = pricer.cost(call);
    update.communication += cost.communication;
    update.optimizer += cost.time - cost.communication;
    update.memory_busy += cost.memory_busy;
  }
  return update;
}

// ZeRO-3 gathers the weights for every forward and backward and scatters gradients of every micro-batch: three
// transfers of what update_cost() counts as two, per micro-batch, overlapped with its computation.
Seconds exposed_data(const TrainingSpec& spec, const StageCost& stage, Seconds communication) {
  const Seconds passage = stage.forward + stage.backward;
  if (spec.layout.zero == ZeroStage::kWeights) {
    const Seconds per_micro_batch = communication * 1.5;
    return (min(passage, per_micro_batch) * spec.overlap.weights_exposed + max(Seconds{}, per_micro_batch - passage)) *
           spec.layout.micro_batches();
  }
  return max(Seconds{}, communication - passage * spec.overlap.data_window);
}

double jitter(const TrainingSpec& spec) {
  const double nodes = static_cast<double>(spec.layout.accelerators()) / std::max(1, spec.system.accelerators_per_node);
  return nodes > 1.0 ? spec.overlap.jitter_per_doubling * pinned::log2(nodes) : 0.0;
}

std::string problem_of(const TrainingSpec& spec, const TrainingFootprint& memory) {
  const auto problems = training_layout_problems(spec.model, spec.layout, spec.sequence_length);
  if (!problems.empty()) {
    return problems.front();
  }
  if (pipeline_schedule(schedule_of(spec)) == nullptr) {
    return "unknown pipeline schedule '" + spec.schedule + "'";
  }
  return fits(memory, spec.system.accelerator.memory_capacity, spec.memory_share).because;
}

}  // namespace

std::string schedule_of(const TrainingSpec& spec) {
  if (!spec.schedule.empty()) {
    return spec.schedule;
  }
  return spec.layout.virtual_pipeline > 1 ? "interleaved" : "1f1b";
}

StageCost stage_cost(const TrainingSpec& spec, const LayerCosts& layers) {
  const StageShare share = slowest_stage(spec, layers);
  const PassCost forward = pass_of(share, layers.forward, layers.head_forward);
  const PassCost backward = pass_of(share, layers.backward, layers.head_backward);
  PassCost both = forward;
  both += backward;
  StageCost stage;
  stage.forward = forward.visible(spec.overlap);
  stage.backward = backward.visible(spec.overlap);
  stage.send = stage_send(spec);
  stage.kernels = both.kernels;
  stage.kernels_low = both.low;
  stage.kernels_high = both.high;
  stage.tensor = both.tensor * spec.overlap.tensor_exposed;
  stage.context = both.context * spec.overlap.context_exposed;
  stage.expert = both.expert * spec.overlap.expert_exposed;
  const double stages = spec.layout.pipeline;
  PassCost all = layers.forward;
  all += layers.backward;
  all = all.times(layers.layers);
  all += layers.head_forward;
  all += layers.head_backward;
  stage.compute_busy = all.compute_busy / stages;
  stage.memory_busy = all.memory_busy / stages;
  stage.grade = all.grade;
  return stage;
}

StageCost stage_cost(const TrainingSpec& spec) {
  return stage_cost(spec, layer_costs(spec));
}

StepBreakdown step_time(const TrainingSpec& spec, const LayerCosts& layers) {
  StepBreakdown step;
  const ParallelLayout& layout = spec.layout;
  step.memory = training_footprint(spec.model, layout, spec.sequence_length, spec.state);
  step.problem = problem_of(spec, step.memory);
  if (!step.problem.empty()) {
    return step;
  }
  const StageCost stage = stage_cost(spec, layers);
  const double micro_batches = layout.micro_batches();
  const PipelineShape shape{layout.pipeline, layout.virtual_pipeline, micro_batches};
  // Schedules that split the backward pass need its halves: input and weight gradients cost the same products.
  StageTimes times;
  times.forward = stage.forward;
  times.backward_input = stage.backward / 2.0;
  times.backward_weight = stage.backward / 2.0;
  const PipelineSchedule& schedule = *pipeline_schedule(schedule_of(spec));
  const Seconds without_send = schedule.step_time(shape, times);
  times.send = stage.send;
  const Seconds pipelined = schedule.step_time(shape, times);
  const UpdateCost update = update_cost(spec);

  step.kernels = stage.kernels * micro_batches;
  step.tensor = stage.tensor * micro_batches;
  step.context = stage.context * micro_batches;
  step.expert = stage.expert * micro_batches;
  step.bubble = without_send - (stage.forward + stage.backward) * micro_batches;
  step.pipeline = pipelined - without_send;
  step.data = exposed_data(spec, stage, update.communication);
  step.optimizer = update.optimizer;
  const Seconds busy = pipelined + step.data + step.optimizer;
  step.overhead = spec.overlap.fixed + busy * jitter(spec);
  step.total = busy + step.overhead;
  const double passages = without_send / (stage.forward + stage.backward);
  step.low = step.total - (stage.kernels - stage.kernels_low) * passages;
  step.high = step.total + (stage.kernels_high - stage.kernels) * passages;

  const double accelerators = layout.accelerators();
  step.tokens = layout.global_batch * spec.sequence_length;
  step.model_flops = training_flops_per_token(spec.model, spec.sequence_length) * step.tokens;
  const FlopsPerSecond peak = spec.system.accelerator.peak(math_precision(spec.formats.dense));
  step.mfu = step.model_flops / (peak * accelerators * step.total);
  step.tokens_per_second_per_accelerator = TokensPerSecond(step.tokens / (step.total.value() * accelerators));
  step.activity.compute = std::min(1.0, stage.compute_busy * micro_batches / step.total);
  step.activity.memory = std::min(1.0, (stage.memory_busy * micro_batches + update.memory_busy) / step.total);
  step.grade = stage.grade;
  return step;
}

StepBreakdown step_time(const TrainingSpec& spec) {
  return step_time(spec, layer_costs(spec));
}

}  // namespace aifactory

// Time of one training step: kernels of every layer, what communication is not hidden behind them, the pipeline's
// bubble, the optimizer.
//
//   total = pipeline(micro_batches, stage forward, stage backward, send) + data_exposed + optimizer + overhead
//
// where a stage's forward and backward are sums of kernels plus the exposed share of tensor, context and expert
// collectives, and pipeline() is the closed form of the schedule (models/llm/pipeline_schedule.h). step_events.h runs
// the same stages event by event; a test holds the two together.
#pragma once

#include <memory>
#include <string>

#include "models/fabric/collective.h"
#include "models/hardware/system.h"
#include "models/kernels/kernel_model.h"
#include "models/llm/architecture.h"
#include "models/llm/formats.h"
#include "models/llm/layout.h"
#include "models/llm/memory.h"
#include "models/llm/operators.h"

namespace aifactory {

// How much of each kind of communication stays visible, and what every step pays besides. Defaults: constants that
// reproduce 575 published training runs best (Megatron-LM, NeMo, MLPerf, Megatron-Bridge, Mosaic; docs/validation.md).
struct StepOverlap {
  double tensor_exposed = 0.66;        // share of tensor-parallel collectives not hidden by overlapped GEMMs
  double expert_exposed = 0.38;        // share of expert all-to-all
  double context_exposed = 0.5;        // share of key/value exchange not hidden behind attention
  double data_window = 0.64;           // share of one stage's backward and forward that hides gradient traffic
  double weights_exposed = 0.34;       // ZeRO-3: share of min(compute, communication) that adds up
  Seconds fixed{16e-3};                // data loading, logging, host synchronisation, per step
  double jitter_per_doubling = 0.006;  // slowdown of a synchronous step per doubling of nodes
};

struct TrainingSpec {
  LlmArchitecture model;
  System system;
  std::shared_ptr<const KernelModel> kernels;    // at sustained clocks
  std::shared_ptr<const CollectiveLaw> network;  // null: NCCL's published constants
  ParallelLayout layout;
  NumericFormats formats;  // dense decides the peak that MFU refers to
  double sequence_length = 0;
  // A name of models/llm/pipeline_schedule.h. Empty: "interleaved" with virtual stages, else "1f1b".
  std::string schedule;
  StepOverlap overlap;
  TrainingState state;
  double gradient_bytes = 2.0;  // per parameter on the wire
  ExpertLoad expert_load;
  double memory_share = 0.95;  // of the accelerator's memory, usable by the framework
};

std::string schedule_of(const TrainingSpec& spec);

// Per-stage times of one micro-batch: what the closed form and the event-driven step share.
struct StageCost {
  Seconds forward{};   // kernels and exposed collectives of the slowest stage
  Seconds backward{};  // recomputation included
  Seconds send{};      // activations to the next stage, one direction
  // Parts of forward + backward: kernels alone with their 10-90 % band, exposed collectives.
  Seconds kernels{}, kernels_low{}, kernels_high{};
  Seconds tensor{}, context{}, expert{};
  // Seconds at peak, forward + backward, of the mean stage.
  Seconds compute_busy{}, memory_busy{};
  Grade grade = Grade::kMeasured;
};
StageCost stage_cost(const TrainingSpec& spec);

struct StepBreakdown {
  std::string problem;  // why the layout cannot run; everything else is zero then

  Seconds kernels{};  // forward, backward and recomputation of all micro-batches on the slowest stage
  Seconds tensor{}, context{}, expert{}, pipeline{}, data{};  // exposed communication by kind
  Seconds bubble{};
  Seconds optimizer{};
  Seconds overhead{};     // fixed cost and jitter
  Seconds total{};        // sum of the above
  Seconds low{}, high{};  // 10-90 % band of total, from the kernels' bands

  Flops model_flops{};  // of the step: causal attention, no recomputation
  double mfu = 0;       // model_flops / (total x accelerators x dense peak of formats.dense)
  double tokens = 0;    // per step
  TokensPerSecond tokens_per_second_per_accelerator{};
  Activity activity;  // mean over the step and the stages
  TrainingFootprint memory;
  Grade grade = Grade::kTransferred;

  [[nodiscard]] bool feasible() const { return problem.empty(); }
};
StepBreakdown step_time(const TrainingSpec& spec);

}  // namespace aifactory

#include "sim/scenario/workload_table.h"

#include <string>

namespace aifactory {

namespace {

const ObjectTable<LengthSpec>& length_table() {
  static const auto fixed = FieldTable<LengthSpec>("fixed")
                                .number("tokens", &LengthSpec::tokens, "every request alike")
                                .required()
                                .at_least(1.0)
                                .at_most(1e8);
  static const auto uniform = FieldTable<LengthSpec>("uniform")
                                  .number("low", &LengthSpec::low, "shortest, tokens")
                                  .required()
                                  .at_least(1.0)
                                  .at_most(1e8)
                                  .number("high", &LengthSpec::high, "longest, tokens")
                                  .required()
                                  .at_least(1.0)
                                  .at_most(1e8)
                                  .check([](LengthSpec& spec, ReadContext& context) {
                                    if (spec.high < spec.low) {
                                      context.problem_in("high", "is below `low`", "give low <= high");
                                    }
                                  });
  static const auto lognormal =
      FieldTable<LengthSpec>("lognormal")
          .number("mean", &LengthSpec::mean, "tokens")
          .required()
          .at_least(1.0)
          .at_most(1e8)
          .number("p95", &LengthSpec::p95, "95th percentile, tokens")
          .required()
          .at_least(1.0)
          .at_most(1e9)
          .check([](LengthSpec& spec, ReadContext& context) {
            // exp(z^2 / 2), z = 1.645: no lognormal has a longer tail at the 95th percentile.
            if (!(spec.p95 > spec.mean && spec.p95 <= 3.86 * spec.mean)) {
              context.problem_in("p95", "no lognormal has this p95 and mean", "p95 between 1 and 3.86 times the mean");
            }
          });
  const auto as = [](LengthKind kind) {
    return [kind](LengthSpec& spec) -> LengthSpec& {
      spec = LengthSpec{};
      spec.kind = kind;
      return spec;
    };
  };
  static const auto table = VariantTable<LengthSpec>("length", "distribution", "Tokens per request.")
                                .alternative<LengthSpec>("fixed", fixed, as(LengthKind::kFixed))
                                .alternative<LengthSpec>("uniform", uniform, as(LengthKind::kUniform))
                                .alternative<LengthSpec>("lognormal", lognormal, as(LengthKind::kLognormal));
  return table;
}

const FieldTable<ArrivalProcess>& arrivals_table() {
  static const auto table =
      FieldTable<ArrivalProcess>("arrivals", 0, "Gaps between requests within an hour.")
          .choice("process", &ArrivalProcess::kind,
                  {{"poisson", ArrivalKind::kPoisson},
                   {"deterministic", ArrivalKind::kDeterministic},
                   {"gamma", ArrivalKind::kGamma}},
                  "independent users, equal gaps, or bursts")
          .default_value("poisson", "many independent users (Palm-Khintchine)")
          .number("gap_variation", &ArrivalProcess::gap_variation, "standard deviation of gaps over their mean (gamma)")
          .at_least(0.05)
          .at_most(10.0)
          .default_value(1.0, "as Poisson");
  return table;
}

const FieldTable<Slo>& slo_table() {
  static const auto table = FieldTable<Slo>("slo", 0, "The latency promise.")
                                .quantity("ttft", &Slo::ttft, "s", "time to first token")
                                .positive()
                                .default_value("2 s", "MLPerf Inference v5.1, DeepSeek-R1 server scenario")
                                .quantity("tpot", &Slo::tpot, "ms", "time per output token after the first")
                                .positive()
                                .default_value("80 ms", "MLPerf Inference v5.1, DeepSeek-R1 server scenario")
                                .number("share", &Slo::share, "of requests that must meet both")
                                .above(0.0)
                                .at_most(1.0)
                                .default_value(0.99, "MLPerf Inference v5.1 judges the 99th percentile");
  return table;
}

template <class Member>
auto in_serving(Member member) {
  return [member](WorkloadSpec & workload) -> auto& {
    return workload.serving.*member;
  };
}
template <class Member>
auto in_training(Member member) {
  return [member](WorkloadSpec & workload) -> auto& {
    return workload.training.*member;
  };
}

// Fields every workload has.
FieldTable<WorkloadSpec> workload_base(const char* name, const char* doc, const char* default_id) {
  FieldTable<WorkloadSpec> table(name, 0, doc);
  table.id("id", &WorkloadSpec::id, "name within the scenario")
      .default_value(default_id, "one workload of the kind needs no name")
      .id("fleet", &WorkloadSpec::fleet, "the fleet it runs on")
      .default_rule("the only fleet", "needed when there are several")
      .number("share", &WorkloadSpec::share, "of the fleet's racks")
      .above(0.0)
      .at_most(1.0)
      .default_value(1.0, "the whole fleet")
      .reference("llm", "llms", &WorkloadSpec::llm, "the model")
      .required()
      .choice("precision", &WorkloadSpec::precision,
              {{"native", MatmulFormat::kNative},
               {"bf16", MatmulFormat::kBf16},
               {"fp8", MatmulFormat::kFp8},
               {"fp4", MatmulFormat::kFp4}},
              "of the matrix products")
      .default_value(
          "native",
          "serving: the checkpoint's own where the accelerator multiplies it, else the next wider one; training: bf16");
  return table;
}

}  // namespace

const FieldTable<DemandSpec>& demand_table() {
  static const auto table =
      FieldTable<DemandSpec>("demand", 0, "How much is asked for, hour by hour.")
          .quantity("requests_per_second", &DemandSpec::requests_per_second, "requests/s",
                    "mean over the horizon, whole workload")
          .positive()
          .number("peak_utilization", &DemandSpec::peak_utilization,
                  "busiest hour over what the replicas carry within the SLO")
          .above(0.0)
          .at_most(2.0)
          .default_rule("0.9 unless requests_per_second is given",
                        "a tenth in reserve at the peak; planning choice, vary it")
          .number("peak_to_mean", &DemandSpec::peak_to_mean, "busiest hour of a weekday over the mean weekday hour")
          .at_least(1.0)
          .at_most(2.0)
          .default_value(1.4,
                         "diurnal swing of conversation traffic, Azure LLM inference traces 2023-2024 (Patel et al., "
                         "ISCA 2024; Stojkovic et al., HPCA 2025)")
          .number("peak_hour", &DemandSpec::peak_hour, "hour of the day of the peak, site time")
          .at_least(0.0)
          .below(24.0)
          .default_value(14.0, "working hours of the site's own time zone")
          .number("weekend_fraction", &DemandSpec::weekend_fraction, "weekend over weekday load")
          .at_least(0.0)
          .at_most(2.0)
          .default_value(0.8, "weekday and weekend load of conversation traffic, Azure LLM inference traces 2024")
          .check([](DemandSpec& spec, ReadContext& context) {
            if (spec.requests_per_second && spec.peak_utilization) {
              context.problem_in("peak_utilization", "the level is given twice",
                                 "keep requests_per_second or peak_utilization");
            }
            if (!spec.requests_per_second && !spec.peak_utilization) {
              spec.peak_utilization = 0.9;
            }
          });
  return table;
}

const FieldTable<TokenPriceSpec>& stated_price_table() {
  static const auto table =
      FieldTable<TokenPriceSpec>("token_price", 0, "What customers pay per token; absent kinds as in the price book.")
          .quantity("input", &TokenPriceSpec::input, "USD/Mtoken", "per prompt token computed")
          .non_negative()
          .quantity("cached", &TokenPriceSpec::cached, "USD/Mtoken", "per prompt token found in the prefix cache")
          .non_negative()
          .quantity("output", &TokenPriceSpec::output, "USD/Mtoken", "per token generated")
          .non_negative();
  return table;
}

const ObjectTable<WorkloadSpec>& workload_table() {
  static const auto serving =
      workload_base("serving", "Requests answered by replicas of a model.", "serving")
          .object("prompt", in_serving(&ServingWorkload::prompt), length_table(),
                  "tokens per prompt, cached ones included")
          .default_rule("uniform 819 to 1024",
                        "the 1k/1k workload of InferenceX: lengths uniform over 80-100 % of nominal")
          .object("output", in_serving(&ServingWorkload::output), length_table(),
                  "tokens per answer, reasoning included")
          .default_rule("uniform 819 to 1024", "the 1k/1k workload of InferenceX")
          .number("cached_fraction", in_serving(&ServingWorkload::cached_fraction),
                  "of prompt tokens found in the prefix cache")
          .at_least(0.0)
          .below(1.0)
          .default_value(0.0, "no reuse assumed")
          .object("arrivals", in_serving(&ServingWorkload::arrivals), arrivals_table(), "gaps between requests")
          .path("trace", in_serving(&ServingWorkload::trace),
                "recorded requests that replace arrivals and lengths: Azure CSV (TIMESTAMP, ContextTokens, "
                "GeneratedTokens) or Mooncake JSON lines")
          .object("slo", in_serving(&ServingWorkload::slo), slo_table(), "the latency promise")
          .object("demand", in_serving(&ServingWorkload::demand), demand_table(), "how much is asked for")
          .default_rule("the scenario's `demand`",
                        "one diurnal pattern for all; a trace without any demand is replayed as recorded")
          .object("price", in_serving(&ServingWorkload::price), stated_price_table(), "what customers pay")
          .choice_of("policy", in_serving(&ServingWorkload::policy), kServingPolicyNames,
                     "what the engine does in its next iteration")
          .default_value("decode_first", "chunked prefill beside decoding, the default of vLLM")
          .integer("draft_tokens", in_serving(&ServingWorkload::draft_tokens),
                   "tokens drafted per step by multi-token prediction")
          .at_least(0.0)
          .at_most(16.0)
          .default_value(0, "off")
          .number("accepted_drafts", in_serving(&ServingWorkload::accepted_drafts),
                  "drafted tokens accepted per step, mean")
          .at_least(0.0)
          .at_most(16.0)
          .default_value(0.0, "off")
          .integer("priority", in_serving(&ServingWorkload::priority), "capped last if highest")
          .at_least(-100.0)
          .at_most(100.0)
          .default_value(1, "users before jobs")
          .check([](WorkloadSpec& workload, ReadContext& context) {
            workload.kind = WorkloadKind::kServing;
            if (workload.serving.accepted_drafts > workload.serving.draft_tokens) {
              context.problem_in("accepted_drafts", "more drafts are accepted than drafted",
                                 "accepted_drafts <= draft_tokens");
            }
          });
  static const auto training =
      workload_base("training", "A pre-training run that occupies its share all the time.", "training")
          .number("sequence", in_training(&TrainingWorkload::sequence), "tokens per sequence")
          .at_least(1.0)
          .at_most(1e8)
          .default_value(8192, "Llama 3.1 405B pre-training (arXiv 2407.21783)")
          .number("global_batch", in_training(&TrainingWorkload::global_batch), "sequences per optimizer step")
          .at_least(1.0)
          .at_most(1e8)
          .default_value(2048, "16 M tokens per step at 8,192: Llama 3.1 405B (arXiv 2407.21783)")
          .quantity("tokens", in_training(&TrainingWorkload::tokens), "Ttoken", "budget of one run")
          .positive()
          .number("accelerators_per_run", in_training(&TrainingWorkload::accelerators_per_run),
                  "of one run; the share holds as many runs as fit")
          .at_least(1.0)
          .at_most(1e8)
          .default_rule("the whole share as one run", "one synchronous job")
          .integer("priority", in_training(&TrainingWorkload::priority), "capped last if highest")
          .at_least(-100.0)
          .at_most(100.0)
          .default_value(0, "users before jobs")
          .check([](WorkloadSpec& workload, ReadContext&) { workload.kind = WorkloadKind::kTraining; });
  const auto same = [](WorkloadSpec& workload) -> WorkloadSpec& { return workload; };
  static const auto table = VariantTable<WorkloadSpec>("workload", "kind", "What the fleet does.")
                                .alternative<WorkloadSpec>("serving", serving, same)
                                .alternative<WorkloadSpec>("training", training, same);
  return table;
}

LengthDistribution LengthSpec::distribution() const {
  switch (kind) {
    case LengthKind::kFixed:
      return LengthDistribution::fixed(tokens);
    case LengthKind::kUniform:
      return LengthDistribution::uniform(low, high);
    case LengthKind::kLognormal:
      return LengthDistribution::lognormal(mean, p95);
  }
  return LengthDistribution::fixed(1.0);
}

}  // namespace aifactory

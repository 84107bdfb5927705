#include "sim/study/backtest_collectives.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "models/catalog/accelerator_table.h"
#include "models/catalog/collective_table.h"
#include "models/catalog/measured_table.h"
#include "models/units/pinned_math.h"
#include "sim/study/measured_hardware.h"

namespace aifactory {
namespace {

using Row = CollectiveRow;

constexpr double kMiB = 1048576.0;

template <class Member>
using Column = std::pair<std::string_view, Member Row::*>;
constexpr std::array<Column<std::string>, 9> kTexts = {{{"id", &Row::id},
                                                        {"gpu", &Row::gpu},
                                                        {"op", &Row::op},
                                                        {"algo", &Row::algo},
                                                        {"kernel", &Row::kernel},
                                                        {"dtype", &Row::dtype},
                                                        {"domain", &Row::domain},
                                                        {"variant", &Row::variant},
                                                        {"label", &Row::label}}};
constexpr std::array<Column<double>, 10> kNumbers = {{{"gpus", &Row::gpus},
                                                      {"nodes", &Row::nodes},
                                                      {"devices_per_node", &Row::devices_per_node},
                                                      {"bytes", &Row::bytes},
                                                      {"tokens_per_rank", &Row::tokens_per_rank},
                                                      {"hidden", &Row::hidden},
                                                      {"topk", &Row::topk},
                                                      {"experts", &Row::experts},
                                                      {"time_us", &Row::time_us},
                                                      {"busbw_GBps", &Row::busbw_GBps}}};

bool contains(std::string_view text, std::string_view word) {
  return text.find(word) != std::string_view::npos;
}

std::optional<Collective> operation_of(std::string_view op) {
  constexpr std::array<std::pair<std::string_view, Collective>, 8> kOperations = {
      {{"all_reduce", Collective::kAllReduce},
       {"custom_all_reduce", Collective::kAllReduce},
       {"all_gather", Collective::kAllGather},
       {"reduce_scatter", Collective::kReduceScatter},
       {"alltoall", Collective::kAllToAll},
       {"all_to_all", Collective::kAllToAll},
       {"broadcast", Collective::kBroadcast},
       {"send_recv", Collective::kSendRecv}}};
  for (const auto& [word, operation] : kOperations) {
    if (op == word) {
      return operation;
    }
  }
  return std::nullopt;
}

// "8x400G" anywhere in the description of the network: Gb/s of all NICs of a node; "400G" alone: of one NIC per GPU.
BytesPerSecond stated_network_rate(std::string_view domain, double per_node) {
  for (std::size_t g = domain.find('G'); g != std::string_view::npos; g = domain.find('G', g + 1)) {
    std::size_t first = g;
    while (first > 0 && domain[first - 1] >= '0' && domain[first - 1] <= '9') {
      --first;
    }
    if (first == g) {
      continue;
    }
    const double gigabits = number_in(domain.substr(first, g - first)).value_or(0.0);
    double nics = per_node;
    if (first >= 2 && domain[first - 1] == 'x') {
      std::size_t start = first - 1;
      while (start > 0 && domain[start - 1] >= '0' && domain[start - 1] <= '9') {
        --start;
      }
      nics = number_in(domain.substr(start, first - 1 - start)).value_or(0.0);
    }
    return BytesPerSecond(gigabits * 1e9 / 8.0 * nics / per_node);
  }
  return BytesPerSecond(0.0);
}

// GPUs that reach each other inside the scale-up domain of this run.
double ranks_inside(const Row& row, const Accelerator& accelerator) {
  double inside = std::min(row.gpus, static_cast<double>(accelerator.scale_up_domain));
  if (row.devices_per_node > 0.0) {
    inside = std::min(inside, row.devices_per_node);
  } else if (row.nodes > 1.0) {
    inside = std::min(inside, std::ceil(row.gpus / row.nodes));
  }
  return std::max(1.0, inside);
}

// The alternative network of a row; null = the default.
const NamedNetwork* network_of(const Row& row, const CollectiveLaw& law) {
  const NamedNetwork* otherwise = nullptr;
  for (const NamedNetwork& network : law.networks) {
    const bool named =
        !network.seen_as.empty() && (contains(row.domain, network.seen_as) || contains(row.gpu, network.seen_as));
    if (named && network.in_machine == (network.domain > 0 && row.devices_per_node >= row.gpus)) {
      return &network;
    }
    if (network.undescribed && row.domain.empty() && row.devices_per_node > 0.0) {
      otherwise = &network;
    }
  }
  return otherwise;
}

CollectiveLinks links_of(const Row& row, const Accelerator& accelerator, const NamedNetwork* network) {
  CollectiveLinks links;
  double inside = ranks_inside(row, accelerator);
  if (network != nullptr && network->domain > 0) {
    inside = std::min(static_cast<double>(network->domain), inside);
  }
  links.domain = static_cast<int>(inside);
  links.scale_up = accelerator.scale_up_bandwidth;
  links.scale_out = accelerator.scale_out_bandwidth;
  const BytesPerSecond stated = stated_network_rate(row.domain, inside);
  if (stated.value() > 0.0 && row.gpus > inside) {
    links.scale_out = stated;
  }
  links.in_network_reduction =
      accelerator.in_network_reduction && !(row.algo.rfind("Ring", 0) == 0 || contains(row.algo, "NVLS off"));
  return links;
}

// Bytes of one token on the wire of an expert-parallel exchange.
std::optional<ExpertExchange> exchange_of(const Row& row) {
  ExpertExchange exchange;
  const bool deepep = row.op.rfind("deepep", 0) == 0;
  if (!deepep && row.op.rfind("moe_alltoall", 0) != 0) {
    return std::nullopt;
  }
  exchange.combine = contains(row.op, "combine");
  exchange.tokens_per_rank = row.tokens_per_rank;
  exchange.experts_per_token = row.topk;
  // DeepEP dispatches fp8 with a float scale per 128 elements and combines bf16 (deepseek-ai/DeepEP, docs/legacy.md).
  const bool fp8 = (deepep && !exchange.combine) || row.dtype == "fp8";
  exchange.bytes_per_token = Bytes(fp8 ? row.hidden * (1.0 + 4.0 / 128.0) : 2.0 * row.hidden);
  exchange.once_per_rank = !contains(row.op, "_ll_");
  exchange.balanced = !deepep;  // the engines' benchmarks deal experts out evenly; DeepEP's draws them
  return exchange;
}

std::string reach_of(const Row& row, const Accelerator* accelerator) {
  const bool beyond = accelerator != nullptr && row.gpus > ranks_inside(row, *accelerator);
  return std::string(beyond ? "beyond" : "node") + (row.bytes >= kMiB ? ", from 1 MiB" : ", below 1 MiB");
}

// What a group is made of: nothing when collectives have no such field.
std::optional<std::string> field_text(const Row& row, const std::string& field, const Accelerator* accelerator) {
  if (field == "reach") {
    return reach_of(row, accelerator);
  }
  for (const auto& [key, member] : kTexts) {
    if (field == key) {
      return row.*member;
    }
  }
  for (const auto& [key, member] : kNumbers) {
    if (field == key) {
      return fmt::format("{}", row.*member);
    }
  }
  return std::nullopt;
}

void check_fields(const std::vector<std::string>& by) {
  std::string known = "reach";
  for (const auto& [key, member] : kTexts) {
    known += fmt::format(", {}", key);
  }
  for (const auto& [key, member] : kNumbers) {
    known += fmt::format(", {}", key);
  }
  for (const std::string& field : by) {
    if (!field_text({}, field, nullptr)) {
      throw ConfigError("--by", "", fmt::format("collective rows have no field \"{}\"", brief(field, 60)), known);
    }
  }
}

}  // namespace

std::vector<CollectiveRow> collective_rows_of(const MeasuredTable& table) {
  std::vector<CollectiveRow> rows;
  for (const MeasuredRow& fields : table.rows) {
    CollectiveRow row;
    for (const auto& [key, member] : kTexts) {
      row.*member = fields.text(key);
    }
    for (const auto& [key, member] : kNumbers) {
      row.*member = fields.number(key).value_or(0.0);
    }
    row.id = fields.id();
    row.problem = fields.problem();
    rows.push_back(std::move(row));
  }
  return rows;
}

Seconds measured_time(const CollectiveRow& row) {
  if (row.time_us > 0.0) {
    return Seconds(row.time_us * 1e-6);
  }
  const auto operation = operation_of(row.op);
  if (row.busbw_GBps <= 0.0 || row.bytes <= 0.0 || !(row.gpus >= 2.0 && row.gpus <= 1e8) || !operation) {
    return Seconds(0.0);
  }
  const BytesPerSecond unit = bus_bandwidth(*operation, Bytes(row.bytes), static_cast<int>(row.gpus), Seconds(1.0));
  return Seconds(unit.value() / (row.busbw_GBps * 1e9));
}

CollectiveRow collective_row(const KernelMeasurement& row) {
  constexpr std::string_view kPrefix = "collective_";
  CollectiveRow result;
  result.id = row.id;
  result.problem = row.problem;
  result.gpu = row.gpu;
  result.op = row.op.rfind(kPrefix, 0) == 0 ? row.op.substr(kPrefix.size()) : row.op;
  result.kernel = row.kernel;
  result.dtype = row.dtype;
  result.gpus = row.gpus.value_or(0.0);
  result.bytes = row.bytes.value_or(0.0);
  result.time_us = row.us.value_or(0.0);
  result.replayed = true;
  return result;
}

const CollectivePredictor::Device* CollectivePredictor::device(const std::string& gpu, std::string& reason) {
  auto& slot = devices_[gpu];
  if (!slot) {
    if (const std::string id = accelerator_named(catalog_, gpu); !id.empty()) {
      slot = std::make_unique<Device>();
      slot->accelerator = load_entry(catalog_, "accelerators", id, accelerator_table());
      slot->law = load_collective_law(catalog_, slot->accelerator);
    }
  }
  if (!slot) {
    reason = fmt::format("unknown gpu \"{}\"", brief(gpu, 60));
  }
  return slot.get();
}

std::optional<CollectiveCase> CollectivePredictor::case_of(const CollectiveRow& row, std::string& reason) {
  const Device* found = device(row.gpu, reason);
  if (found == nullptr) {
    return std::nullopt;
  }
  if (!(row.gpus >= 2.0 && row.gpus <= 1e8 && row.gpus == std::floor(row.gpus))) {
    reason = "gpus must be a whole number from 2 on";
    return std::nullopt;
  }
  CollectiveCase one;
  one.ranks = static_cast<int>(row.gpus);
  const NamedNetwork* network = network_of(row, found->law);
  one.links = links_of(row, found->accelerator, network);
  one.network = one.beyond_domain() && network != nullptr ? network->name : "";
  one.exchange = exchange_of(row);
  if (one.exchange) {
    if (!(row.tokens_per_rank > 0.0 && row.hidden > 0.0 && row.topk > 0.0)) {
      reason = "an expert-parallel exchange needs tokens_per_rank, hidden and topk";
      return std::nullopt;
    }
    return one;
  }
  const auto operation = operation_of(row.op);
  if (!operation) {
    reason = fmt::format("unknown op \"{}\"", brief(row.op, 60));
    return std::nullopt;
  }
  if (!(row.bytes > 0.0)) {
    reason = "a peak without bytes is not a time";
    return std::nullopt;
  }
  one.operation = *operation;
  one.bytes = Bytes(row.bytes);
  one.trees = row.algo == "NVLSTree";
  // Point to point is timed on the device; collectives by the host, call by call.
  one.launched = !row.replayed && *operation != Collective::kSendRecv;
  if (row.op == "custom_all_reduce") {
    one.engine = row.kernel.empty() ? found->law.engines.front().name : row.kernel;
  }
  return one;
}

std::optional<CollectivePrediction> CollectivePredictor::predict(const CollectiveRow& row, std::string& reason) {
  const auto one = case_of(row, reason);
  if (!one) {
    return std::nullopt;
  }
  const Seconds time = case_time(*one, law_of(row.gpu));
  const LogBand& band = law_of(row.gpu).bands[static_cast<std::size_t>(regime_of(*one))];
  return CollectivePrediction{time, time * pinned::exp(band.low), time * pinned::exp(band.high)};
}

BacktestReport backtest_collectives(const Catalog& catalog, const std::vector<CollectiveRow>& rows,
                                    const std::vector<std::string>& by) {
  check_fields(by);
  CollectivePredictor predictor(catalog);
  BacktestReport report;
  report.kind = "collectives";
  report.rows = rows.size();
  for (const CollectiveRow& row : rows) {
    std::string reason = row.problem;
    const double measured = measured_time(row).value();
    const auto predicted = reason.empty() && measured > 0.0 ? predictor.predict(row, reason) : std::nullopt;
    if (reason.empty() && measured <= 0.0) {
      reason = "neither time_us nor busbw_GBps with bytes";
    }
    if (!predicted) {
      report.skipped.emplace_back(row.id, reason);
      continue;
    }
    ++report.evaluated;
    BacktestPrediction entry;
    entry.id = row.id;
    entry.metric = "time";
    entry.measured = measured;
    entry.predicted = predicted->time.value();
    entry.low = predicted->low.value();
    entry.high = predicted->high.value();
    entry.unit = "s";
    for (const std::string& field : by) {
      entry.group += (entry.group.empty() ? "" : "/") + *field_text(row, field, predictor.accelerator_of(row.gpu));
    }
    report.predictions.push_back(std::move(entry));
  }
  return report;
}

}  // namespace aifactory

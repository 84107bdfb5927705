#include "sim/fabric/flow_solver.h"

#include <algorithm>
#include <numeric>

#include "models/fabric/symmetry.h"
#include "sim/fabric/fair_sharing.h"

namespace aifactory {
namespace {

// Completions closer than this, relative to the date, happen together: lock-step flows differ by rounding only.
constexpr double kSimultaneous = 1e-13;

// The flows of every link, as flat arrays.
struct Crossings {
  std::vector<std::uint32_t> first, hop;  // hop = index into FlowSet::hops

  explicit Crossings(const FlowSet& flows) : first(flows.capacity.size() + 1, 0), hop(flows.hops.size()) {
    for (const std::uint32_t link : flows.hops) {
      ++first[link + 1];
    }
    std::partial_sum(first.begin(), first.end(), first.begin());
    std::vector<std::uint32_t> next(first.begin(), first.end() - 1);
    for (std::uint32_t h = 0; h < flows.hops.size(); ++h) {
      hop[next[flows.hops[h]]++] = h;
    }
  }
};

// The routes without links that cannot bind, links renumbered in order of appearance.
FlowSet reduced(const FlowSet& flows) {
  const std::vector<bool> binds = binding_links(flows);
  constexpr std::uint32_t kUnseen = ~std::uint32_t{0};
  std::vector<std::uint32_t> number(flows.capacity.size(), kUnseen);
  FlowSet kept;
  kept.first_hop.reserve(flows.first_hop.size());
  for (std::size_t f = 0; f < flows.size(); ++f) {
    for (const std::uint32_t link : flows.route(f)) {
      if (binds[link]) {
        if (number[link] == kUnseen) {
          number[link] = static_cast<std::uint32_t>(kept.capacity.size());
          kept.capacity.push_back(flows.capacity[link]);
        }
        kept.hops.push_back(number[link]);
      }
    }
    kept.first_hop.push_back(static_cast<std::uint32_t>(kept.hops.size()));
  }
  return kept;
}

}  // namespace

std::vector<bool> binding_links(const FlowSet& flows) {
  const Crossings crossings(flows);
  const std::size_t links = flows.capacity.size();
  std::vector<bool> binds(links, true);
  std::vector<std::uint32_t> flow_of(flows.hops.size());
  for (std::uint32_t f = 0; f < flows.size(); ++f) {
    std::fill(flow_of.begin() + flows.first_hop[f], flow_of.begin() + flows.first_hop[f + 1], f);
  }
  // Candidate covers of a link: the nearest remaining link before it or after it, or the first or last remaining one.
  enum class Cover { kBefore, kAfter, kFirst, kLast };
  const auto covering = [&](std::uint32_t hop, Cover cover) {
    const std::uint32_t begin = flows.first_hop[flow_of[hop]];
    const std::uint32_t end = flows.first_hop[flow_of[hop] + 1];
    const bool forward = cover == Cover::kAfter || cover == Cover::kFirst;
    const std::uint32_t from = cover == Cover::kAfter ? hop + 1 : cover == Cover::kFirst ? begin : hop - 1;
    const std::uint32_t to = cover == Cover::kAfter ? end : cover == Cover::kBefore ? begin - 1 : hop;
    if (cover == Cover::kLast) {
      for (std::uint32_t h = end; h-- > hop + 1;) {
        if (binds[flows.hops[h]]) {
          return h;
        }
      }
      return hop;
    }
    for (std::uint32_t h = from; h != to; forward ? ++h : --h) {
      if (binds[flows.hops[h]]) {
        return h;
      }
    }
    return hop;
  };
  std::vector<std::uint32_t> seen(links, 0);
  std::uint32_t stamp = 0;
  for (std::size_t l = 0; l < links; ++l) {
    if (crossings.first[l] == crossings.first[l + 1]) {
      binds[l] = false;
      continue;
    }
    for (const Cover cover : {Cover::kFirst, Cover::kLast, Cover::kBefore, Cover::kAfter}) {
      ++stamp;
      double capacity = 0.0;
      bool covered = true;
      for (std::uint32_t c = crossings.first[l]; covered && c < crossings.first[l + 1]; ++c) {
        const std::uint32_t hop = crossings.hop[c];
        const std::uint32_t other = covering(hop, cover);
        const std::uint32_t link = flows.hops[other];
        if (other != hop && seen[link] != stamp) {
          seen[link] = stamp;
          capacity += flows.capacity[link];
        }
        covered = other != hop && capacity <= flows.capacity[l];
      }
      if (covered) {
        binds[l] = false;
        break;
      }
    }
  }
  return binds;
}

FlowTimes solve(const FlowSet& flows) {
  FlowTimes result;
  result.finish.assign(flows.start.begin(), flows.start.end());
  // Classes of flows carry multiplicities that the argument for dropping links does not cover; there are few of them.
  const FlowSet kept = flows.crossings.empty() ? reduced(flows) : flows;

  std::vector<std::uint32_t> shared(kept.capacity.size(), 0), single(kept.capacity.size(), 0);
  std::vector<std::uint32_t> order;
  for (std::uint32_t f = 0; f < flows.size(); ++f) {
    const auto route = kept.route(f);
    if (flows.bytes[f] > 0.0 && !route.empty()) {
      order.push_back(f);
      for (const std::uint32_t link : route) {
        ++(route.size() == 1 ? single : shared)[link];
      }
    }
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return flows.start[a] < flows.start[b]; });

  FairSharing sharing(kept.capacity);
  sharing.reserve(order.size(), kept.hops.size(), shared, single);
  std::vector<std::uint32_t> flow_of;  // by FairSharing::FlowId
  std::vector<FairSharing::Completion> finished;
  std::size_t arrived = 0;
  while (arrived < order.size() || sharing.flows_in_flight() > 0) {
    const double arrival = arrived < order.size() ? flows.start[order[arrived]] : FairSharing::kNever;
    const double now = std::min(arrival, sharing.next_completion());
    const double until = now + kSimultaneous * now;
    finished.clear();
    sharing.complete(until, finished);
    for (const FairSharing::Completion& completion : finished) {
      result.finish[flow_of[completion.flow]] = completion.time;
    }
    for (; arrived < order.size() && flows.start[order[arrived]] <= until; ++arrived) {
      const std::uint32_t f = order[arrived];
      const auto id = sharing.add(kept.route(f), flows.weight_of(f), flows.bytes[f], now, kept.crossings_of(f));
      if (id >= flow_of.size()) {
        flow_of.resize(id + std::size_t{1});
      }
      flow_of[id] = f;
    }
    sharing.settle(now);
    ++result.events;
  }
  for (const double finish : result.finish) {
    result.makespan = std::max(result.makespan, finish);
  }
  result.levels_solved = sharing.levels_solved();
  result.flows_moved = sharing.flows_moved();
  return result;
}

FlowTimes solve_by_classes(const FlowSet& flows) {
  const FlowClasses classes = classify(flows);
  FlowTimes times = solve(classes.representatives);
  std::vector<double> finish(flows.size());
  for (std::size_t f = 0; f < flows.size(); ++f) {
    finish[f] = times.finish[classes.class_of[f]];
  }
  times.finish = std::move(finish);
  return times;
}

}  // namespace aifactory

#include "sim/fabric/timed_flows.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "sim/fabric/flows_in_flight.h"

namespace aifactory {
namespace {

using Route = std::vector<std::uint32_t>;
constexpr Bytes kLast{1e-9};  // keeps what was stopped as it ended alive until it is told so

class Run {
 public:
  explicit Run(const TimedFlows& timed)
      : timed_(timed), network_(simulation_, timed.flows.capacity), states_(timed.flows.size()) {
    finish_.assign(timed.flows.size(), std::numeric_limits<double>::infinity());
  }

  FlowTimes solve() {
    for (const LinkEvent& event : timed_.events) {
      simulation_.at(
          date(event.at), [this, &event] { happen(event); }, engine::Priority::kFailure);
    }
    for (std::size_t f = 0; f < states_.size(); ++f) {
      const auto route = timed_.flows.route(f);
      states_[f].left = Bytes(timed_.flows.bytes[f]);
      if (route.empty() || timed_.flows.bytes[f] <= 0.0) {
        finish_[f] = timed_.flows.start[f];
        continue;
      }
      states_[f].routes.emplace_back(route.begin(), route.end());
      if (f < timed_.otherwise.size()) {
        states_[f].routes.insert(states_[f].routes.end(), timed_.otherwise[f].begin(), timed_.otherwise[f].end());
      }
      simulation_.at(date(timed_.flows.start[f]), [this, f] {
        states_[f].waiting = true;
        go_on(f);
      });
    }
    simulation_.run();
    FlowTimes times;
    times.finish = finish_;
    for (const double finish : finish_) {
      times.makespan = std::max(times.makespan, finish);
    }
    return times;
  }

 private:
  struct State {
    std::vector<Route> routes;
    std::size_t taken = 0;
    Bytes left{};
    bool moving = false;
    bool waiting = false;
    FlowsInFlight::FlowId flow = 0;
  };

  static engine::SimTime date(double seconds) {
    if (!(seconds >= 0.0 && seconds <= kLongestTimedRun)) {
      throw std::invalid_argument("dates of flows on links that change must be from 0 to 1e9 s");
    }
    return engine::SimTime(Seconds(seconds));
  }

  [[nodiscard]] bool works(const Route& route) const {
    return std::all_of(route.begin(), route.end(), [this](std::uint32_t link) { return network_.usable(link); });
  }

  void happen(const LinkEvent& event) {
    network_.degrade(event.link, event.share);
    for (std::size_t f = 0; f < states_.size(); ++f) {
      State& state = states_[f];
      if (state.moving && !works(state.routes[state.taken])) {
        state.left = max(network_.abort(state.flow), kLast);
        state.moving = false;
        state.waiting = true;
      }
      go_on(f);
    }
  }

  void go_on(std::size_t f) {
    State& state = states_[f];
    if (!state.waiting) {
      return;
    }
    const auto found =
        std::find_if(state.routes.begin(), state.routes.end(), [this](const Route& r) { return works(r); });
    if (found == state.routes.end()) {
      return;
    }
    state.taken = static_cast<std::size_t>(found - state.routes.begin());
    state.waiting = false;
    if (found->empty()) {  // a way that crosses none of these links
      finish_[f] = simulation_.now().seconds().value();
      return;
    }
    state.moving = true;
    state.flow = network_.start(
        *found, state.left,
        [this, f] {
          states_[f].moving = false;
          finish_[f] = simulation_.now().seconds().value();
        },
        timed_.flows.weight_of(f));
  }

  const TimedFlows& timed_;
  engine::Simulation simulation_;
  FlowsInFlight network_;
  std::vector<State> states_;
  std::vector<double> finish_;
};

}  // namespace

FlowTimes solve(const TimedFlows& timed) {
  return Run(timed).solve();
}

}  // namespace aifactory

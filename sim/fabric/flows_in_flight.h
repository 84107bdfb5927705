// Flows as part of a simulation: started, aborted and finished in simulated time, on links that fail and return.
//
//   FlowsInFlight network(simulation, topology.network().capacity);
//   network.start(route, Bytes(1e9), [&] { ... });          // an event at the flow's completion
//   co_await transfer(simulation, network, route, Bytes(1e9));   // or, inside a process
//   network.fail(link);                                      // its flows stop; reroute them with abort() and start()
//
// All changes of one instant are solved together, after them (Priority::kControl), so that a thousand flows that start
// at once cost one solution. Completions happen within half a nanosecond of the exact date, the clock's resolution.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "models/units/quantity.h"
#include "sim/engine/process.h"
#include "sim/engine/simulation.h"
#include "sim/fabric/fair_sharing.h"

namespace aifactory {

class FlowsInFlight {
 public:
  using FlowId = FairSharing::FlowId;
  using LinkId = FairSharing::LinkId;

  FlowsInFlight(engine::Simulation& simulation, std::vector<double> capacity);

  // Bytes move from now on along distinct links (at least one); `done` is called at the end, never inside start().
  FlowId start(std::span<const LinkId> route, Bytes bytes, std::function<void()> done, double weight = 1.0);
  // Forgets a flow; `done` is not called. What it had left.
  Bytes abort(FlowId flow);

  void fail(LinkId link) { degrade(link, 0.0); }
  void repair(LinkId link) { degrade(link, 1.0); }
  // A share of the link's nominal capacity, 0..1.
  void degrade(LinkId link, double share);
  [[nodiscard]] bool usable(LinkId link) const { return share_[link] > 0.0; }

  [[nodiscard]] BytesPerSecond rate(FlowId flow) const { return BytesPerSecond(sharing_.rate(flow)); }
  [[nodiscard]] Bytes remaining(FlowId flow) const;
  [[nodiscard]] std::size_t in_flight() const { return sharing_.flows_in_flight(); }
  [[nodiscard]] Bytes delivered() const { return delivered_; }

 private:
  [[nodiscard]] double now() const { return simulation_.now().seconds().value(); }
  void changed();
  void settle();
  void complete();

  engine::Simulation& simulation_;
  std::vector<double> capacity_, share_;
  FairSharing sharing_;
  std::vector<std::function<void()>> done_;  // by flow
  std::vector<double> bytes_;
  std::vector<FairSharing::Completion> finished_;
  engine::EventId settle_event_, completion_event_;
  Bytes delivered_{};
};

// A process that ends when the bytes have arrived.
engine::Process transfer(engine::Simulation& simulation, FlowsInFlight& network, std::vector<std::uint32_t> route,
                         Bytes bytes);

}  // namespace aifactory

// Transfers between hosts of a topology while links and switches fail and come back.
//
// A failure stops the flows that cross it; what they had left goes on at once over minimal routes that still work, as
// routing would have chosen them, or waits for a repair where there are none. A repair brings waiting transfers back
// and serves new ones; flows that found another way stay there. Rerouting itself takes no time: fast local repair takes
// milliseconds against transfers of tens of milliseconds and more; add a delay at the caller where that matters.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "models/fabric/routing.h"
#include "models/fabric/topology.h"
#include "sim/fabric/flows_in_flight.h"

namespace aifactory {

class RoutedFlows {
 public:
  using TransferId = std::uint64_t;

  RoutedFlows(engine::Simulation& simulation, const Topology& topology, Routing routing, std::uint64_t seed);

  // `done` is called once all bytes have arrived. Hashing goes by `number`, else by the order of starts. Throws
  // std::invalid_argument for a transfer to oneself.
  TransferId start(VertexId from, VertexId to, Bytes bytes, std::function<void()> done,
                   std::optional<std::uint64_t> number = std::nullopt);

  // Both directions of the link's cable; it works again after as many repairs as failures.
  void fail(LinkId link);
  void repair(LinkId link);
  // All cables of a switch; those that failed by themselves stay failed when it returns.
  void fail_switch(VertexId vertex);
  void repair_switch(VertexId vertex);
  // A share of the nominal capacity, in this direction: a bad optic, a straggling port.
  void degrade(LinkId link, double share) { flows_.degrade(link, share); }

  [[nodiscard]] std::size_t in_flight() const { return transfers_.size(); }
  [[nodiscard]] std::size_t waiting() const;  // parts of transfers that no working route is left for
  [[nodiscard]] std::uint64_t reroutes() const { return reroutes_; }

 private:
  struct Part {
    Bytes bytes{};
    double weight = 1.0;
    bool moving = false;
    bool arrived = false;
    FlowsInFlight::FlowId flow = 0;
    std::vector<LinkId> route;
  };
  struct Transfer {
    std::uint64_t number = 0;  // that hashing goes by
    VertexId from, to;
    std::vector<Part> parts;
    std::size_t left = 0;  // parts not yet arrived
    std::function<void()> done;
  };

  [[nodiscard]] bool usable(LinkId link) const { return down_[link / 2] == 0; }
  void launch(TransferId id, std::size_t part);
  void arrived(TransferId id, std::size_t part);
  void take_down(LinkId link);
  void bring_back(LinkId link);
  void reroute();
  void retry();

  FlowsInFlight flows_;
  const Topology& topology_;
  Routing routing_;
  std::uint64_t seed_;
  std::vector<std::uint8_t> down_;              // by cable: reasons why it does not work
  std::vector<std::uint32_t> failed_;           // by cable: outages of its own that last
  std::vector<std::uint32_t> failed_switches_;  // by vertex
  std::map<TransferId, Transfer> transfers_;
  TransferId next_ = 0;
  std::uint64_t reroutes_ = 0;
};

}  // namespace aifactory

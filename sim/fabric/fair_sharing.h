// Max-min fair sharing of links among flows, kept exact as flows come and go.
//
// A rate allocation is max-min fair if and only if every flow has a bottleneck: a saturated link on its route where no
// flow's rate per weight is higher (Bertsekas & Gallager, Data Networks, 6.5). All flows held back by one link
// therefore share one number, the link's level (bytes per second per unit of weight). Two consequences carry this
// class:
//
// 1. Time. Each link keeps a virtual clock that runs at its level; a flow's finish is a constant on the clock of its
//    bottleneck. When a level changes, one clock changes pace and the flows behind it are not touched.
// 2. Space. A change re-solves only what it reaches. Filling proceeds in order of rising level over the links that a
//    changed flow crosses; a flow outside joins only when the filling, at its own level, finds its bottleneck no longer
//    saturated, or a link it crosses saturated below its rate. Everything filled before that moment is final, because
//    progressive filling below a level does not depend on what happens above it. Nothing is solved twice, and when the
//    queue of links is empty every flow has its bottleneck: the result is the unique optimum.
//
// Flows whose whole route is one link (after FlowSolver has dropped links that cannot bind) are counted, not visited.
// Capacities are bytes per second, times are seconds. Rates are exact up to rounding (about 1e-13 relative).
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "sim/fabric/slot_lists.h"

namespace aifactory {

class FairSharing {
 public:
  using LinkId = std::uint32_t;
  using FlowId = std::uint32_t;
  static constexpr double kNever = std::numeric_limits<double>::infinity();

  struct Completion {
    FlowId flow;
    double time;  // s
  };

  explicit FairSharing(std::span<const double> capacity);

  // Room for flows known in advance: how many will ever cross each link, alone on it or among other links.
  void reserve(std::size_t flows, std::size_t hops, std::span<const std::uint32_t> shared_per_link,
               std::span<const std::uint32_t> single_per_link);

  // Changes take effect at the next settle(), which must follow at the same time. A route lists distinct links, at
  // least one; weight and bytes are positive.
  FlowId add(std::span<const LinkId> route, double weight, double bytes, double now);
  void remove(FlowId flow);
  void set_capacity(LinkId link, double capacity);

  // Re-solves what the changes since the last call reach, at time `now`.
  void settle(double now);

  // When the next flow finishes if nothing changes.
  [[nodiscard]] double next_completion() const { return heap_.empty() ? kNever : due_[heap_[0]]; }
  // Removes the flows that finish no later than `until` and appends them in a deterministic order.
  void complete(double until, std::vector<Completion>& finished);

  [[nodiscard]] double rate(FlowId flow) const;
  [[nodiscard]] double remaining(FlowId flow, double now) const;
  [[nodiscard]] std::size_t flows_in_flight() const { return in_flight_; }
  // Flows whose rate was solved again, over all settle() calls: the work actually done.
  [[nodiscard]] std::uint64_t flows_resolved() const { return flows_resolved_; }

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  struct Flow {
    double weight = 0.0;
    double finish = 0.0;  // on the bottleneck's clock; before the first settle, bytes per weight
    LinkId bottleneck = kNone;
    std::uint32_t slot = 0;  // in the bottleneck's list of waiting or single-link flows
    std::uint32_t first_hop = 0;
    std::uint16_t hops = 0;
    bool rising = false;  // being filled
  };
  struct Link {
    double capacity = 0.0;
    double used = 0.0;  // by flows at rest; while filling, without the rising ones
    double rising_weight = 0.0;
    double level = kNever;     // rate per weight of the flows it holds back; kNever if none
    double key = kNever;       // its entry in queue_
    std::uint32_t rising = 0;  // flows being filled that cross it (single-link flows count as one)
    bool touched = false, released = false, settled = false;
  };
  struct Clock {
    double reading = 0.0;  // bytes per weight
    double at = 0.0;       // s
  };
  struct Member {
    FlowId flow;
    std::uint32_t hop;  // index into hop_link_ and hop_slot_
  };
  struct QueueEntry {
    double key;
    LinkId link;
  };

  [[nodiscard]] std::span<const LinkId> route(const Flow& f) const { return {hop_link_.data() + f.first_hop, f.hops}; }
  [[nodiscard]] double clock_at(LinkId link, double now) const;
  void advance_clock(LinkId link, double now);
  [[nodiscard]] bool holds_back_flows(LinkId link) const { return !waiting_.empty(link) || !single_.empty(link); }

  void touch(LinkId link);
  void enqueue(LinkId link);
  [[nodiscard]] double filling_key(LinkId link) const;
  void start_rising(FlowId flow);
  void release(LinkId link);
  void visit(LinkId link);
  void saturate(LinkId link, double level);
  void move_to(FlowId flow, LinkId bottleneck);

  // Flows waiting to finish at one link, a binary heap by finish.
  [[nodiscard]] bool finishes_before(FlowId a, FlowId b) const;
  void insert(SlotLists<FlowId>& lists, LinkId link, FlowId flow);
  void erase(SlotLists<FlowId>& lists, LinkId link, FlowId flow);
  void sift(FlowId* heap, std::uint32_t size, std::uint32_t slot);
  [[nodiscard]] FlowId next_of(LinkId link) const;

  // Links by the time their next flow finishes.
  void reschedule(LinkId link);
  [[nodiscard]] bool due_before(LinkId a, LinkId b) const;
  void due_sift(std::uint32_t slot);

  std::vector<Flow> flows_;
  std::vector<LinkId> hop_link_;
  std::vector<std::uint32_t> hop_slot_;
  std::vector<std::vector<FlowId>> free_;  // by number of hops

  std::vector<Link> links_;
  std::vector<Clock> clocks_;
  std::vector<double> single_weight_;
  SlotLists<Member> members_;  // flows of several links, by link
  SlotLists<FlowId> waiting_;  // of them, those held back here
  SlotLists<FlowId> single_;   // flows of this link alone

  std::vector<LinkId> touched_;
  std::vector<QueueEntry> queue_;
  std::vector<double> due_;
  std::vector<LinkId> heap_;
  std::vector<std::uint32_t> due_slot_;

  double now_ = 0.0;
  std::size_t in_flight_ = 0;
  std::uint64_t flows_resolved_ = 0;
};

}  // namespace aifactory

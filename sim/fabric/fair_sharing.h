// Max-min fair sharing of links among flows, kept exact as flows come and go.
//
// A rate allocation is max-min fair if and only if every flow has a bottleneck: a saturated link on its route where no
// flow's rate per weight is higher (Bertsekas & Gallager, Data Networks, 6.5). All flows held back by one link
// therefore share one number, the link's level (bytes per second per unit of weight). Two consequences carry this
// class:
//
// 1. Time. Each link keeps a virtual clock that runs at its level; a flow's finish is a constant on the clock of its
//    bottleneck. When a level changes, one clock changes pace and the flows behind it are not touched.
// 2. Space. A change re-solves only what it reaches. Filling proceeds in order of rising level over the links a change
//    reaches, and each of them is solved from its members' bottlenecks: a flow whose bottleneck stands below the
//    filling takes that level, all others share what is left. A link joins when a flow on it changes rate, which is
//    never after the filling has passed the level the link had, so what is filled is final, nothing is solved twice,
//    and when the queue of links is empty every flow has its bottleneck: the result is the unique optimum. The work
//    per event is the members of the links whose level changes and the few flows that change bottleneck.
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
  // least one; weight and bytes are positive. `crossings` counts, by hop, how many flows like this one cross a link
  // like that when the flow stands for a class; empty = 1.
  FlowId add(std::span<const LinkId> route, double weight, double bytes, double now,
             std::span<const double> crossings = {});
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
  // Work done over all settle() calls: links whose level was found, and flows that changed bottleneck.
  [[nodiscard]] std::uint64_t levels_solved() const { return levels_solved_; }
  [[nodiscard]] std::uint64_t flows_moved() const { return flows_moved_; }

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  struct Link {
    double capacity = 0.0;
    double used = 0.0;           // by all flows on it, after the last settle
    double level = kNever;       // rate per weight of the flows it holds back; kNever if none
    double before = kNever;      // its level before this filling
    double key = kNever;         // its entry in queue_
    double scanned = -1.0;       // the filling when its share was last found
    double single_weight = 0.0;  // of the flows on this link alone
    bool in_play = false;        // may bind
    bool touched = false;        // reached by the current change
    bool released = false;       // the filling has passed its old level
    bool settled = false;        // its level is final
  };
  struct Clock {
    double reading = 0.0;  // bytes per weight
    double at = 0.0;       // s
  };
  struct Member {
    FlowId flow;
    std::uint32_t hop;  // index into hop_link_ and hop_slot_
    double weight;      // of the flow, times its crossings
  };
  struct Change {
    FlowId flow;
    double from;  // level
  };
  struct QueueEntry {
    double key;
    LinkId link;
  };

  [[nodiscard]] double clock_at(LinkId link, double now) const {
    const Clock& clock = clocks_[link];
    const double level = links_[link].level;
    return level == kNever ? clock.reading : clock.reading + level * (now - clock.at);
  }
  [[nodiscard]] bool holds_back_flows(LinkId link) const { return !waiting_.empty(link) || !single_.empty(link); }

  void bring_in(LinkId link);
  void fill();
  void account();
  void account(FlowId flow, double change);  // of the flow's level
  [[nodiscard]] double use_of(LinkId link) const;
  void touch(LinkId link);
  void touch_route_of(FlowId flow);
  void enqueue_touched();
  void enqueue(LinkId link, double key);
  [[nodiscard]] bool rests(FlowId flow, LinkId link) const;
  double share_of(LinkId link);
  [[nodiscard]] double key_of(LinkId link, double share) const;
  void visit(LinkId link);
  void release(LinkId link);
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

  // Flows, by id. The bottleneck of a new flow is the link after the last, which stands above every filling.
  std::vector<double> weight_;
  std::vector<LinkId> bottleneck_;
  std::vector<std::uint8_t> moves_;  // changed bottleneck in this filling
  std::vector<double> finish_;       // on the bottleneck's clock
  std::vector<std::uint32_t> slot_;  // in the bottleneck's list
  std::vector<std::uint32_t> first_hop_;
  std::vector<std::uint16_t> hops_;
  std::vector<LinkId> hop_link_;
  std::vector<double> hop_weight_;         // weight times crossings
  std::vector<std::uint32_t> hop_slot_;    // in the link's list of members
  std::vector<std::vector<FlowId>> free_;  // by number of hops

  std::vector<Link> links_;
  std::vector<double> standing_;  // level at which a link's flows rest while filling; kNever once released
  std::vector<Clock> clocks_;
  SlotLists<Member> members_;  // flows of several links, by link
  SlotLists<FlowId> waiting_;  // of them, those held back here
  SlotLists<FlowId> single_;   // flows of this link alone

  std::vector<LinkId> touched_;
  std::size_t enqueued_ = 0;  // of touched_
  std::vector<QueueEntry> queue_;
  double filling_ = 0.0;  // the level reached
  std::vector<FlowId> released_;
  std::vector<Change> moved_;     // flows that changed bottleneck in this filling, with the level they had
  std::vector<LinkId> exceeded_;  // links out of play that may be over capacity
  std::vector<double> due_;
  std::vector<LinkId> heap_;
  std::vector<std::uint32_t> due_slot_;

  double now_ = 0.0;
  std::size_t in_flight_ = 0;
  std::uint64_t levels_solved_ = 0;
  std::uint64_t flows_moved_ = 0;
};

}  // namespace aifactory

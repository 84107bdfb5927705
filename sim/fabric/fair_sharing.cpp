// The flows in flight: how they come, go and are asked about.
#include "sim/fabric/fair_sharing.h"

#include <algorithm>
#include <cmath>

namespace aifactory {

FairSharing::FairSharing(std::span<const double> capacity)
    : links_(capacity.size()),
      standing_(capacity.size() + 1, kNever),
      clocks_(capacity.size()),
      members_(capacity.size()),
      waiting_(capacity.size()),
      single_(capacity.size()),
      due_(capacity.size(), kNever),
      due_slot_(capacity.size(), kNone) {
  for (std::size_t l = 0; l < capacity.size(); ++l) {
    links_[l].capacity = capacity[l];
  }
}

void FairSharing::reserve(std::size_t flows, std::size_t hops, std::span<const std::uint32_t> shared_per_link,
                          std::span<const std::uint32_t> single_per_link) {
  weight_.reserve(flows);
  bottleneck_.reserve(flows);
  moves_.reserve(flows);
  finish_.reserve(flows);
  slot_.reserve(flows);
  first_hop_.reserve(flows);
  hops_.reserve(flows);
  hop_link_.reserve(hops);
  hop_slot_.reserve(hops);
  hop_weight_.reserve(hops);
  members_.reserve(shared_per_link);
  waiting_.reserve(shared_per_link);
  single_.reserve(single_per_link);
}

double FairSharing::rate(FlowId flow) const {
  const LinkId bottleneck = bottleneck_[flow];
  return bottleneck == links_.size() ? 0.0 : weight_[flow] * links_[bottleneck].level;  // 0: not settled yet
}

double FairSharing::remaining(FlowId flow, double now) const {
  const LinkId bottleneck = bottleneck_[flow];
  const double passed = bottleneck == links_.size() ? 0.0 : clock_at(bottleneck, now);
  return std::max(0.0, finish_[flow] - passed) * weight_[flow];
}

FairSharing::FlowId FairSharing::add(std::span<const LinkId> route, double weight, double bytes, double now,
                                     std::span<const double> crossings) {
  FlowId id;
  if (route.size() < free_.size() && !free_[route.size()].empty()) {
    id = free_[route.size()].back();
    free_[route.size()].pop_back();
  } else {
    id = static_cast<FlowId>(weight_.size());
    weight_.emplace_back();
    bottleneck_.emplace_back();
    moves_.push_back(0);
    finish_.emplace_back();
    slot_.emplace_back();
    hops_.push_back(static_cast<std::uint16_t>(route.size()));
    first_hop_.push_back(static_cast<std::uint32_t>(hop_link_.size()));
    hop_link_.resize(hop_link_.size() + route.size());
    hop_slot_.resize(hop_link_.size());
    hop_weight_.resize(hop_link_.size());
  }
  weight_[id] = weight;
  finish_[id] = bytes / weight;
  bottleneck_[id] = static_cast<LinkId>(links_.size());
  for (std::uint32_t i = 0; i < route.size(); ++i) {
    hop_link_[first_hop_[id] + i] = route[i];
    hop_weight_[first_hop_[id] + i] = crossings.empty() ? weight : weight * crossings[i];
  }
  ++in_flight_;
  bool bounded = false;
  LinkId narrowest = route[0];
  for (const LinkId link : route) {
    bounded = bounded || links_[link].in_play;
    if (links_[link].capacity < links_[narrowest].capacity) {
      narrowest = link;
    }
  }
  if (!bounded) {
    bring_in(narrowest);
  }
  touch_route_of(id);
  if (route.size() == 1) {  // its bottleneck is known
    links_[route[0]].single_weight += hop_weight_[first_hop_[id]];
    bottleneck_[id] = route[0];
    finish_[id] += clock_at(route[0], now);
    insert(single_, route[0], id);
    return id;
  }
  for (std::uint32_t i = 0; i < route.size(); ++i) {
    hop_slot_[first_hop_[id] + i] = members_.size(route[i]);
    members_.push_back(route[i], {id, first_hop_[id] + i, hop_weight_[first_hop_[id] + i]});
  }
  return id;
}

void FairSharing::remove(FlowId flow) {
  touch_route_of(flow);
  const LinkId bottleneck = bottleneck_[flow];
  const bool alone = hops_[flow] == 1;
  if (alone) {
    erase(single_, bottleneck, flow);
    Link& l = links_[bottleneck];
    l.single_weight = single_.empty(bottleneck) ? 0.0 : l.single_weight - hop_weight_[first_hop_[flow]];
  }
  for (std::uint32_t h = first_hop_[flow]; !alone && h < first_hop_[flow] + hops_[flow]; ++h) {
    const LinkId link = hop_link_[h];
    Member* members = members_.data(link);
    const Member last = members[members_.size(link) - 1];
    members[hop_slot_[h]] = last;
    hop_slot_[last.hop] = hop_slot_[h];
    members_.pop_back(link);
  }
  if (bottleneck != links_.size()) {  // it has been settled
    if (!alone) {
      account(flow, -links_[bottleneck].level);
      erase(waiting_, bottleneck, flow);
    }
    reschedule(bottleneck);
  }
  if (free_.size() <= hops_[flow]) {
    free_.resize(hops_[flow] + std::size_t{1});
  }
  free_[hops_[flow]].push_back(flow);
  --in_flight_;
}

void FairSharing::set_capacity(LinkId link, double capacity) {
  links_[link].capacity = capacity;
  if (links_[link].in_play) {
    touch(link);
  } else {
    exceeded_.push_back(link);
  }
}

void FairSharing::complete(double until, std::vector<Completion>& finished) {
  while (!heap_.empty() && due_[heap_[0]] <= until) {
    const FlowId flow = next_of(heap_[0]);
    finished.push_back({flow, due_[heap_[0]]});
    remove(flow);
  }
}

}  // namespace aifactory

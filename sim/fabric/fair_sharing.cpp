#include "sim/fabric/fair_sharing.h"

#include <algorithm>
#include <cmath>

namespace aifactory {
namespace {

// Rounding of a link's running sum, relative to its capacity: a level that moves by less has not moved.
constexpr double kRounding = 2e-13;

struct LaterKey {
  template <class Entry>
  bool operator()(const Entry& a, const Entry& b) const {
    return a.key != b.key ? a.key > b.key : a.link > b.link;
  }
};

}  // namespace

FairSharing::FairSharing(std::span<const double> capacity)
    : links_(capacity.size()),
      clocks_(capacity.size()),
      single_weight_(capacity.size(), 0.0),
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
  flows_.reserve(flows);
  hop_link_.reserve(hops);
  hop_slot_.reserve(hops);
  members_.reserve(shared_per_link);
  waiting_.reserve(shared_per_link);
  single_.reserve(single_per_link);
}

double FairSharing::clock_at(LinkId link, double now) const {
  const Clock& clock = clocks_[link];
  const double level = links_[link].level;
  return level == kNever ? clock.reading : clock.reading + level * (now - clock.at);
}

void FairSharing::advance_clock(LinkId link, double now) {
  clocks_[link].reading = clock_at(link, now);
  clocks_[link].at = now;
}

double FairSharing::rate(FlowId flow) const {
  const Flow& f = flows_[flow];
  return f.weight * links_[f.bottleneck].level;
}

double FairSharing::remaining(FlowId flow, double now) const {
  const Flow& f = flows_[flow];
  return std::max(0.0, f.finish - clock_at(f.bottleneck, now)) * f.weight;
}

FairSharing::FlowId FairSharing::add(std::span<const LinkId> route, double weight, double bytes, double now) {
  FlowId id;
  if (route.size() < free_.size() && !free_[route.size()].empty()) {
    id = free_[route.size()].back();
    free_[route.size()].pop_back();
  } else {
    id = static_cast<FlowId>(flows_.size());
    flows_.emplace_back();
    flows_[id].first_hop = static_cast<std::uint32_t>(hop_link_.size());
    hop_link_.resize(hop_link_.size() + route.size());
    hop_slot_.resize(hop_link_.size());
  }
  Flow& f = flows_[id];
  f.weight = weight;
  f.finish = bytes / weight;
  f.bottleneck = kNone;
  f.hops = static_cast<std::uint16_t>(route.size());
  std::copy(route.begin(), route.end(), hop_link_.begin() + f.first_hop);
  ++in_flight_;
  ++flows_resolved_;

  if (f.hops == 1) {  // its bottleneck is known
    const LinkId link = route[0];
    touch(link);
    release(link);
    links_[link].rising += single_.empty(link) ? 1 : 0;
    links_[link].rising_weight += weight;
    single_weight_[link] += weight;
    f.bottleneck = link;
    f.finish += clock_at(link, now);
    insert(single_, link, id);
    return id;
  }
  for (std::uint32_t i = 0; i < f.hops; ++i) {
    touch(route[i]);
    hop_slot_[f.first_hop + i] = members_.size(route[i]);
    members_.push_back(route[i], {id, f.first_hop + i});
    links_[route[i]].rising_weight += weight;
    ++links_[route[i]].rising;
  }
  f.rising = true;
  return id;
}

void FairSharing::remove(FlowId flow) {
  Flow& f = flows_[flow];
  if (f.hops == 1) {
    const LinkId link = f.bottleneck;
    touch(link);
    erase(single_, link, flow);
    single_weight_[link] = single_.empty(link) ? 0.0 : single_weight_[link] - f.weight;
    if (links_[link].released) {
      links_[link].rising_weight -= f.weight;
      links_[link].rising -= single_.empty(link) ? 1 : 0;
    } else {
      links_[link].used -= f.weight * links_[link].level;
    }
  } else {
    const double level = f.rising ? 0.0 : links_[f.bottleneck].level;
    for (std::uint32_t h = f.first_hop; h < f.first_hop + f.hops; ++h) {
      const LinkId link = hop_link_[h];
      touch(link);
      Member* members = members_.data(link);
      const Member last = members[members_.size(link) - 1];
      members[hop_slot_[h]] = last;
      hop_slot_[last.hop] = hop_slot_[h];
      members_.pop_back(link);
      if (f.rising) {
        links_[link].rising_weight -= f.weight;
        --links_[link].rising;
      } else {
        links_[link].used -= f.weight * level;
      }
    }
    if (f.bottleneck != kNone) {
      erase(waiting_, f.bottleneck, flow);
    }
  }
  if (f.bottleneck != kNone) {
    reschedule(f.bottleneck);
  }
  f.rising = false;
  f.bottleneck = kNone;
  if (free_.size() <= f.hops) {
    free_.resize(f.hops + std::size_t{1});
  }
  free_[f.hops].push_back(flow);
  --in_flight_;
}

void FairSharing::set_capacity(LinkId link, double capacity) {
  touch(link);
  links_[link].capacity = capacity;
}

void FairSharing::complete(double until, std::vector<Completion>& finished) {
  while (!heap_.empty() && due_[heap_[0]] <= until) {
    const FlowId flow = next_of(heap_[0]);
    finished.push_back({flow, due_[heap_[0]]});
    remove(flow);
  }
}

// ---- filling -----------------------------------------------------------------------------------------------------

void FairSharing::touch(LinkId link) {
  Link& l = links_[link];
  if (!l.touched) {
    l.touched = true;
    touched_.push_back(link);
  }
}

// The lowest level at which something happens at a link: its rising flows fill it up, or the flows it holds back reach
// the level they had.
double FairSharing::filling_key(LinkId link) const {
  const Link& l = links_[link];
  const double share = l.rising > 0 ? (l.capacity - l.used) / l.rising_weight : kNever;
  return !l.released && holds_back_flows(link) ? std::min(share, l.level) : share;
}

void FairSharing::enqueue(LinkId link) {
  Link& l = links_[link];
  const double key = filling_key(link);
  if (key < l.key) {
    l.key = key;
    queue_.push_back({key, link});
    std::push_heap(queue_.begin(), queue_.end(), LaterKey{});
  }
}

void FairSharing::settle(double now) {
  now_ = now;
  for (std::size_t i = 0; i < touched_.size(); ++i) {
    enqueue(touched_[i]);
  }
  while (!queue_.empty()) {
    std::pop_heap(queue_.begin(), queue_.end(), LaterKey{});
    const QueueEntry entry = queue_.back();
    queue_.pop_back();
    Link& l = links_[entry.link];
    if (entry.key != l.key) {
      continue;  // superseded
    }
    l.key = kNever;
    const double key = filling_key(entry.link);
    if (l.settled || key == kNever) {
      continue;
    }
    if (!queue_.empty() && key > queue_.front().key) {
      enqueue(entry.link);  // its turn comes later than it seemed
    } else {
      visit(entry.link);
    }
  }
  for (const LinkId link : touched_) {
    Link& l = links_[link];
    if (!l.settled && !holds_back_flows(link)) {
      l.level = kNever;
      clocks_[link].reading = 0.0;
    }
    l.touched = l.released = l.settled = false;
    if (l.rising == 0) {
      l.rising_weight = 0.0;
    }
    reschedule(link);
  }
  touched_.clear();
}

void FairSharing::visit(LinkId link) {
  Link& l = links_[link];
  if (!l.released && holds_back_flows(link)) {
    const double spare = l.capacity - l.used - l.rising_weight * l.level;
    if (std::abs(spare) <= kRounding * l.capacity) {
      saturate(link, l.level);  // as full as before: whoever it holds back stays
    } else {
      release(link);
      enqueue(link);
    }
    return;
  }
  const double share = (l.capacity - l.used) / l.rising_weight;
  const double faster = share + kRounding * std::abs(share);
  double used = 0.0;  // summed afresh: running sums collect rounding
  double rising = l.released ? single_weight_[link] : 0.0;
  bool raised = false;
  const Member* members = members_.data(link);
  for (std::uint32_t i = 0, n = members_.size(link); i < n; ++i) {
    const Flow& f = flows_[members[i].flow];
    if (f.rising) {
      rising += f.weight;
      continue;
    }
    const double level = links_[f.bottleneck].level;
    if (level > faster) {
      start_rising(members[i].flow);
      raised = true;
    } else {
      used += f.weight * level;
    }
  }
  if (raised) {
    enqueue(link);
    return;
  }
  l.used = used;
  saturate(link, std::max(0.0, (l.capacity - used) / rising));
}

// A flow at rest joins the filling: what it takes becomes free, and it asks for a share like the others.
void FairSharing::start_rising(FlowId flow) {
  Flow& f = flows_[flow];
  const double level = links_[f.bottleneck].level;
  for (const LinkId link : route(f)) {
    if (links_[link].settled) {
      // Full at the flow's own level but for rounding: that link is as good a bottleneck.
      for (const LinkId other : route(f)) {
        touch(other);
        links_[other].used += f.weight * (links_[link].level - level);
        enqueue(other);
      }
      move_to(flow, link);
      return;
    }
  }
  f.rising = true;
  ++flows_resolved_;
  for (const LinkId link : route(f)) {
    touch(link);
    Link& l = links_[link];
    l.used -= f.weight * level;
    l.rising_weight += f.weight;
    ++l.rising;
    // A share is a mean of levels: adding one above the queued key cannot bring the share below it.
    if (level < l.key) {
      enqueue(link);
    }
  }
}

void FairSharing::release(LinkId link) {
  Link& l = links_[link];
  if (l.released) {
    return;
  }
  l.released = true;
  if (!single_.empty(link)) {
    l.used -= single_weight_[link] * l.level;
    l.rising_weight += single_weight_[link];
    ++l.rising;
  }
  bool moved = true;
  while (moved) {  // start_rising may move a flow to another list instead, and with it the order of this one
    moved = false;
    for (std::uint32_t i = 0; i < waiting_.size(link); ++i) {
      const FlowId flow = waiting_.data(link)[i];
      if (!flows_[flow].rising) {
        start_rising(flow);
        moved = moved || !flows_[flow].rising;
      }
    }
  }
}

void FairSharing::saturate(LinkId link, double level) {
  Link& l = links_[link];
  if (level != l.level) {
    advance_clock(link, now_);
    l.level = level;
  }
  if (l.released) {
    l.used += single_weight_[link] * level;
  }
  const Member* members = members_.data(link);
  std::uint32_t left = l.rising - (l.released && !single_.empty(link) ? 1 : 0);
  for (std::uint32_t i = 0; left > 0; ++i) {
    const FlowId flow = members[i].flow;
    Flow& f = flows_[flow];
    if (!f.rising) {
      continue;
    }
    f.rising = false;
    --left;
    for (const LinkId other : route(f)) {
      Link& o = links_[other];
      o.used += f.weight * level;
      o.rising_weight -= f.weight;
      --o.rising;
    }
    move_to(flow, link);
  }
  l.rising = 0;
  l.settled = true;
}

void FairSharing::move_to(FlowId flow, LinkId bottleneck) {
  Flow& f = flows_[flow];
  if (f.bottleneck == bottleneck) {
    return;
  }
  if (f.bottleneck != kNone) {
    f.finish = std::max(0.0, f.finish - clock_at(f.bottleneck, now_));
    erase(waiting_, f.bottleneck, flow);
  }
  f.finish += clock_at(bottleneck, now_);
  f.bottleneck = bottleneck;
  insert(waiting_, bottleneck, flow);
}

// ---- who finishes next -------------------------------------------------------------------------------------------

bool FairSharing::finishes_before(FlowId a, FlowId b) const {
  return flows_[a].finish != flows_[b].finish ? flows_[a].finish < flows_[b].finish : a < b;
}

void FairSharing::sift(FlowId* heap, std::uint32_t size, std::uint32_t slot) {
  const FlowId flow = heap[slot];
  while (slot > 0 && finishes_before(flow, heap[(slot - 1) / 2])) {
    heap[slot] = heap[(slot - 1) / 2];
    flows_[heap[slot]].slot = slot;
    slot = (slot - 1) / 2;
  }
  for (std::uint32_t child = 2 * slot + 1; child < size; child = 2 * slot + 1) {
    if (child + 1 < size && finishes_before(heap[child + 1], heap[child])) {
      ++child;
    }
    if (!finishes_before(heap[child], flow)) {
      break;
    }
    heap[slot] = heap[child];
    flows_[heap[slot]].slot = slot;
    slot = child;
  }
  heap[slot] = flow;
  flows_[flow].slot = slot;
}

void FairSharing::insert(SlotLists<FlowId>& lists, LinkId link, FlowId flow) {
  lists.push_back(link, flow);
  sift(lists.data(link), lists.size(link), lists.size(link) - 1);
}

void FairSharing::erase(SlotLists<FlowId>& lists, LinkId link, FlowId flow) {
  const std::uint32_t slot = flows_[flow].slot;
  FlowId* heap = lists.data(link);
  lists.pop_back(link);
  const std::uint32_t size = lists.size(link);
  if (slot < size) {
    heap[slot] = heap[size];
    sift(heap, size, slot);
  }
}

FairSharing::FlowId FairSharing::next_of(LinkId link) const {
  if (waiting_.empty(link)) {
    return single_.empty(link) ? kNone : single_.data(link)[0];
  }
  const FlowId flow = waiting_.data(link)[0];
  return !single_.empty(link) && finishes_before(single_.data(link)[0], flow) ? single_.data(link)[0] : flow;
}

bool FairSharing::due_before(LinkId a, LinkId b) const {
  return due_[a] != due_[b] ? due_[a] < due_[b] : a < b;
}

void FairSharing::reschedule(LinkId link) {
  const FlowId next = next_of(link);
  double due = kNever;
  if (next != kNone && links_[link].level > 0.0 && links_[link].level != kNever) {
    const Clock& clock = clocks_[link];
    due = clock.at + std::max(0.0, flows_[next].finish - clock.reading) / links_[link].level;
  }
  std::uint32_t slot = due_slot_[link];
  if (due == kNever) {
    if (slot == kNone) {
      return;
    }
    due_[link] = kNever;
    due_slot_[link] = kNone;
    const LinkId last = heap_.back();
    heap_.pop_back();
    if (last != link) {
      heap_[slot] = last;
      due_sift(slot);
    }
    return;
  }
  due_[link] = due;
  if (slot == kNone) {
    slot = static_cast<std::uint32_t>(heap_.size());
    heap_.push_back(link);
  }
  due_sift(slot);
}

void FairSharing::due_sift(std::uint32_t slot) {
  const LinkId link = heap_[slot];
  const auto size = static_cast<std::uint32_t>(heap_.size());
  while (slot > 0 && due_before(link, heap_[(slot - 1) / 2])) {
    heap_[slot] = heap_[(slot - 1) / 2];
    due_slot_[heap_[slot]] = slot;
    slot = (slot - 1) / 2;
  }
  for (std::uint32_t child = 2 * slot + 1; child < size; child = 2 * slot + 1) {
    if (child + 1 < size && due_before(heap_[child + 1], heap_[child])) {
      ++child;
    }
    if (!due_before(heap_[child], link)) {
      break;
    }
    heap_[slot] = heap_[child];
    due_slot_[heap_[slot]] = slot;
    slot = child;
  }
  heap_[slot] = link;
  due_slot_[link] = slot;
}

}  // namespace aifactory

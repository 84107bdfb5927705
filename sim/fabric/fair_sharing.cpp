#include "sim/fabric/fair_sharing.h"

#include <algorithm>
#include <cmath>

namespace aifactory {
namespace {

// Rounding of a link's running sum, relative to its capacity: a level that moves by less has not moved.
constexpr double kRounding = 2e-13;

// A link out of use leaves play below this utilisation; between here and full it is kept because it may soon bind
// again.
constexpr double kSlack = 0.8;

struct LaterKey {
  template <class Entry>
  bool operator()(const Entry& a, const Entry& b) const {
    return a.key != b.key ? a.key > b.key : a.link > b.link;
  }
};

}  // namespace

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

double FairSharing::clock_at(LinkId link, double now) const {
  const Clock& clock = clocks_[link];
  const double level = links_[link].level;
  return level == kNever ? clock.reading : clock.reading + level * (now - clock.at);
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

// ---- filling -----------------------------------------------------------------------------------------------------

void FairSharing::touch(LinkId link) {
  Link& l = links_[link];
  if (l.in_play && !l.touched) {
    l.touched = true;
    l.before = l.level;
    touched_.push_back(link);
  }
}

void FairSharing::touch_route_of(FlowId flow) {
  for (std::uint32_t h = first_hop_[flow]; h < first_hop_[flow] + hops_[flow]; ++h) {
    touch(hop_link_[h]);
  }
}

// Whether a member of `link` has its final rate below the filling, at another link.
bool FairSharing::rests(FlowId flow, LinkId link) const {
  const LinkId bottleneck = bottleneck_[flow];
  return bottleneck != link && standing_[bottleneck] <= filling_ + kRounding * filling_;
}

// The level at which the members that do not rest yet would fill the link. It only rises as more of them come to rest.
double FairSharing::share_of(LinkId link) {
  links_[link].scanned = filling_;
  const double filled = filling_ + kRounding * filling_;  // as rests() has it, without a branch per member
  double used = 0.0;
  double rising = links_[link].single_weight;
  const Member* members = members_.data(link);
  const double* const standing = standing_.data();
  const LinkId* const bottleneck = bottleneck_.data();
  for (std::uint32_t i = 0, n = members_.size(link); i < n; ++i) {
    const FlowId flow = members[i].flow;
    const LinkId other = bottleneck[flow];
    const double level = standing[other];
    const bool rest = other != link && level <= filled;
    used += rest ? members[i].weight * level : 0.0;
    rising += rest ? 0.0 : members[i].weight;
  }
  return rising > 0.0 ? std::max(0.0, (links_[link].capacity - used) / rising) : kNever;
}

// The lowest level at which something happens at a link: it fills up, or the flows it held back reach their old level.
double FairSharing::key_of(LinkId link, double share) const {
  const Link& l = links_[link];
  return !l.released && holds_back_flows(link) ? std::min(share, l.level) : share;
}

void FairSharing::enqueue(LinkId link, double key) {
  links_[link].key = key;
  if (key != kNever) {
    queue_.push_back({key, link});
    std::push_heap(queue_.begin(), queue_.end(), LaterKey{});
  }
}

void FairSharing::enqueue_touched() {
  for (; enqueued_ < touched_.size(); ++enqueued_) {
    const LinkId link = touched_[enqueued_];
    enqueue(link, key_of(link, share_of(link)));
  }
}

void FairSharing::bring_in(LinkId link) {
  links_[link].in_play = true;
  touch(link);
}

void FairSharing::settle(double now) {
  now_ = now;
  do {
    fill();
    account();
    std::sort(exceeded_.begin(), exceeded_.end());
    for (const LinkId link : exceeded_) {
      if (!links_[link].in_play && links_[link].used > links_[link].capacity * (1.0 + kRounding)) {
        bring_in(link);
      }
    }
    exceeded_.clear();
  } while (!touched_.empty());
}

void FairSharing::fill() {
  filling_ = 0.0;
  enqueue_touched();
  while (!queue_.empty()) {
    const QueueEntry entry = queue_.front();
    std::pop_heap(queue_.begin(), queue_.end(), LaterKey{});
    queue_.pop_back();
    if (entry.key != links_[entry.link].key || links_[entry.link].settled) {
      continue;  // superseded
    }
    links_[entry.link].key = kNever;
    filling_ = std::max(filling_, entry.key);
    visit(entry.link);
    enqueue_touched();
  }
}

// Carries the rates that changed into the links' use, and makes the touched links ready for the next change.
void FairSharing::account() {
  for (const Change& change : moved_) {
    account(change.flow, links_[bottleneck_[change.flow]].level - change.from);
  }
  for (const LinkId link : touched_) {
    const Link& l = links_[link];
    if (l.settled && l.level != l.before && l.before != kNever) {
      const FlowId* flows = waiting_.data(link);
      for (std::uint32_t i = 0, n = waiting_.size(link); i < n; ++i) {
        if (moves_[flows[i]] == 0) {
          account(flows[i], l.level - l.before);
        }
      }
    }
  }
  for (const Change& change : moved_) {
    moves_[change.flow] = 0;
  }
  moved_.clear();
  for (const LinkId link : touched_) {
    Link& l = links_[link];
    if (l.settled) {
      l.used = l.capacity;
    } else {  // nobody is held back here any more
      l.level = standing_[link] = kNever;
      clocks_[link].reading = 0.0;
      l.used = use_of(link);
      l.in_play = l.used > kSlack * l.capacity;
    }
    l.touched = l.released = l.settled = false;
    l.key = kNever;
    l.scanned = -1.0;
    reschedule(link);
  }
  touched_.clear();
  enqueued_ = 0;
}

// Summed afresh: running sums collect rounding.
double FairSharing::use_of(LinkId link) const {
  double used = 0.0;
  const Member* members = members_.data(link);
  for (std::uint32_t i = 0, n = members_.size(link); i < n; ++i) {
    used += members[i].weight * links_[bottleneck_[members[i].flow]].level;
  }
  return used;
}

void FairSharing::account(FlowId flow, double change) {
  for (std::uint32_t h = first_hop_[flow]; h < first_hop_[flow] + hops_[flow]; ++h) {
    Link& l = links_[hop_link_[h]];
    l.used += hop_weight_[h] * change;
    if (!l.in_play && l.used > l.capacity) {
      exceeded_.push_back(hop_link_[h]);
    }
  }
}

void FairSharing::visit(LinkId link) {
  Link& l = links_[link];
  double share = share_of(link);
  double key = key_of(link, share);
  while (key != kNever && (queue_.empty() || key <= queue_.front().key) && key > filling_) {
    filling_ = key;  // members behind untouched links come to rest on the way there
    share = share_of(link);
    key = key_of(link, share);
  }
  if (key > filling_) {
    enqueue(link, key);  // its turn comes later than it seemed
    return;
  }
  const bool held = !l.released && holds_back_flows(link);
  if (held && share > l.level + kRounding * l.level) {
    // No longer full when its flows reach the level they had: they rise on, and so does what they cross.
    release(link);
    enqueue(link, share);
    return;
  }
  saturate(link, held && share >= l.level - kRounding * l.level ? l.level : share);
}

void FairSharing::release(LinkId link) {
  links_[link].released = true;
  standing_[link] = kNever;
  const double level = links_[link].level;
  released_.assign(waiting_.data(link), waiting_.data(link) + waiting_.size(link));
  for (const FlowId flow : released_) {
    const std::uint32_t first = first_hop_[flow];
    const std::uint32_t end = first + hops_[flow];
    std::uint32_t h = first;
    while (h < end && !links_[hop_link_[h]].settled) {
      ++h;
    }
    if (h < end) {  // two bottlenecks at one level: it stays with the other
      move_to(flow, hop_link_[h]);
      continue;
    }
    for (h = first; h < end; ++h) {
      Link& l = links_[hop_link_[h]];
      if (l.touched && l.scanned >= level - kRounding * level && l.key > filling_ && hop_link_[h] != link) {
        enqueue(hop_link_[h], filling_);  // it counted this flow among those at rest
      }
      touch(hop_link_[h]);
    }
  }
}

void FairSharing::saturate(LinkId link, double level) {
  ++levels_solved_;
  Link& l = links_[link];
  const bool changed = level != l.level;
  if (changed) {
    clocks_[link] = {clock_at(link, now_), now_};
    l.level = level;
  }
  l.settled = true;
  const Member* members = members_.data(link);
  for (std::uint32_t i = 0, n = members_.size(link); i < n; ++i) {
    const FlowId flow = members[i].flow;
    if (rests(flow, link)) {
      continue;
    }
    const bool moves = bottleneck_[flow] != link;
    if (moves) {
      move_to(flow, link);
    }
    if (moves || (changed && !l.released)) {  // released flows have touched their routes
      touch_route_of(flow);
    }
  }
  standing_[link] = level;
}

void FairSharing::move_to(FlowId flow, LinkId bottleneck) {
  ++flows_moved_;
  const LinkId old = bottleneck_[flow];
  moves_[flow] = 1;
  moved_.push_back({flow, 0.0});
  if (old != links_.size()) {
    moved_.back().from = links_[old].touched ? links_[old].before : links_[old].level;
    finish_[flow] = std::max(0.0, finish_[flow] - clock_at(old, now_));
    erase(waiting_, old, flow);
  }
  finish_[flow] += clock_at(bottleneck, now_);
  bottleneck_[flow] = bottleneck;
  insert(waiting_, bottleneck, flow);
}

// ---- who finishes next -------------------------------------------------------------------------------------------

bool FairSharing::finishes_before(FlowId a, FlowId b) const {
  return finish_[a] != finish_[b] ? finish_[a] < finish_[b] : a < b;
}

void FairSharing::sift(FlowId* heap, std::uint32_t size, std::uint32_t slot) {
  const FlowId flow = heap[slot];
  while (slot > 0 && finishes_before(flow, heap[(slot - 1) / 2])) {
    heap[slot] = heap[(slot - 1) / 2];
    slot_[heap[slot]] = slot;
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
    slot_[heap[slot]] = slot;
    slot = child;
  }
  heap[slot] = flow;
  slot_[flow] = slot;
}

void FairSharing::insert(SlotLists<FlowId>& lists, LinkId link, FlowId flow) {
  lists.push_back(link, flow);
  sift(lists.data(link), lists.size(link), lists.size(link) - 1);
}

void FairSharing::erase(SlotLists<FlowId>& lists, LinkId link, FlowId flow) {
  const std::uint32_t slot = slot_[flow];
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
    due = clock.at + std::max(0.0, finish_[next] - clock.reading) / links_[link].level;
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

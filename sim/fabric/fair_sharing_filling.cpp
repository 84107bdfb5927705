// Filling in order of rising level, over what a change reaches.
#include <algorithm>
#include <cmath>

#include "sim/fabric/fair_sharing.h"

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

}  // namespace aifactory

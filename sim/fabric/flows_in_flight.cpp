#include "sim/fabric/flows_in_flight.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "sim/engine/signal.h"

namespace aifactory {

FlowsInFlight::FlowsInFlight(engine::Simulation& simulation, std::vector<double> capacity)
    : simulation_(simulation), capacity_(std::move(capacity)), share_(capacity_.size(), 1.0), sharing_(capacity_) {}

FlowsInFlight::FlowId FlowsInFlight::start(std::span<const LinkId> route, Bytes bytes, std::function<void()> done,
                                           double weight) {
  const FlowId flow = sharing_.add(route, weight, bytes.value(), now());
  if (flow >= done_.size()) {
    done_.resize(flow + std::size_t{1});
    bytes_.resize(done_.size());
  }
  done_[flow] = std::move(done);
  bytes_[flow] = bytes.value();
  changed();
  return flow;
}

Bytes FlowsInFlight::abort(FlowId flow) {
  settle();  // so that what it was given up to now is counted
  const Bytes left = remaining(flow);
  delivered_ += Bytes(bytes_[flow]) - left;
  sharing_.remove(flow);
  done_[flow] = nullptr;
  changed();
  return left;
}

void FlowsInFlight::degrade(LinkId link, double share) {
  share_[link] = share;
  sharing_.set_capacity(link, capacity_[link] * share);
  changed();
}

Bytes FlowsInFlight::remaining(FlowId flow) const {
  return Bytes(sharing_.remaining(flow, now()));
}

void FlowsInFlight::changed() {
  if (!simulation_.pending(settle_event_)) {
    settle_event_ = simulation_.after(
        engine::SimTime(), [this] { settle(); }, engine::Priority::kControl);
  }
}

void FlowsInFlight::settle() {
  sharing_.settle(now());
  simulation_.cancel(completion_event_);
  const double next = sharing_.next_completion();
  if (next != FairSharing::kNever) {
    const engine::SimTime date = std::max(simulation_.now(), engine::SimTime(Seconds(next)));
    completion_event_ = simulation_.at(
        date, [this] { complete(); }, engine::Priority::kCompletion);
  }
}

void FlowsInFlight::complete() {
  constexpr double kResolution = 0.5e-9;
  finished_.clear();
  sharing_.complete(now() + kResolution, finished_);
  changed();
  // Callbacks may start flows that reuse these ids.
  std::vector<std::function<void()>> callbacks;
  for (const FairSharing::Completion& completion : finished_) {
    delivered_ += Bytes(bytes_[completion.flow]);
    callbacks.push_back(std::exchange(done_[completion.flow], nullptr));
  }
  for (const auto& callback : callbacks) {
    callback();
  }
}

engine::Process transfer(engine::Simulation&, FlowsInFlight& network, std::vector<std::uint32_t> route, Bytes bytes) {
  // Shared with the callback: an interrupted process is gone when its bytes arrive.
  const auto arrived = std::make_shared<engine::Signal>();
  network.start(route, bytes, [arrived] { arrived->trigger(); });
  co_await *arrived;
}

}  // namespace aifactory

#include "sim/fabric/flows_in_flight.h"

#include <gtest/gtest.h>

namespace aifactory {
namespace {

using Route = std::vector<std::uint32_t>;

TEST(FlowsInFlight, FinishInSimulatedTime) {
  engine::Simulation simulation;
  FlowsInFlight network(simulation, {10.0, 10.0});
  std::vector<double> ends;
  const auto note = [&] { ends.push_back(simulation.now().seconds().value()); };
  network.start(Route{0}, Bytes(50.0), note);
  network.start(Route{0, 1}, Bytes(100.0), note);
  simulation.run();
  ASSERT_EQ(ends.size(), 2u);
  EXPECT_NEAR(ends[0], 10.0, 1e-8);
  EXPECT_NEAR(ends[1], 15.0, 1e-8);
  EXPECT_DOUBLE_EQ(network.delivered().value(), 150.0);
}

TEST(FlowsInFlight, FailureStopsAndRepairResumes) {
  engine::Simulation simulation;
  FlowsInFlight network(simulation, {10.0});
  double end = 0.0;
  network.start(Route{0}, Bytes(100.0), [&] { end = simulation.now().seconds().value(); });
  simulation.after(Seconds(4.0), [&] { network.fail(0); });
  simulation.after(Seconds(7.0), [&] { network.repair(0); });
  simulation.run();
  EXPECT_NEAR(end, 13.0, 1e-8);
}

TEST(FlowsInFlight, AbortReturnsWhatIsLeftAndFreesTheShare) {
  engine::Simulation simulation;
  FlowsInFlight network(simulation, {10.0});
  double end = 0.0;
  Bytes left{};
  const auto doomed = network.start(Route{0}, Bytes(1000.0), [] { FAIL(); });
  network.start(Route{0}, Bytes(100.0), [&] { end = simulation.now().seconds().value(); });
  simulation.after(Seconds(10.0), [&] { left = network.abort(doomed); });
  simulation.run();
  EXPECT_NEAR(left.value(), 950.0, 1e-6);
  EXPECT_NEAR(end, 15.0, 1e-8);
  EXPECT_NEAR(network.delivered().value(), 150.0, 1e-6);
}

engine::Process two_transfers(engine::Simulation& simulation, FlowsInFlight& network, double& end) {
  const Route route(1, 0u);
  co_await simulation.spawn(transfer(simulation, network, route, Bytes(20.0)));
  co_await simulation.spawn(transfer(simulation, network, route, Bytes(30.0)));
  end = simulation.now().seconds().value();
}

TEST(FlowsInFlight, ProcessesWaitForTransfers) {
  engine::Simulation simulation;
  FlowsInFlight network(simulation, {10.0});
  double end = 0.0;
  simulation.spawn(two_transfers(simulation, network, end));
  simulation.run();
  EXPECT_NEAR(end, 5.0, 1e-8);
}

}  // namespace
}  // namespace aifactory

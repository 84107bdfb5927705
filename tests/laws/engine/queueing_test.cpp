// Queues with known answers. Each simulated mean must have its closed form inside its 99 % confidence interval, and the
// interval must be narrow: an answer that is 5 % off lies outside, so these tests can fail.
#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "sim/engine/process.h"
#include "sim/engine/resource.h"
#include "tests/laws/engine/batch_means.h"

namespace aifactory::engine {
namespace {

void expect_mean(const BatchMeans& simulated, double expected) {
  EXPECT_TRUE(simulated.contains(expected))
      << simulated.mean() << " +- " << simulated.half_width() << " against " << expected;
  EXPECT_FALSE(simulated.contains(1.05 * expected));
  EXPECT_FALSE(simulated.contains(0.95 * expected));
}

// Customers arrive at random, queue for one of the servers, are served and leave. Time unit: 1 s.
class Queue {
 public:
  Queue(std::uint64_t servers, double arrival_rate, std::function<double(RandomStream&)> service_time)
      : servers_(servers), mean_gap_(1.0 / arrival_rate), service_time_(std::move(service_time)) {}

  Simulation& simulation() { return simulation_; }

  // Runs a warm-up and then the batches.
  void run(double batch_seconds) {
    simulation_.spawn(arrivals());
    simulation_.run_until(Seconds(batch_seconds));
    for (int batch = 1; batch <= BatchMeans::kBatches; ++batch) {
      waits_ = {};
      times_in_system_ = {};
      const double area = in_system_.integral(simulation_.now());
      simulation_.run_until(simulation_.now() + Seconds(batch_seconds));
      mean_wait.add_batch(waits_.mean());
      mean_time_in_system.add_batch(times_in_system_.mean());
      mean_in_system.add_batch((in_system_.integral(simulation_.now()) - area) / batch_seconds);
    }
  }

  BatchMeans mean_wait;
  BatchMeans mean_time_in_system;
  BatchMeans mean_in_system;

 private:
  Process arrivals() {
    for (;;) {
      co_await delay(Seconds(gaps_.exponential(mean_gap_)));
      simulation_.spawn(customer());
    }
  }
  Process customer() {
    const SimTime arrived = simulation_.now();
    in_system_.add(arrived, 1.0);
    auto server = servers_.request();
    co_await server;
    waits_.add((simulation_.now() - arrived).seconds().value());
    co_await delay(Seconds(service_time_(services_)));
    in_system_.add(simulation_.now(), -1.0);
    times_in_system_.add((simulation_.now() - arrived).seconds().value());
  }

  Simulation simulation_{{.seed = 20}};
  Resource servers_;
  double mean_gap_;
  std::function<double(RandomStream&)> service_time_;
  RandomStream gaps_ = simulation_.stream("queue", "arrivals");
  RandomStream services_ = simulation_.stream("queue", "services");
  TimeWeighted in_system_;
  RunningMoments waits_;
  RunningMoments times_in_system_;
};

TEST(Queueing, OneExponentialServerKeepsRhoOverOneMinusRhoInTheSystem) {
  const double lambda = 0.7;
  const double mu = 1.0;
  Queue queue(1, lambda, [mu](RandomStream& random) { return random.exponential(1.0 / mu); });
  queue.run(20'000.0);
  const double rho = lambda / mu;
  expect_mean(queue.mean_in_system, rho / (1.0 - rho));
  expect_mean(queue.mean_time_in_system, 1.0 / (mu - lambda));
  expect_mean(queue.mean_wait, rho / (mu - lambda));
}

TEST(Queueing, OneConstantServerHalvesTheWait) {  // Pollaczek-Khinchine without variance
  const double lambda = 0.8;
  const double mu = 1.0;
  Queue queue(1, lambda, [mu](RandomStream&) { return 1.0 / mu; });
  queue.run(20'000.0);
  const double rho = lambda / mu;
  expect_mean(queue.mean_wait, rho / (2.0 * mu * (1.0 - rho)));
  expect_mean(queue.mean_in_system, rho + rho * rho / (2.0 * (1.0 - rho)));
}

TEST(Queueing, SeveralExponentialServersWaitAsErlangSays) {
  const int servers = 5;
  const double lambda = 4.0;
  const double mu = 1.0;
  Queue queue(servers, lambda, [mu](RandomStream& random) { return random.exponential(1.0 / mu); });
  queue.run(20'000.0);
  // Erlang C: the probability to wait, from Erlang B's recursion.
  const double load = lambda / mu;
  double blocked = 1.0;
  for (int k = 1; k <= servers; ++k) {
    blocked = load * blocked / (k + load * blocked);
  }
  const double rho = load / servers;
  const double waits = blocked / (1.0 - rho * (1.0 - blocked));
  const double wait = waits / (servers * mu - lambda);
  expect_mean(queue.mean_wait, wait);
  expect_mean(queue.mean_in_system, lambda * (wait + 1.0 / mu));
}

// Machines that fail, repairmen who repair them one at a time: a closed network.
class Shop {
 public:
  Shop(int machines, std::uint64_t repairmen, double mttf, double mttr)
      : repairmen_(repairmen), mttf_(mttf), mttr_(mttr) {
    for (int i = 0; i < machines; ++i) {
      simulation_.spawn(machine(simulation_.stream("machine/" + std::to_string(i), "failures")));
    }
  }
  Simulation& simulation() { return simulation_; }

  BatchMeans mean_down(double batch_seconds) {
    BatchMeans mean;
    simulation_.run_until(Seconds(batch_seconds));
    for (int batch = 1; batch <= BatchMeans::kBatches; ++batch) {
      const double area = down_.integral(simulation_.now());
      simulation_.run_until(simulation_.now() + Seconds(batch_seconds));
      mean.add_batch((down_.integral(simulation_.now()) - area) / batch_seconds);
    }
    return mean;
  }

 private:
  Process machine(RandomStream random) {
    for (;;) {
      co_await delay(Seconds(random.exponential(mttf_)));
      down_.add(simulation_.now(), 1.0);
      {
        auto repairman = repairmen_.request();
        co_await repairman;
        co_await delay(Seconds(random.exponential(mttr_)));
      }
      down_.add(simulation_.now(), -1.0);
    }
  }

  Simulation simulation_{{.seed = 3}};
  Resource repairmen_;
  double mttf_;
  double mttr_;
  TimeWeighted down_;
};

TEST(Queueing, MachineRepairFollowsItsBirthAndDeathChain) {
  const int machines = 8;
  const int repairmen = 2;
  const double mttf = 10.0;
  const double mttr = 3.0;
  // p[n+1] * repair_rate(n+1) = p[n] * failure_rate(n), n machines down.
  std::vector<double> p = {1.0};
  double sum = 1.0;
  double weighted = 0.0;
  for (int n = 0; n < machines; ++n) {
    const double fails = (machines - n) / mttf;
    const double repairs = std::min(n + 1, repairmen) / mttr;
    p.push_back(p.back() * fails / repairs);
    sum += p.back();
    weighted += (n + 1) * p.back();
  }
  expect_mean(Shop(machines, repairmen, mttf, mttr).mean_down(20'000.0), weighted / sum);
}

}  // namespace
}  // namespace aifactory::engine

#include "sim/site/site_simulation.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "sim/engine/process.h"
#include "sim/engine/random_stream.h"
#include "sim/engine/simulation.h"
#include "sim/site/site_books.h"
#include "sim/site/workload_hour.h"

namespace aifactory {

WeatherYear draw_weather(const Climate& climate, const std::string& site_id, std::uint64_t seed) {
  engine::RandomStream random(seed, "site/" + site_id, "weather");
  std::vector<double> normals(static_cast<std::size_t>(kHoursPerYear));
  for (double& normal : normals) {
    normal = random.normal(0.0, 1.0);
  }
  return WeatherYear(climate, normals);
}

Watts meter_limit(Watts envelope, PowerBoundary boundary, const PowerChain& chain) {
  return chain.convert(envelope, boundary, PowerBoundary::kPeakFacility);
}

namespace {

class SiteRun {
 public:
  explicit SiteRun(const SiteInputs& inputs) : inputs_(inputs), grid_(inputs.site.grid, inputs.limit), books_(inputs) {
    for (const FleetGroup& group : inputs.fleet) {
      ladders_.emplace_back(group.system.accelerator, inputs.minimum_cap);
      const Watts racks = group.system.rack_power * static_cast<double>(group.racks);
      rated_it_ += racks * (1.0 + group.system.network_power_fraction);
    }
    for (const ServingLoad& load : inputs.serving) {
      serving_.emplace_back(load, inputs.fleet[load.group], inputs.site.design.availability, inputs.minimum_cap);
      priorities_.push_back(load.priority);
    }
    for (const TrainingLoad& load : inputs.training) {
      priorities_.push_back(load.priority);
    }
    std::sort(priorities_.begin(), priorities_.end());
    priorities_.erase(std::unique(priorities_.begin(), priorities_.end()), priorities_.end());
    steps_.assign(priorities_.size(), 0);
    hour_.serving.resize(inputs.serving.size());
    hour_.training.resize(inputs.training.size());
    heat_.resize(inputs.fleet.size());
    accelerators_.resize(inputs.fleet.size());
  }

  engine::Process hours(engine::Simulation& /*simulation*/) {
    for (int hour = 0; hour < kHoursPerYear; ++hour) {
      live(hour);
      co_await engine::delay(kHour);
    }
  }

  SiteYear finish() { return books_.close(grid_.annual_charge(inputs_.limit * inputs_.site.design.contracted_margin)); }

 private:
  void live(int hour) {
    const SupplyHour supply = grid_.at(hour);
    limit_ = min(inputs_.limit, supply.available);
    fit_under_limit(hour);
    books_.add(inputs_.weather.at(hour), supply, hour_);
  }

  // The lightest caps that fit: a priority is capped only when everything below it is at its lowest. Starts from the
  // caps of the hour before, because hours resemble each other.
  void fit_under_limit(int hour) {
    evaluate(hour);
    for (std::size_t p = 0; p < steps_.size(); ++p) {
      while (!fits() && steps_[p] < CapLadder::kSteps) {
        ++steps_[p];
        evaluate(hour);
      }
    }
    if (!fits()) {
      return;  // even the lowest caps are too much: the books count the hour as over the limit
    }
    for (std::size_t p = steps_.size(); p-- > 0;) {
      while (steps_[p] > 0) {
        --steps_[p];
        evaluate(hour);
        if (!fits()) {
          ++steps_[p];
          evaluate(hour);
          return;
        }
      }
    }
  }

  [[nodiscard]] bool fits() const { return hour_.facility.facility <= limit_; }

  [[nodiscard]] int step_of(int priority) const {
    const auto at = std::lower_bound(priorities_.begin(), priorities_.end(), priority);
    return steps_[static_cast<std::size_t>(at - priorities_.begin())];
  }

  void evaluate(int hour) {
    for (std::size_t g = 0; g < inputs_.fleet.size(); ++g) {
      accelerators_[g] = idle_power(inputs_.fleet[g].system.accelerator) * inputs_.fleet[g].accelerators();
    }
    const auto busy = [this](std::size_t group, double count, Watts power) {
      accelerators_[group] += power - idle_power(inputs_.fleet[group].system.accelerator) * count;
    };
    for (std::size_t i = 0; i < serving_.size(); ++i) {
      const ServingLoad& load = inputs_.serving[i];
      hour_.serving[i] = serving_[i].at(hour, step_of(load.priority));
      busy(load.group, load.accelerators, hour_.serving[i].accelerators);
    }
    for (std::size_t i = 0; i < inputs_.training.size(); ++i) {
      const TrainingLoad& load = inputs_.training[i];
      hour_.training[i] = training_hour(load, inputs_.fleet[load.group].system.accelerator, ladders_[load.group],
                                        step_of(load.priority));
      busy(load.group, load.accelerators, hour_.training[i].accelerators);
    }
    hour_.it = hour_.accelerators = hour_.hosts = hour_.network = Watts{};
    for (std::size_t g = 0; g < inputs_.fleet.size(); ++g) {
      const FleetGroup& group = inputs_.fleet[g];
      const auto racks = static_cast<double>(group.racks);
      const Watts rack =
          group.racks > 0 ? rack_power_at(group.system, accelerators_[g] / group.accelerators()) * racks : Watts{};
      const Watts network = group.system.rack_power * (group.system.network_power_fraction * racks);
      heat_[g] = heat_of(group.system, rack, network);
      hour_.accelerators += accelerators_[g];
      hour_.hosts += rack - accelerators_[g];
      hour_.network += network;
      hour_.it += rack + network;
    }
    hour_.facility = facility_at(inputs_.site, inputs_.weather.at(hour), heat_, rated_it_);
  }

  const SiteInputs& inputs_;
  GridSupply grid_;
  SiteBooks books_;
  std::vector<CapLadder> ladders_;  // by group
  std::vector<ServingState> serving_;
  std::vector<int> priorities_;  // distinct, increasing
  std::vector<int> steps_;       // cap step of each priority, carried from hour to hour
  Watts rated_it_{};
  Watts limit_{};  // of the present hour
  SiteHour hour_;
  std::vector<HeatLoad> heat_;       // by group
  std::vector<Watts> accelerators_;  // by group
};

void check(const SiteInputs& inputs) {
  if (inputs.weather.hours().size() != static_cast<std::size_t>(kHoursPerYear)) {
    throw std::invalid_argument("site " + inputs.site.id + ": weather of a whole year is needed");
  }
  std::vector<double> assigned(inputs.fleet.size(), 0.0);
  const auto assign = [&](const std::string& id, std::size_t group, double accelerators) {
    if (group >= inputs.fleet.size()) {
      throw std::invalid_argument("workload " + id + ": its fleet group does not exist");
    }
    assigned[group] += accelerators;
  };
  for (const ServingLoad& load : inputs.serving) {
    assign(load.id, load.group, load.accelerators);
  }
  for (const TrainingLoad& load : inputs.training) {
    assign(load.id, load.group, load.accelerators);
  }
  for (std::size_t g = 0; g < inputs.fleet.size(); ++g) {
    if (assigned[g] > inputs.fleet[g].accelerators() * (1.0 + 1e-12)) {
      throw std::invalid_argument("fleet group " + inputs.fleet[g].id + ": more accelerators assigned than it has");
    }
  }
}

}  // namespace

SiteYear simulate_site_year(const SiteInputs& inputs) {
  check(inputs);
  SiteRun run(inputs);
  engine::Simulation simulation;
  simulation.spawn(run.hours(simulation), simulation.entity("site/" + inputs.site.id));
  simulation.run();
  return run.finish();
}

}  // namespace aifactory

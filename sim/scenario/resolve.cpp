#include <algorithm>
#include <string>

#include "models/catalog/calibration_table.h"
#include "models/catalog/collective_table.h"
#include "models/catalog/energy_table.h"
#include "models/catalog/field_table.h"
#include "models/catalog/llm_table.h"
#include "models/catalog/price_table.h"
#include "models/catalog/reliability_table.h"
#include "models/catalog/site_table.h"
#include "models/catalog/system_table.h"
#include "models/catalog/trace_reader.h"
#include "sim/scenario/resolved.h"
#include "sim/serving/layout_choice.h"

namespace aifactory {

namespace {

std::string at(const char* list, std::size_t index, const char* member) {
  return "/" + std::string(list) + "/" + std::to_string(index) + "/" + member;
}

class Resolver {
 public:
  Resolver(const Scenario& scenario, const Catalog& catalog, ReadLog& log, Problems& problems)
      : scenario_(scenario), catalog_(catalog), log_(log), problems_(problems) {}

  Resolved resolve() {
    Resolved out;
    out.scenario = scenario_;
    load(out.prices, price_table(), "prices", scenario_.economics.prices, "/economics/prices");
    if (scenario_.economics.wacc) {
      out.prices.finance.wacc = *scenario_.economics.wacc;
    }
    for (std::size_t i = 0; i < scenario_.sites.size(); ++i) {
      out.sites.push_back(site(i));
    }
    for (std::size_t i = 0; i < scenario_.fleet.size(); ++i) {
      out.fleets.push_back(fleet(i));
    }
    for (std::size_t i = 0; i < scenario_.workloads.size(); ++i) {
      out.workloads.push_back(workload(i, out));
    }
    check_shares(out);
    return out;
  }

 private:
  void problem(const std::string& pointer, const std::string& message, const std::string& hint) {
    problems_.add(scenario_.file, pointer, message, hint);
  }

  template <class T>
  void load(T& into, const ObjectTable<T>& table, const char* kind, const std::string& id, const std::string& pointer) {
    ReadContext asker(problems_, scenario_.file);
    asker.catalog = &catalog_;
    asker.log = &log_;
    asker.set_pointer(pointer);
    if (std::optional<T> value = load_entry(table, kind, id, asker)) {
      into = std::move(*value);
    }
  }

  ResolvedSite site(std::size_t index) {
    ResolvedSite out;
    out.spec = scenario_.sites[index];
    load(out.site, site_table(), "sites", out.spec.location, at("sites", index, "location"));
    if (!out.spec.facility.empty()) {
      load(out.site.design, facility_table(), "facilities", out.spec.facility, at("sites", index, "facility"));
    }
    if (!out.spec.energy.empty()) {
      load(out.site.grid, energy_table(), "energy", out.spec.energy, at("sites", index, "energy"));
    }
    if (out.spec.energy_price) {
      out.site.grid.wholesale = *out.spec.energy_price;
      out.site.grid.delivery = UsdPerJoule{};
      out.site.grid.capacity = {};
      out.site.grid.price_shape = DailyShape{};
    }
    return out;
  }

  // The element that a name points to: the only one when the name is left out.
  template <class Spec>
  std::size_t named(const std::vector<Spec>& list, const std::string& id, const std::string& pointer,
                    const char* what) {
    if (id.empty() && list.size() == 1) {
      return 0;
    }
    std::string known;
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (list[i].id == id) {
        return i;
      }
      known += (i == 0 ? "" : ", ") + list[i].id;
    }
    if (id.empty()) {
      problem(pointer, std::string("there are several ") + what + "s, and none is named", "one of: " + known);
    } else {
      problem(pointer, std::string("no ") + what + " \"" + id + "\" in this scenario", "one of: " + known);
    }
    return 0;
  }

  ResolvedFleet fleet(std::size_t index) {
    ResolvedFleet out;
    out.spec = scenario_.fleet[index];
    out.site = named(scenario_.sites, out.spec.site, at("fleet", index, "site"), "site");
    load(out.system, system_table(), "systems", out.spec.system, at("fleet", index, "system"));
    load(out.failures, reliability_table(), "reliability", out.spec.reliability, at("fleet", index, "reliability"));
    if (!out.system.accelerator.id.empty()) {
      load_performance(out);
    }
    return out;
  }

  // What was measured of the accelerator's kernels and links, or is carried over from its nearest relative.
  void load_performance(ResolvedFleet& out) {
    const auto calibration = load_calibration(catalog_, out.system.accelerator, &log_);
    out.kernels = std::make_shared<const KernelModel>(out.system.accelerator, calibration, Clocking::kSustained);
    out.network = std::make_shared<const CollectiveLaw>(load_collective_law(catalog_, out.system.accelerator, &log_));
    // Whatever calibration files and laws were read so far decide, and only they.
    for (const auto& [entry, hash] : log_.entries()) {
      if (entry.first == "calibration") {
        out.kernels_hash += hash;
      } else if (entry.first == "fabrics") {
        out.network_hash += hash;
      }
    }
  }

  ResolvedWorkload workload(std::size_t index, const Resolved& so_far) {
    ResolvedWorkload out;
    out.spec = scenario_.workloads[index];
    out.fleet = named(scenario_.fleet, out.spec.fleet, at("workloads", index, "fleet"), "fleet");
    load(out.model, llm_table(), "llms", out.spec.llm, at("workloads", index, "llm"));
    for (const auto& [entry, hash] : log_.entries()) {
      if (entry.first == "llms" && entry.second == out.model.id) {
        out.model_hash = hash;
      }
    }
    if (out.fleet < so_far.fleets.size()) {
      out.formats = formats(out, so_far.fleets[out.fleet].system.accelerator, index);
    }
    if (out.spec.kind == WorkloadKind::kServing) {
      resolve_serving(out, index, so_far.prices);
    }
    return out;
  }

  NumericFormats formats(const ResolvedWorkload& workload, const Accelerator& accelerator, std::size_t index) {
    const auto uniform = [](GemmFormat format) {
      NumericFormats all;
      all.dense = format;
      all.experts = format;
      return all;
    };
    switch (workload.spec.precision) {
      case MatmulFormat::kBf16:
        return uniform(GemmFormat::kBf16);
      case MatmulFormat::kFp8:
        require(accelerator, Precision::kFp8, index);
        return uniform(GemmFormat::kFp8);
      case MatmulFormat::kFp4:
        require(accelerator, Precision::kFp4, index);
        return uniform(GemmFormat::kFp4);
      case MatmulFormat::kNative:
        break;
    }
    if (workload.spec.kind == WorkloadKind::kTraining) {
      return uniform(GemmFormat::kBf16);
    }
    return served_formats(workload.model, accelerator);
  }

  void require(const Accelerator& accelerator, Precision precision, std::size_t index) {
    if (accelerator.supports(precision) || accelerator.id.empty()) {
      return;
    }
    std::string known;
    for (std::size_t i = 0; i < kPrecisionCount; ++i) {
      if (accelerator.supports(static_cast<Precision>(i))) {
        known += (known.empty() ? "" : ", ") + std::string(kPrecisionNames[i]);
      }
    }
    problem(at("workloads", index, "precision"),
            accelerator.id + " has no published " + std::string(name(precision)) + " rate", "it multiplies " + known);
  }

  void resolve_serving(ResolvedWorkload& out, std::size_t index, const PriceBook& book) {
    const ServingWorkload& serving = out.spec.serving;
    out.mix.arrivals = serving.arrivals;
    out.mix.prompt = serving.prompt.distribution();
    out.mix.output = serving.output.distribution();
    out.mix.cached_fraction = serving.cached_fraction;
    if (!serving.trace.empty()) {
      try {
        out.mix.trace = std::make_shared<const Trace>(read_trace(serving.trace));
      } catch (const ConfigError& error) {
        for (const Problem& found : error.problems()) {
          problems_.add(found.file, found.pointer, found.message,
                        found.hint.empty() ? "named at " + at("workloads", index, "trace") : found.hint);
        }
      }
    }
    if (serving.demand) {
      out.demand = *serving.demand;
    } else if (scenario_.demand) {
      out.demand = *scenario_.demand;
    } else if (out.mix.trace) {
      out.replayed = true;
    } else {
      out.demand.peak_utilization = 0.9;
      out.demand.peak_to_mean = 1.0;
    }
    out.prices = book.tokens;
    for (const TokenPriceSpec* stated : {&scenario_.economics.token_price, &serving.price}) {
      out.prices.input = stated->input.value_or(out.prices.input);
      out.prices.cached = stated->cached.value_or(out.prices.cached);
      out.prices.output = stated->output.value_or(out.prices.output);
    }
  }

  void check_shares(const Resolved& resolved) {
    std::vector<double> taken(scenario_.fleet.size(), 0.0);
    for (std::size_t w = 0; w < resolved.workloads.size(); ++w) {
      double& share = taken[resolved.workloads[w].fleet];
      share += resolved.workloads[w].spec.share;
      constexpr double kRounding = 1e-9;
      if (share > 1.0 + kRounding) {
        problem(
            at("workloads", w, "share"),
            "the workloads of fleet " + scenario_.fleet[resolved.workloads[w].fleet].id + " take more than all of it",
            "shares on one fleet add up to at most 1");
      }
    }
  }

  const Scenario& scenario_;
  const Catalog& catalog_;
  ReadLog& log_;
  Problems& problems_;
};

}  // namespace

Resolved resolve(const Scenario& scenario, const Catalog& catalog, ReadLog& log, Problems& problems) {
  return Resolver(scenario, catalog, log, problems).resolve();
}

}  // namespace aifactory

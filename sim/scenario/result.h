// What a run found. Results are values: they are written, compared, explained and reported, never updated in place.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "models/hardware/evidence.h"

namespace aifactory {

// A number with its unit, its 80 % band (P10, P90; absent where nothing uncertain feeds it) and its evidence grade.
struct Metric {
  double value = 0.0;
  std::string unit;
  std::optional<double> low;
  std::optional<double> high;
  Grade grade = Grade::kTransferred;
};

// Equally spaced samples over simulated time.
struct Series {
  std::string unit;
  double step_seconds = 3600.0;
  std::vector<double> values;
};

using Cell = std::variant<std::string, double>;

struct Table {
  std::vector<std::string> columns;  // a unit follows in brackets where the column has one
  std::vector<std::vector<Cell>> rows;
};

// A catalogue fact the run read.
struct ProvenanceRow {
  std::string entry;    // "accelerators/gb200"
  std::string pointer;  // "/memory_bandwidth"
  std::string value;    // as printed, with its unit
  std::string source;   // keys of configs/sources.json, comma-separated
  std::string as_of;
  Evidence evidence = Evidence::kEstimate;
  Confidence confidence = Confidence::kLow;
};

// One balance the run holds against itself: what went in equals what came out, was stored or is named as lost.
struct Check {
  std::string name;
  double residual = 0.0;  // relative
  double tolerance = 0.0;
  [[nodiscard]] bool ok() const { return residual <= tolerance; }
};

enum class RunStatus { kOk, kInfeasible };

// An uncertain input and how far it moves one metric across its own band; largest first.
struct Driver {
  std::string metric;
  std::string input;  // "systems/gb200_nvl72/rack_power"
  double at_low = 0.0;
  double at_high = 0.0;
};

struct Result {
  RunStatus status = RunStatus::kOk;
  std::string reason;  // why it is infeasible; empty otherwise
  std::string title;
  std::string question;
  std::uint64_t seed = 0;
  std::map<std::string, std::string> inputs;  // "scenario", "catalogue", "calibration", "traces" -> sha256
  std::map<std::string, std::string> varied;  // pointer -> value of a --vary run
  std::map<std::string, Metric> metrics;
  std::map<std::string, Series> series;
  std::map<std::string, Table> tables;
  std::vector<ProvenanceRow> provenance;
  std::vector<Check> checks;
  std::vector<Driver> drivers;
};

}  // namespace aifactory

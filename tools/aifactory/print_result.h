// A Result as people read it: the answer first, then what is behind it.
#pragma once

#include <string>
#include <vector>

#include "sim/scenario/result.h"
#include "tools/aifactory/text_table.h"

namespace aifactory {

// One screen: title, metrics by group with bands and grades, power chain, capex, drivers, failed checks.
std::string result_screen(const Result& result);

// Rows are metrics, columns the varied values: the table of generations.
std::string comparison_screen(const std::vector<Result>& results);

// metric, value, unit, low, high, grade; with a column for each varied pointer.
TextTable metrics_table(const std::vector<Result>& results);

// "low to high", or empty without a band.
std::string band_text(const Metric& metric, bool fraction);
bool is_fraction(const std::string& metric);

}  // namespace aifactory

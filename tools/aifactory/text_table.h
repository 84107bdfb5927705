// Rows of text as people, spreadsheets and pull requests read them, and numbers in human form.
#pragma once

#include <string>
#include <vector>

#include "sim/scenario/result.h"

namespace aifactory {

struct TextTable {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
};

// Aligned columns, numbers (cells that start with a digit, sign or dot) to the right; `indent` spaces in front.
std::string render_text(const TextTable& table, int indent = 0);
std::string render_markdown(const TextTable& table);
// RFC 4180 with LF.
std::string render_csv(const TextTable& table);

// "1.05 GW", "8.76 TWh", "42.3 B USD", "417,600", "93.4 %": four significant digits. `unit` as in the metric table;
// `fraction` prints dimensionless values as percent.
std::string human(double value, const std::string& unit, bool fraction = false);

// Cells of a result's table; numbers in four significant digits.
TextTable to_text(const Table& table);
// The same with shortest round-trip numbers.
TextTable to_exact_text(const Table& table);

}  // namespace aifactory

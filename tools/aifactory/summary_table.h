// Errors of a backtest, over all of it and by group, as a table.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sim/study/backtest_report.h"
#include "tools/aifactory/text_table.h"

namespace aifactory {

TextTable summary_table(const BacktestReport& report);

// The same rows of two reports side by side.
TextTable change_table(const BacktestReport& before, const BacktestReport& after);

// "skipped N: reason" a line, empty when nothing was.
std::string skipped_lines(const std::vector<std::pair<std::string, std::string>>& skipped);

}  // namespace aifactory

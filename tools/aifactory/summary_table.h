// Errors of a backtest, over all of it and by group, as a table.
#pragma once

#include "sim/study/backtest_report.h"
#include "tools/aifactory/text_table.h"

namespace aifactory {

TextTable summary_table(const BacktestReport& report);

}  // namespace aifactory

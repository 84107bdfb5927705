#include "sim/study/backtest_rows.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace aifactory {

std::string group_of(const MeasuredRow& row, const std::vector<std::string>& by) {
  std::string group;
  for (const std::string& column : by) {
    group += (group.empty() ? "" : "/") + row.text(column);
  }
  return group;
}

void check_columns(const MeasuredColumns& columns, const std::vector<std::string>& by) {
  for (const std::string& column : by) {
    if (!columns.find(column)) {
      throw ConfigError("--by", "", fmt::format("the rows have no column \"{}\"", brief(column, 60)),
                        fmt::format("{}", fmt::join(columns.names, ", ")));
    }
  }
}

}  // namespace aifactory

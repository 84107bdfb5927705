#include "sim/study/size.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "models/catalog/config_error.h"
#include "models/catalog/suggest.h"
#include "models/power/boundary.h"
#include "models/units/unit_text.h"

namespace aifactory {

namespace {

std::pair<std::string, std::string> split_envelope(const std::string& text) {
  const std::vector<std::string> names(kPowerBoundaryNames.begin(), kPowerBoundaryNames.end());
  const std::size_t space = text.find_last_of(' ');
  const std::string boundary = space == std::string::npos ? "" : text.substr(space + 1);
  if (std::find(names.begin(), names.end(), boundary) == names.end()) {
    const std::string near = suggestion(boundary, names);
    throw ConfigError(
        "size", "", "\"" + text + "\" does not end in a power boundary",
        near.empty()
            ? "e.g. \"1 GW contracted\"; one of: chip, rack, critical_it, average_facility, peak_facility, contracted"
            : near);
  }
  const std::string power = text.substr(0, text.find_last_not_of(' ', space) + 1);
  try {
    static_cast<void>(parse<Watts>(power));
  } catch (const UnitError& error) {
    throw ConfigError("size", "", error.what(), "e.g. \"1 GW contracted\"");
  }
  return {power, boundary};
}

}  // namespace

nlohmann::json size_scenario(const SizeQuestion& question) {
  const auto [power, boundary] = split_envelope(question.envelope);
  return {{"schema", "scenario/1"},
          {"sites", {{{"location", question.site}, {"power", power}, {"boundary", boundary}}}},
          {"fleet", {{{"system", question.system}}}},
          {"workloads", {{{"kind", "serving"}, {"llm", question.llm}}}}};
}

}  // namespace aifactory

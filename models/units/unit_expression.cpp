#include "models/units/unit_expression.h"

#include <fmt/format.h>

#include <cstddef>

#include "models/units/unit_table.h"

namespace aifactory::detail {
namespace {

constexpr int kMostFactors = 8;  // keeps exponents and scales small; nobody writes longer units

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  UnitExpression read() {
    Unit result;
    skip_reciprocal_one();
    bool dividing = take_division();
    do {
      const std::optional<Unit> next = product(dividing);
      if (!next) {
        return {std::nullopt, problem_, unknown_};
      }
      if (next->offset != 0.0) {
        result.offset = next->offset;
      }
      result.dimension = dividing ? result.dimension / next->dimension : result.dimension * next->dimension;
      result.multiply *= dividing ? next->divide : next->multiply;
      result.divide *= dividing ? next->multiply : next->divide;
      dividing = take_division();
    } while (dividing);
    if (!rest_.empty()) {
      return {std::nullopt, fmt::format("unexpected '{}'; join units with '/' or '-'", rest_), {}};
    }
    if (result.offset != 0.0 && factors_ > 1) {
      return {std::nullopt, "degC has an offset and stands alone; in a compound unit use K", {}};
    }
    return {result, {}, {}};
  }

 private:
  std::optional<Unit> product(bool dividing) {
    Unit result;
    const char* before = dividing ? " after '/'" : "";
    do {
      const std::string_view name = take_factor();
      if (name.empty()) {
        problem_ = fmt::format("a unit is missing{}", before);
        return std::nullopt;
      }
      const std::optional<Unit> factor = find_unit(name);
      if (!factor) {
        unknown_ = name;
        problem_ = fmt::format("unknown unit '{}'", name);
        return std::nullopt;
      }
      if (++factors_ > kMostFactors) {
        problem_ = fmt::format("more than {} factors", kMostFactors);
        return std::nullopt;
      }
      result.dimension = result.dimension * factor->dimension;
      result.multiply *= factor->multiply;
      result.divide *= factor->divide;
      if (factor->offset != 0.0) {
        result.offset = factor->offset;
      }
      before = " after '-' or '*'";
    } while (take('-') || take('*'));
    return result;
  }

  // The 1 of "1/s" and "1 per year". Elsewhere 1 is no unit: "s-1" must not be read as a second.
  void skip_reciprocal_one() {
    const std::string_view before = rest_;
    if (!rest_.empty() && rest_.front() == '1') {
      rest_.remove_prefix(1);
      skip_spaces();
      rest_ = starts_division() ? rest_ : before;
    }
  }

  std::string_view take_factor() {
    skip_spaces();
    const std::string_view name = rest_.substr(0, rest_.find_first_of(" /*-"));
    rest_.remove_prefix(name.size());
    return name;
  }

  bool take_division() {
    if (take('/')) {
      return true;
    }
    if (rest_.substr(0, kPer.size()) == kPer) {
      rest_.remove_prefix(kPer.size());
      return true;
    }
    return false;
  }

  [[nodiscard]] bool starts_division() const {
    return !rest_.empty() && (rest_.front() == '/' || rest_.substr(0, kPer.size()) == kPer);
  }

  bool take(char wanted) {
    const std::string_view before = rest_;
    skip_spaces();
    if (!rest_.empty() && rest_.front() == wanted) {
      rest_.remove_prefix(1);
      return true;
    }
    if (rest_.empty()) {
      rest_ = before;  // spaces at the end are not part of a unit
    }
    return false;
  }

  void skip_spaces() {
    while (!rest_.empty() && rest_.front() == ' ') {
      rest_.remove_prefix(1);
    }
  }

  static constexpr std::string_view kPer = "per ";

  std::string_view rest_;
  int factors_ = 0;
  std::string problem_;
  std::string unknown_;
};

}  // namespace

UnitExpression read_unit(std::string_view text) {
  return Reader(text).read();
}

}  // namespace aifactory::detail

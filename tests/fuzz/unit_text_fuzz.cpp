// Any text, read as any dimension, gives a finite number that prints and reads back, or a UnitError.
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "models/units/date.h"
#include "models/units/unit_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aifactory;
  constexpr std::array kDimensions = {
      kDimensionless,          dimension_of<Watts>(),       dimension_of<BytesPerSecond>(),
      dimension_of<Seconds>(), dimension_of<UsdPerToken>(), dimension_of<UsdPerJoule>(),
      dimension_of<Kelvins>(), dimension_of<Hertz>()};
  if (size == 0) {
    return 0;
  }
  const Dimension wanted = kDimensions[data[0] % kDimensions.size()];
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  (void)parse_date(text);
  try {
    const double value = parse_quantity(text, wanted);
    const double back = parse_quantity(format_quantity(value, wanted), wanted);
    if (!std::isfinite(value) || std::abs(back - value) > 1e-3 * std::abs(value)) {
      std::abort();
    }
  } catch (const UnitError& error) {
    if (error.allowed().empty()) {
      std::abort();
    }
  }
  return 0;
}

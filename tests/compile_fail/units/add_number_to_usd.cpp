// refused: no match for .operator|invalid operands
#include "models/units/quantity.h"

using namespace aifactory;

auto wrong() {
  return Usd(1.0) + 1.0;
}

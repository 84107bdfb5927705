// refused: no match for .operator|invalid operands
#include "models/units/quantity.h"

using namespace aifactory;

auto wrong() {
  return Watts(1.0) + Joules(1.0);
}

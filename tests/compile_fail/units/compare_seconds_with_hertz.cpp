// refused: no match for .operator|invalid operands
#include "models/units/quantity.h"

using namespace aifactory;

bool wrong() {
  return Seconds(1.0) < Hertz(1.0);
}

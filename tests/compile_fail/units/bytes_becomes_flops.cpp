// refused: could not convert|no viable conversion|no matching
#include "models/units/quantity.h"

using namespace aifactory;

Flops wrong() {
  return Flops(Bytes(1.0));
}

// refused: cannot convert|no viable conversion
#include "models/units/quantity.h"

using namespace aifactory;

double wrong() {
  return Watts(5.0);
}

// refused: could not convert|no viable conversion|conversion from
#include "models/units/quantity.h"

using namespace aifactory;

UsdPerToken wrong() {
  return Usd(1.0) / Watts(1.0);
}

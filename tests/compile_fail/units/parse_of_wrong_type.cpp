// refused: could not convert|no viable conversion|conversion from
#include "models/units/quantity.h"
#include "models/units/unit_text.h"

using namespace aifactory;

Watts wrong() {
  return parse<Joules>("5 kWh");
}

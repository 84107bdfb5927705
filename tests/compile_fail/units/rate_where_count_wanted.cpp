// refused: could not convert|no viable conversion|no matching function
#include "models/units/quantity.h"

using namespace aifactory;

double use(Tokens tokens) {
  return tokens.value();
}
double wrong() {
  return use(TokensPerSecond(1.0));
}

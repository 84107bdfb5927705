// accepted
#include "models/units/quantity.h"

using namespace aifactory;

Watts sum() {
  return Watts(1.0) + Joules(2.0) / Seconds(1.0);
}
TokensPerJoule quotient() {
  return TokensPerSecond(1.0) / Watts(1.0);
}
Tokens tokens_in(Seconds time) {
  return TokensPerSecond(1.0) * time;
}
bool compare() {
  return Watts(1.0) < Watts(2.0);
}
double ratio() {
  return Bytes(1.0) / Bytes(2.0);
}
Seconds reciprocal() {
  return 1.0 / Hertz(2.0);
}

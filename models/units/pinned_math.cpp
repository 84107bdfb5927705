#include "models/units/pinned_math.h"

#include <sleef.h>

namespace aifactory::pinned {

// `cinz` and `purec`: compiled from plain C without FMA contraction, hence the same result with and without FMA.
double exp(double x) {
  return Sleef_cinz_expd1_u10purec(x);
}
double exp2(double x) {
  return Sleef_cinz_exp2d1_u10purec(x);
}
double expm1(double x) {
  return Sleef_cinz_expm1d1_u10purec(x);
}
double log(double x) {
  return Sleef_cinz_logd1_u10purec(x);
}
double log2(double x) {
  return Sleef_cinz_log2d1_u10purec(x);
}
double log10(double x) {
  return Sleef_cinz_log10d1_u10purec(x);
}
double log1p(double x) {
  return Sleef_cinz_log1pd1_u10purec(x);
}
double pow(double base, double exponent) {
  return Sleef_cinz_powd1_u10purec(base, exponent);
}
double sin(double radians) {
  return Sleef_cinz_sind1_u10purec(radians);
}
double cos(double radians) {
  return Sleef_cinz_cosd1_u10purec(radians);
}
double tan(double radians) {
  return Sleef_cinz_tand1_u10purec(radians);
}
double tanh(double x) {
  return Sleef_cinz_tanhd1_u10purec(x);
}
double atan(double x) {
  return Sleef_cinz_atand1_u10purec(x);
}

}  // namespace aifactory::pinned

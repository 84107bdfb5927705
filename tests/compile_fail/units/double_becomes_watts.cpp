// refused: conversion from .double. to non-scalar|could not convert|no viable conversion
#include "models/units/quantity.h"

using namespace aifactory;

Watts wrong() {
  Watts power = 5.0;
  return power;
}

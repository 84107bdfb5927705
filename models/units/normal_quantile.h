// Turns uniform draws into normal ones: one uniform each, and monotone in it.
#pragma once

namespace aifactory {

// The quantile function of the standard normal distribution, p in (0, 1); relative error about 1e-16.
// Algorithm AS 241 (PPND16): Wichura, Applied Statistics 37, 1988.
[[nodiscard]] double normal_quantile(double p);

}  // namespace aifactory

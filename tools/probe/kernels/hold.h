// A kernel that does nothing for a while, so that what is enqueued behind it starts together.
#pragma once

#include <cuda_runtime.h>

namespace aifactory::probe {

// At least `microseconds` at clocks of up to 2 GHz, twice that at half the clock.
void hold(int microseconds, cudaStream_t stream);

}  // namespace aifactory::probe

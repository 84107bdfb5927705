// A transformer layer's shard as a sequence of kernels, one after the other on one stream.
#pragma once

#include <memory>

#include "tools/probe/kernel.h"

namespace aifactory::probe {

// One kernel for each of c.parts. Kernels read their own random inputs, not each other's outputs: times are those of
// the sequence, values are not those of a model. Communication between accelerators is not part of it.
std::unique_ptr<Kernel> make_layer(Device& device, const Case& c);

}  // namespace aifactory::probe

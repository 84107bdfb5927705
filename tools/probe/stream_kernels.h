// Memory-bound kernels, copies and empty launches as things to measure.
#pragma once

#include <memory>

#include "tools/probe/kernel.h"

namespace aifactory::probe {

std::unique_ptr<Kernel> make_stream(Device& device, const Case& c);     // copy, add, rmsnorm, silu_mul: see work.h
std::unique_ptr<Kernel> make_embedding(Device& device, const Case& c);  // rows, hidden, vocab
std::unique_ptr<Kernel> make_sample(Device& device, const Case& c);     // rows, vocab; top-p 0.9 and argmax
std::unique_ptr<Kernel> make_memcpy(Device& device, const Case& c);     // bytes; detail d2d, h2d, d2h (pinned), p2p
std::unique_ptr<Kernel> make_launch(Device& device, const Case& c);     // an empty kernel

}  // namespace aifactory::probe

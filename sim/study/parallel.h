// Independent runs side by side. Results land by index, so they do not depend on the number of threads.
#pragma once

#include <cstddef>
#include <functional>

namespace aifactory {

// Calls body(i) for every i in [0, count) on up to `threads` threads (0: one per core). The first exception by index is
// rethrown when all have stopped.
void for_each_index(std::size_t count, unsigned threads, const std::function<void(std::size_t)>& body);

}  // namespace aifactory

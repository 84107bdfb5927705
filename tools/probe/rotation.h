// How often buffers are repeated so that a launch finds none of its data in the L2 cache.
#pragma once

#include <algorithm>
#include <cstddef>

namespace aifactory::probe {

inline constexpr std::size_t kRotatedCaches = 3;  // L2 capacities that lie between two uses of a buffer
inline constexpr std::size_t kLeastCopies = 2;

// max(2, ceil(3 L2 / bytes)), at most `most` and what fits in `room`; 0 when not even one set fits.
inline int copies_for(std::size_t bytes, std::size_t l2_bytes, std::size_t room, int most) {
  const std::size_t each = std::max<std::size_t>(bytes, 1);
  const std::size_t wanted = std::max(kLeastCopies, (kRotatedCaches * l2_bytes + each - 1) / each);
  // Pools align every piece: what a set really takes is not known here, so a tenth of the room is left alone.
  const std::size_t fits = room == 0 ? 0 : std::max<std::size_t>(bytes <= room ? 1 : 0, room / 10 * 9 / each);
  return static_cast<int>(std::min({wanted, static_cast<std::size_t>(most), fits}));
}

}  // namespace aifactory::probe

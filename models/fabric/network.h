// A network as flat arrays: hosts (endpoints, one network port group each), switches, and directed links between them.
// A cable is two links. Half a million hosts cost some tens of bytes per link, no object per cable.
#pragma once

#include <cstdint>
#include <vector>

#include "models/units/quantity.h"

namespace aifactory {

using VertexId = std::uint32_t;  // hosts first, 0 .. hosts - 1, then switches
using LinkId = std::uint32_t;

// What the two ends of a cable are, for counting parts: its length decides copper or optics.
enum class CableKind : std::uint8_t { kBackplane, kCopper, kOptical, kLongHaul };

struct Network {
  std::uint32_t hosts = 0;
  std::vector<std::uint8_t> tier;  // by vertex: 0 = host, 1 = first switch tier...
  std::vector<VertexId> from, to;  // by link
  std::vector<double> capacity;    // B/s, by link
  std::vector<float> latency;      // s, by link: propagation and the switch it leads to
  std::vector<CableKind> kind;     // by link

  [[nodiscard]] std::size_t vertices() const { return tier.size(); }
  [[nodiscard]] std::size_t switches() const { return tier.size() - hosts; }
  [[nodiscard]] std::size_t links() const { return to.size(); }

  void reserve(std::size_t vertex_count, std::size_t link_count);
  VertexId add_vertex(std::uint8_t vertex_tier);
  // Two links, a to b first; returns the id of the first.
  LinkId add_cable(VertexId a, VertexId b, BytesPerSecond bandwidth, Seconds delay, CableKind cable);
};

// The link in the other direction of a cable.
constexpr LinkId reverse(LinkId link) {
  return link ^ 1u;
}

}  // namespace aifactory

#include "models/fabric/network.h"

namespace aifactory {

void Network::reserve(std::size_t vertex_count, std::size_t link_count) {
  tier.reserve(vertex_count);
  from.reserve(link_count);
  to.reserve(link_count);
  capacity.reserve(link_count);
  latency.reserve(link_count);
  kind.reserve(link_count);
}

VertexId Network::add_vertex(std::uint8_t vertex_tier) {
  tier.push_back(vertex_tier);
  hosts += vertex_tier == 0 ? 1 : 0;
  return static_cast<VertexId>(tier.size() - 1);
}

LinkId Network::add_cable(VertexId a, VertexId b, BytesPerSecond bandwidth, Seconds delay, CableKind cable) {
  const auto id = static_cast<LinkId>(to.size());
  for (const bool there : {true, false}) {
    from.push_back(there ? a : b);
    to.push_back(there ? b : a);
    capacity.push_back(bandwidth.value());
    latency.push_back(static_cast<float>(delay.value()));
    kind.push_back(cable);
  }
  return id;
}

}  // namespace aifactory

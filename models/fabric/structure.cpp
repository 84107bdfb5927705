#include "models/fabric/structure.h"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/biconnected_components.hpp>
#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/compressed_sparse_row_graph.hpp>
#include <boost/graph/connected_components.hpp>
#include <boost/graph/push_relabel_max_flow.hpp>
#include <cmath>
#include <map>

namespace aifactory {
namespace {

using Directed = boost::compressed_sparse_row_graph<boost::directedS>;
using Undirected = boost::adjacency_list<boost::vecS, boost::vecS, boost::undirectedS>;

Directed directed(const Network& network) {
  std::vector<std::pair<VertexId, VertexId>> edges;
  edges.reserve(network.links());
  for (LinkId l = 0; l < network.links(); ++l) {
    if (network.capacity[l] > 0.0) {
      edges.emplace_back(network.from[l], network.to[l]);
    }
  }
  return Directed(boost::edges_are_unsorted_multi_pass, edges.begin(), edges.end(), network.vertices());
}

Undirected undirected(const Network& network) {
  Undirected graph(network.vertices());
  for (LinkId l = 0; l < network.links(); l += 2) {
    if (network.capacity[l] > 0.0) {
      boost::add_edge(network.from[l], network.to[l], graph);
    }
  }
  return graph;
}

std::vector<int> distances(const Directed& graph, VertexId from) {
  std::vector<int> distance(boost::num_vertices(graph), -1);
  distance[from] = 0;
  boost::breadth_first_search(
      graph, boost::vertex(from, graph),
      boost::visitor(boost::make_bfs_visitor(boost::record_distances(distance.data(), boost::on_tree_edge()))));
  return distance;
}

// Hosts outside the part that holds most of them once `removed` is gone.
std::uint32_t hosts_cut_off(const Network& network, const Undirected& graph, VertexId removed) {
  std::vector<std::uint32_t> part(network.vertices(), 0);
  std::uint32_t parts = 0;
  std::vector<std::uint32_t> hosts_in = {0};
  std::vector<VertexId> stack;
  for (VertexId start = 0; start < network.vertices(); ++start) {
    if (start == removed || part[start] != 0) {
      continue;
    }
    part[start] = ++parts;
    hosts_in.push_back(0);
    stack.assign(1, start);
    while (!stack.empty()) {
      const VertexId v = stack.back();
      stack.pop_back();
      hosts_in[parts] += v < network.hosts ? 1 : 0;
      for (auto [it, end] = boost::adjacent_vertices(v, graph); it != end; ++it) {
        const auto next = static_cast<VertexId>(*it);
        if (next != removed && part[next] == 0) {
          part[next] = parts;
          stack.push_back(next);
        }
      }
    }
  }
  const std::uint32_t largest = *std::max_element(hosts_in.begin(), hosts_in.end());
  return network.hosts - (largest > 1 ? largest : 0);  // a host left to itself reaches nobody
}

}  // namespace

BytesPerSecond measured_bisection(const Network& network) {
  // Push-relabel is exact in integers: capacities in units of a millionth of the widest link.
  double widest = 0.0;
  double total = 0.0;
  for (const double capacity : network.capacity) {
    widest = std::max(widest, capacity);
    total += capacity;
  }
  const double unit = widest / 1e6;
  using Traits = boost::adjacency_list_traits<boost::vecS, boost::vecS, boost::directedS>;
  struct EdgeData {
    long capacity = 0, residual = 0;
    Traits::edge_descriptor reverse;
  };
  using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, boost::no_property, EdgeData>;
  Graph graph(network.vertices() + 2);
  const auto source = network.vertices();
  const auto sink = network.vertices() + 1;
  const auto add = [&](std::size_t a, std::size_t b, long capacity) {
    const auto forward = boost::add_edge(a, b, graph).first;
    const auto backward = boost::add_edge(b, a, graph).first;
    graph[forward] = {capacity, 0, backward};
    graph[backward] = {0, 0, forward};
  };
  const auto units = [&](double capacity) { return std::lround(capacity / unit); };
  for (LinkId l = 0; l < network.links(); ++l) {
    add(network.from[l], network.to[l], units(network.capacity[l]));
  }
  for (VertexId h = 0; h < network.hosts; ++h) {
    if (h < network.hosts / 2) {
      add(source, h, units(total));
    } else {
      add(h, sink, units(total));
    }
  }
  const long flow = boost::push_relabel_max_flow(graph, source, sink,
                                                 boost::capacity_map(boost::get(&EdgeData::capacity, graph))
                                                     .residual_capacity_map(boost::get(&EdgeData::residual, graph))
                                                     .reverse_edge_map(boost::get(&EdgeData::reverse, graph)));
  return BytesPerSecond(static_cast<double>(flow) * unit);
}

int measured_diameter(const Network& network) {
  const Directed graph = directed(network);
  int longest = 0;
  for (VertexId a = 0; a < network.hosts; ++a) {
    const std::vector<int> distance = distances(graph, a);
    for (VertexId b = 0; b < network.hosts; ++b) {
      if (distance[b] < 0) {
        return -1;
      }
      longest = std::max(longest, distance[b]);
    }
  }
  return longest;
}

bool connected(const Network& network) {
  if (network.hosts == 0) {
    return true;
  }
  const std::vector<int> distance = distances(directed(network), 0);
  return std::none_of(distance.begin(), distance.begin() + network.hosts, [](int d) { return d < 0; });
}

SinglePoints single_points_of_failure(const Network& network) {
  const Undirected graph = undirected(network);
  std::vector<Undirected::vertex_descriptor> cut_vertices;
  boost::articulation_points(graph, std::back_inserter(cut_vertices));
  SinglePoints points;
  for (const auto v : cut_vertices) {
    if (v >= network.hosts) {
      const std::uint32_t hosts = hosts_cut_off(network, graph, static_cast<VertexId>(v));
      points.switches += hosts > 0 ? 1 : 0;
      points.hosts_at_worst = std::max(points.hosts_at_worst, hosts);
    }
  }
  return points;
}

CableCount count_cables(const Network& network) {
  CableCount count;
  for (LinkId l = 0; l < network.links(); l += 2) {
    switch (network.kind[l]) {
      case CableKind::kBackplane:
        ++count.backplane;
        break;
      case CableKind::kCopper:
        ++count.copper;
        break;
      case CableKind::kOptical:
        ++count.optical;
        break;
      case CableKind::kLongHaul:
        ++count.long_haul;
        break;
    }
  }
  return count;
}

namespace {

// Parts of `width` ports that act as one switch of `ports`, non-blocking: leaves that use half of theirs upwards, and
// spines.
std::uint64_t parts_for(std::uint32_t ports, std::uint32_t width) {
  if (ports <= width) {
    return ports > 0 ? 1 : 0;
  }
  const std::uint32_t down = std::max(1u, width / 2);
  return (ports + down - 1) / down + (ports + width - 1) / width;
}

}  // namespace

FabricBill bill_of(const Network& network, const FabricParts& parts) {
  FabricBill bill;
  bill.cables = count_cables(network);
  std::vector<std::uint32_t> ports(network.vertices(), 0);
  for (LinkId l = 0; l < network.links(); l += 2) {
    if (network.kind[l] == CableKind::kBackplane) {
      continue;
    }
    for (const VertexId end : {network.from[l], network.to[l]}) {
      ++ports[end];
      bill.nics += end < network.hosts ? 1 : 0;
    }
  }
  const auto width = static_cast<std::uint32_t>(std::max(1, parts.packet_switch.ports));
  const std::uint8_t top =
      network.tier.empty() ? std::uint8_t{0} : *std::max_element(network.tier.begin(), network.tier.end());
  std::map<std::uint32_t, std::uint64_t> topmost;  // switches of the top tier, by cables
  for (VertexId v = network.hosts; v < network.vertices(); ++v) {
    if (network.tier[v] == top && ports[v] > 0) {
      ++topmost[ports[v]];
    } else {
      bill.switches += parts_for(ports[v], width);
    }
  }
  for (const auto& [cables, count] : topmost) {
    const std::uint64_t shared = std::max<std::uint64_t>(1, width / cables);
    bill.switches += cables > width ? count * parts_for(cables, width) : (count + shared - 1) / shared;
  }
  bill.optics = 2 * (bill.cables.optical + bill.cables.long_haul);
  const auto count = [](std::uint64_t n) { return static_cast<double>(n); };
  bill.price = parts.packet_switch.price * count(bill.switches) + parts.nic.price * count(bill.nics) +
               parts.optic.price * count(bill.optics) + parts.copper_cable * count(bill.cables.copper);
  bill.power = parts.packet_switch.power * count(bill.switches) + parts.nic.power * count(bill.nics) +
               parts.optic.power * count(bill.optics);
  return bill;
}

}  // namespace aifactory

#include "sim/fabric/reduction_tree.h"

#include <algorithm>
#include <map>
#include <stdexcept>

namespace aifactory {
namespace {

// Links between neighbours, by the vertex they leave from.
using Neighbours = std::map<VertexId, std::vector<LinkId>>;

void join(Neighbours& tree, const Network& network, LinkId link) {
  for (const LinkId direction : {link, reverse(link)}) {
    std::vector<LinkId>& out = tree[network.from[direction]];
    if (std::find(out.begin(), out.end(), direction) == out.end()) {
      out.push_back(direction);
    }
  }
}

class Walk {
 public:
  Walk(const Network& network, const Neighbours& tree) : network_(network), tree_(tree) {}

  // When the sum of what hangs below `vertex` can leave it.
  double up(VertexId vertex, VertexId parent) {
    const std::vector<LinkId>& out = tree_.at(vertex);
    if (vertex < network_.hosts) {
      if (out.size() > 1) {
        throw std::invalid_argument("the routes of a reduction pass through a host, not through switches");
      }
      return 0.0;
    }
    result.switches.push_back(vertex);
    double last = 0.0;
    for (const LinkId link : out) {
      const VertexId child = network_.to[link];
      if (child == parent) {
        continue;
      }
      if (++seen_ > tree_.size()) {
        throw std::invalid_argument("the routes of a reduction close a circle");
      }
      const double crossed = up(child, vertex) + latency(link);
      result.links.push_back({reverse(link), crossed});
      last = std::max(last, crossed);
    }
    return last;
  }

  void down(VertexId vertex, VertexId parent, double start) {
    for (const LinkId link : tree_.at(vertex)) {
      if (network_.to[link] != parent) {
        result.links.push_back({link, start + latency(link)});
        down(network_.to[link], vertex, start + latency(link));
      }
    }
  }

  ReductionTree result;

 private:
  double latency(LinkId link) const { return static_cast<double>(network_.latency[link]); }

  const Network& network_;
  const Neighbours& tree_;
  std::size_t seen_ = 0;
};

}  // namespace

ReductionTree reduction_tree(const Topology& topology, std::span<const VertexId> ranks) {
  const Network& network = topology.network();
  Neighbours tree;
  std::vector<LinkId> longest;
  for (const VertexId rank : ranks.subspan(1)) {
    std::vector<LinkId> route;
    topology.append_route(rank, ranks[0], topology.deterministic_choice(rank, ranks[0]), route);
    for (const LinkId link : route) {
      join(tree, network, link);
    }
    longest = route.size() > longest.size() ? route : longest;
  }
  const VertexId root = network.to[longest[(longest.size() - 1) / 2]];
  if (root < network.hosts) {
    throw std::invalid_argument("hosts without a switch between them cannot reduce in one");
  }
  Walk walk(network, tree);
  const double sum = walk.up(root, root);
  walk.down(root, root, sum);
  return std::move(walk.result);
}

}  // namespace aifactory

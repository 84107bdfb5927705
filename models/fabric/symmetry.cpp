#include "models/fabric/symmetry.h"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>

namespace aifactory {
namespace {

using Colour = std::uint32_t;

// 128 bits, so that among billions of signatures no two different ones are expected to agree.
using Signature = std::array<std::uint64_t, 2>;

std::uint64_t mix(std::uint64_t x) {  // the finaliser of SplitMix64
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

// Order-free: the sum over the neighbours of a hash of their colours, on top of the own colour.
struct Neighbourhood {
  Signature value;
  explicit Neighbourhood(std::uint64_t own) : value{mix(own), mix(own ^ 0x5851f42d4c957f2dULL)} {}
  void add(std::uint64_t colour) {
    const std::uint64_t h = mix(colour + 0x2545f4914f6cdd1dULL);
    value[0] += h;
    value[1] += mix(h ^ 0x14057b7ef767814fULL);
  }
};

// Numbers the distinct signatures 0, 1, ... in order of first appearance; returns how many.
std::uint32_t renumber(const std::vector<Signature>& signatures, std::vector<Colour>& colours) {
  std::vector<std::uint32_t> order(signatures.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return signatures[a] != signatures[b] ? signatures[a] < signatures[b] : a < b;
  });
  constexpr Colour kUnset = ~Colour{0};
  std::vector<std::uint32_t> first(signatures.size());  // member that names the class
  for (std::size_t i = 0; i < order.size(); ++i) {
    first[order[i]] = i > 0 && signatures[order[i]] == signatures[order[i - 1]] ? first[order[i - 1]] : order[i];
  }
  std::vector<Colour> name(signatures.size(), kUnset);
  std::uint32_t count = 0;
  for (std::size_t i = 0; i < signatures.size(); ++i) {
    if (name[first[i]] == kUnset) {
      name[first[i]] = count++;
    }
    colours[i] = name[first[i]];
  }
  return count;
}

}  // namespace

FlowClasses classify(const FlowSet& flows) {
  const std::size_t n = flows.size();
  const std::size_t links = flows.capacity.size();
  std::vector<Colour> flow_colour(n), link_colour(links);
  std::vector<Signature> flow_signature(n), link_signature(links);
  for (std::size_t f = 0; f < n; ++f) {
    const auto bits = [](double x) { return std::bit_cast<std::uint64_t>(x + 0.0); };
    Neighbourhood all(bits(flows.bytes[f]));
    all.value[0] ^= mix(bits(flows.start[f]) + 1);
    all.value[1] ^= mix(bits(flows.weight_of(f)) + 2);
    flow_signature[f] = all.value;
  }
  for (std::size_t l = 0; l < links; ++l) {
    link_signature[l] = Neighbourhood(std::bit_cast<std::uint64_t>(flows.capacity[l])).value;
  }
  std::uint32_t flow_classes = renumber(flow_signature, flow_colour);
  std::uint32_t link_classes = renumber(link_signature, link_colour);
  for (bool split = true; split;) {
    for (std::size_t l = 0; l < links; ++l) {
      link_signature[l] = Neighbourhood(link_colour[l]).value;
    }
    for (std::size_t f = 0; f < n; ++f) {
      Neighbourhood around(flow_colour[f]);
      for (const std::uint32_t link : flows.route(f)) {
        around.add(link_colour[link]);
        Neighbourhood crossing(0);
        crossing.add(flow_colour[f]);
        link_signature[link][0] += crossing.value[0];
        link_signature[link][1] += crossing.value[1];
      }
      flow_signature[f] = around.value;
    }
    const std::uint32_t finer_flows = renumber(flow_signature, flow_colour);
    const std::uint32_t finer_links = renumber(link_signature, link_colour);
    split = finer_flows != flow_classes || finer_links != link_classes;
    flow_classes = finer_flows;
    link_classes = finer_links;
  }

  FlowClasses classes;
  classes.class_of = flow_colour;
  FlowSet& quotient = classes.representatives;
  std::vector<std::uint32_t> members(link_classes, 0);
  quotient.capacity.resize(link_classes);
  for (std::size_t l = 0; l < links; ++l) {
    ++members[link_colour[l]];
    quotient.capacity[link_colour[l]] = flows.capacity[l];
  }
  std::vector<std::uint32_t> size(flow_classes, 0), representative(flow_classes, 0);
  for (std::size_t f = n; f-- > 0;) {
    ++size[flow_colour[f]];
    representative[flow_colour[f]] = static_cast<std::uint32_t>(f);
  }
  for (std::uint32_t c = 0; c < flow_classes; ++c) {
    const std::uint32_t f = representative[c];
    std::vector<std::uint32_t> route;
    for (const std::uint32_t link : flows.route(f)) {
      route.push_back(link_colour[link]);
    }
    std::sort(route.begin(), route.end());
    for (auto it = route.begin(); it != route.end();) {
      const auto next = std::upper_bound(it, route.end(), *it);
      // Crossings of the class, spread evenly over the links of the class.
      quotient.crossings.push_back(static_cast<double>(next - it) * static_cast<double>(size[c]) /
                                   static_cast<double>(members[*it]));
      it = next;
    }
    route.erase(std::unique(route.begin(), route.end()), route.end());
    quotient.add(route, flows.bytes[f], flows.start[f]);
    quotient.weight.push_back(flows.weight_of(f));
  }
  return classes;
}

}  // namespace aifactory

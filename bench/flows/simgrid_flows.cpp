#include "bench/flows/simgrid_flows.h"

#include <ctime>
#include <simgrid/s4u.hpp>
#include <string>

namespace aifactory::bench {
namespace {

double cpu_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

}  // namespace

SimgridRun run_simgrid(const FlowSet& flows) {
  namespace sg = simgrid::s4u;
  int argc = 5;
  std::string words[] = {"flows", "--cfg=network/model:CM02", "--cfg=network/crosstraffic:0",
                         "--cfg=contexts/stack-size:64", "--log=root.thres:critical"};
  char* argv[] = {words[0].data(), words[1].data(), words[2].data(), words[3].data(), words[4].data(), nullptr};
  const double start = cpu_seconds();
  sg::Engine engine(&argc, argv);
  sg::Engine::set_config("network/TCP-gamma:0");  // no window bound
  sg::NetZone* zone = sg::create_full_zone("network");
  std::vector<const sg::Link*> links;
  for (std::size_t l = 0; l < flows.capacity.size(); ++l) {
    links.push_back(zone->create_link("l" + std::to_string(l), flows.capacity[l])->set_latency(0.0)->seal());
  }
  // Every flow has its own sender; one receiver serves all, for hosts cost nothing and routes belong to pairs.
  sg::Host* const sink = zone->create_host("sink", 1e9)->seal();
  std::vector<sg::Host*> senders;
  for (std::size_t f = 0; f < flows.size(); ++f) {
    sg::Host* const from = zone->create_host("s" + std::to_string(f), 1e9)->seal();
    std::vector<sg::LinkInRoute> route;
    for (const auto link : flows.route(f)) {
      route.emplace_back(links[link]);
    }
    zone->add_route(from->get_netpoint(), sink->get_netpoint(), nullptr, nullptr, route, false);
    senders.push_back(from);
  }
  zone->seal();
  SimgridRun result;
  result.finish.assign(flows.size(), 0.0);
  for (std::size_t f = 0; f < flows.size(); ++f) {
    sg::Actor::create("flow", senders[f], [&, f] {
      sg::this_actor::sleep_until(flows.start[f]);
      sg::CommPtr comm = sg::Comm::sendto_init(senders[f], sink);
      comm->set_payload_size(static_cast<std::uint64_t>(flows.bytes[f]));
      comm->start();
      comm->wait();
      result.finish[f] = sg::Engine::get_clock();
    });
  }
  const double built = cpu_seconds();
  engine.run();
  result.build_cpu_s = built - start;
  result.run_cpu_s = cpu_seconds() - built;
  return result;
}

}  // namespace aifactory::bench

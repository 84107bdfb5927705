// Failures and jobs of `aifactory flows`, as its options write them, and the jobs side by side.
#pragma once

#include <string>
#include <vector>

#include "models/catalog/catalog.h"
#include "sim/fabric/collective_flows.h"
#include "sim/study/flows.h"

namespace aifactory {

// "link:12", "link:12@0.5", "switch:140@0.5-2": from 0 s or the date on, for good or up to the second date.
FabricFailure failure_of(const std::string& text);

// "ring_all_reduce,1 GB,0-63[,GROUP]": a collective, its bytes, its hosts (first-last, or first-last/stride), ranks of
// a node.
FabricJob fabric_job_of(const std::string& text, std::uint32_t hosts);
const std::vector<std::string>& fabric_collective_names();

struct FlowJobsRequest {
  FlowRequest network;  // topology, routing, seed, failures (from the start on)
  std::vector<std::string> jobs;
  std::string packet_switch;  // of the catalogue; decides what in_network_all_reduce can do
};
// Every job as one flow and one job of the answer: its end among the others and alone. Throws ConfigError.
std::vector<FlowJobTimes> run_jobs(const Catalog& catalog, const FlowJobsRequest& request, FlowCase& flow_case,
                                   FlowTimes& times);

}  // namespace aifactory

// Networks on the command line: the options that describe one, and `aifactory show topologies [SHAPE]`.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "models/catalog/catalog.h"
#include "sim/study/topology_summary.h"
#include "tools/aifactory/text_table.h"

namespace aifactory {

struct TopologyOptions {
  TopologySpec spec;
  std::string port = "400 Gb/s";
  std::string scale_up = "450 GB/s";
  std::string between_buildings = "0 GB/s";
};

void add_topology_options(CLI::App& command, TopologyOptions& options);
// The specification with the rates read. Throws ConfigError as `command`.
TopologySpec topology_spec(const TopologyOptions& options, const std::string& command);

TextTable topology_shapes_table();
// The drawing, if asked for, and the table of its properties.
TextTable topology_table(const Catalog& catalog, const std::string& shape, const TopologyOptions& options,
                         const TopologyPartIds& parts, std::string& drawing);

}  // namespace aifactory

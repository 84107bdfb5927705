#include "models/catalog/system_table.h"

#include <array>
#include <string_view>

#include "models/catalog/accelerator_table.h"
#include "models/catalog/fabric_table.h"

namespace aifactory {

namespace {

constexpr std::array<std::string_view, 3> kCoolingNames = {"air", "hybrid", "liquid"};  // in the order of RackCooling
constexpr std::array<std::string_view, 2> kRoutingNames = {"sprayed", "hashed"};        // of ScaleOutRouting

void check_rack(System& system, ReadContext& context) {
  if (system.accelerators_per_rack % system.accelerators_per_node != 0) {
    context.problem_in("accelerators_per_rack", "is not a whole number of nodes");
  }
  if (system.host_power() < Watts(0.0)) {
    context.problem_in("rack_power", "is less than the rated power of the rack's accelerators");
  }
  const Switch& packet_switch = system.scale_out_switch;
  if (system.scale_out_reduction && !(packet_switch.in_network_reduction && packet_switch.ports >= 4)) {
    context.problem_in("scale_out_reduction", "needs a scale_out_switch whose in_network_reduction is true");
  }
}

}  // namespace

const FieldTable<System>& system_table() {
  static const FieldTable<System> table =
      FieldTable<System>("system", 1, "What is bought and racked: accelerators, hosts, switches, shelves.")
          .header(&System::id, &System::name)
          .entry("accelerator", "accelerators", &System::accelerator, accelerator_table(), "what the rack carries")
          .required()
          .integer("accelerators_per_node", &System::accelerators_per_node,
                   "packages of one operating system, one PCIe or coherent domain")
          .required()
          .at_least(1)
          .integer("accelerators_per_rack", &System::accelerators_per_rack, "packages in one rack")
          .required()
          .at_least(1)
          .quantity("rack_power", &System::rack_power, "kW",
                    "rated, at the rack's input: accelerators at TDP, hosts, scale-up switches, fans, shelves")
          .required()
          .positive()
          .number("host_idle_fraction", &System::host_idle_fraction,
                  "share of the non-accelerator rack power drawn when accelerators idle")
          .required()
          .fraction()
          .choice_of("cooling", &System::cooling, kCoolingNames, "how the rack's heat is taken")
          .required()
          .number("liquid_fraction", &System::liquid_fraction, "heat taken by liquid; the rest goes to air")
          .required()
          .fraction()
          .quantity("coolant_supply", &System::coolant_supply, "degC", "warmest facility water the rack accepts")
          .above(273.15)
          .below(373.15)
          .number("network_power_fraction", &System::network_power_fraction,
                  "scale-out switches, optics, storage, management over rack power")
          .required()
          .fraction()
          .entry("nic", "fabrics", &System::nic, nic_table(), "scale-out network interface")
          .integer("nics_per_accelerator", &System::nics_per_accelerator, "interfaces per package")
          .at_least(1)
          .default_value(1, "one scale-out interface per package, the usual rail-optimised design")
          .number("oversubscription", &System::oversubscription, "host over uplink capacity of a leaf switch")
          .at_least(1.0)
          .at_most(100.0)
          .default_value(1.0, "non-blocking, as reference architectures of training clusters are")
          .choice_of("scale_out_routing", &System::scale_out_routing, kRoutingNames,
                     "how flows spread over equally short routes")
          .default_value("sprayed", "adaptive routing of InfiniBand and AI Ethernet")
          .integer("leaf_uplinks", &System::leaf_uplinks, "of a leaf switch")
          .at_least(1)
          .default_value(32, "half of a 64-port switch")
          .entry("scale_out_switch", "fabrics", &System::scale_out_switch, switch_table(), "of the scale-out network")
          .boolean("scale_out_reduction", &System::scale_out_reduction,
                   "all-reduce reduces in the scale-out switches (SHARP)")
          .default_value(false, "NCCL does so only when asked (NCCL_COLLNET_ENABLE)")
          .quantity("rack_price", &System::rack_price, "USD", "vendor system, as delivered")
          .required()
          .positive()
          .number("network_price_fraction", &System::network_price_fraction,
                  "scale-out network and storage over total IT capital cost")
          .required()
          .at_least(0.0)
          .below(1.0)
          .text("compute_vendor", &System::compute_vendor, "who sells the accelerators")
          .required()
          .text("fabric_vendor", &System::fabric_vendor, "who sells the scale-up fabric")
          .date("available", kNotMapped, "start of volume shipments")
          .check(check_rack);
  return table;
}

System load_system(const Catalog& catalog, std::string_view id_or_alias, ReadLog* log) {
  return load_entry(catalog, "systems", id_or_alias, system_table(), log);
}

}  // namespace aifactory

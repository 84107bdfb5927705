#include "models/catalog/fabric_table.h"

namespace aifactory {

const FieldTable<Switch>& switch_table() {
  static const FieldTable<Switch> table =
      FieldTable<Switch>("switch", 1, "A packet switch of a scale-out or scale-up network.")
          .header(&Switch::id, &Switch::name)
          .integer("ports", &Switch::ports, "at port_bandwidth each")
          .required()
          .at_least(1)
          .quantity("port_bandwidth", &Switch::port_bandwidth, "Gbit/s", "one way")
          .required()
          .positive()
          .quantity("latency", &Switch::latency, "ns", "port to port")
          .non_negative()
          .quantity("power", &Switch::power, "W", "typical, optics not included")
          .non_negative()
          .quantity("price", &Switch::price, "USD", "one switch, optics not included")
          .non_negative()
          .boolean("in_network_reduction", &Switch::in_network_reduction, "reduces collectives on the way (SHARP)")
          .default_value(false, "only where the vendor documents it")
          .quantity("reduction_bandwidth", &Switch::reduction_bandwidth, "Gbit/s",
                    "one way, what a port streams through the reduction")
          .non_negative()
          .default_value("0 Gbit/s", "as fast as the port")
          .integer("reduction_trees", &Switch::reduction_trees,
                   "reductions that a switch streams at once; 0: not known")
          .at_least(0)
          .default_value(0, "not known");
  return table;
}

const FieldTable<Nic>& nic_table() {
  static const FieldTable<Nic> table = FieldTable<Nic>("nic", 1, "A network interface.")
                                           .header(&Nic::id, &Nic::name)
                                           .quantity("bandwidth", &Nic::bandwidth, "Gbit/s", "one way")
                                           .required()
                                           .positive()
                                           .quantity("power", &Nic::power, "W", "typical")
                                           .non_negative()
                                           .quantity("price", &Nic::price, "USD", "one interface")
                                           .non_negative();
  return table;
}

const FieldTable<Optic>& optic_table() {
  static const FieldTable<Optic> table = FieldTable<Optic>("optic", 1, "A pluggable or co-packaged optical module.")
                                             .header(&Optic::id, &Optic::name)
                                             .quantity("bandwidth", &Optic::bandwidth, "Gbit/s", "one way")
                                             .required()
                                             .positive()
                                             .quantity("power", &Optic::power, "W", "typical")
                                             .non_negative()
                                             .quantity("price", &Optic::price, "USD", "one module")
                                             .non_negative();
  return table;
}

Switch load_switch(const Catalog& catalog, std::string_view id_or_alias, ReadLog* log) {
  return load_entry(catalog, "fabrics", id_or_alias, switch_table(), log);
}

Nic load_nic(const Catalog& catalog, std::string_view id_or_alias, ReadLog* log) {
  return load_entry(catalog, "fabrics", id_or_alias, nic_table(), log);
}

Optic load_optic(const Catalog& catalog, std::string_view id_or_alias, ReadLog* log) {
  return load_entry(catalog, "fabrics", id_or_alias, optic_table(), log);
}

}  // namespace aifactory

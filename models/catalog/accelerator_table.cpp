#include "models/catalog/accelerator_table.h"

namespace aifactory {

namespace {

const FieldTable<PowerLaw>& power_law_table() {
  static const FieldTable<PowerLaw> table =
      FieldTable<PowerLaw>("power_law", 0, "Watts of one package as a function of what it is doing.")
          .number("idle_fraction", &PowerLaw::idle_fraction, "of TDP, context created, nothing running")
          .required()
          .fraction()
          .number("memory_weight", &PowerLaw::memory_weight, "share of dynamic power at full memory bandwidth")
          .required()
          .non_negative()
          .number("compute_weight", &PowerLaw::compute_weight, "share of dynamic power at dense peak")
          .required()
          .non_negative()
          .number("compute_exponent", &PowerLaw::compute_exponent, "of compute activity")
          .required()
          .positive()
          .number("cap_exponent", &PowerLaw::cap_exponent, "throughput under a cap = (cap / uncapped power)^this")
          .required()
          .positive();
  return table;
}

const FieldTable<Accelerator>& scale_up_table() {
  static const FieldTable<Accelerator> table =
      FieldTable<Accelerator>("scale_up")
          .quantity("bandwidth", &Accelerator::scale_up_bandwidth, "GB/s", "one way, per package")
          .required()
          .non_negative()
          .integer("domain", &Accelerator::scale_up_domain, "packages that reach each other at that bandwidth")
          .required()
          .at_least(1)
          .boolean("in_network_reduction", &Accelerator::in_network_reduction, "reduction in the scale-up switches")
          .default_value(false, "only where the vendor documents it")
          .text("link", kNotMapped, "technology and generation of the links");
  return table;
}

const FieldTable<Accelerator>& scale_out_table() {
  static const FieldTable<Accelerator> table =
      FieldTable<Accelerator>("scale_out")
          .quantity("bandwidth", &Accelerator::scale_out_bandwidth, "Gbit/s", "one way, per package, NIC rate")
          .required()
          .non_negative();
  return table;
}

}  // namespace

const FieldTable<Accelerator>& accelerator_table() {
  static const FieldTable<Accelerator> table =
      FieldTable<Accelerator>("accelerator", 1, "One accelerator package: compute, memory, links, power.")
          .header(&Accelerator::id, &Accelerator::name)
          .text("vendor", &Accelerator::vendor, "who designs it")
          .required()
          .id("family", &Accelerator::family, "calibration relatives share it: ampere, hopper, blackwell, tpu, ...")
          .required()
          .date("announced", kNotMapped, "first public announcement")
          .date("shipped", kNotMapped, "start of volume shipments")
          .integer("dies_per_package", &Accelerator::dies_per_package, "compute dies in one package")
          .required()
          .at_least(1)
          .quantity_by_choice("dense_peak", &Accelerator::dense_peak, kPrecisionNames, "PFLOPS",
                              "dense matrix rate, without sparsity; absent where not supported")
          .required()
          .positive()
          .number("sustained_clock_fraction", &Accelerator::sustained_clock_fraction,
                  "power-capped over burst clock under continuous dense matmul")
          .required()
          .above(0.0)
          .at_most(1.0)
          .number("matmul_efficiency", &Accelerator::matmul_efficiency, "best achievable bf16 matmul over dense peak")
          .required()
          .above(0.0)
          .at_most(1.0)
          .number("memory_efficiency", &Accelerator::memory_efficiency, "best achievable stream over peak bandwidth")
          .required()
          .above(0.0)
          .at_most(1.0)
          .quantity("kernel_latency", &Accelerator::kernel_latency, "us", "start-up of one kernel inside a graph")
          .required()
          .non_negative()
          .quantity("memory_capacity", &Accelerator::memory_capacity, "GB", "HBM (or GDDR) of one package")
          .required()
          .positive()
          .quantity("memory_bandwidth", &Accelerator::memory_bandwidth, "TB/s", "HBM peak, one package")
          .required()
          .positive()
          .quantity("l2_capacity", &Accelerator::l2_capacity, "MB", "last-level cache; absent where not published")
          .non_negative()
          .integer("multiprocessors", &Accelerator::multiprocessors, "SMs, CUs or cores; absent where not published")
          .at_least(1)
          .quantity("clock", &Accelerator::clock, "GHz", "boost clock; absent where not published")
          .positive()
          .group("scale_up", scale_up_table(), "the scale-up domain (NVLink, UALink, ICI, NeuronLink)")
          .required()
          .group("scale_out", scale_out_table(), "the network beyond the scale-up domain")
          .quantity("tdp", &Accelerator::tdp, "W", "rated power of one package")
          .required()
          .positive()
          .object("power", &Accelerator::power, power_law_table(), "activity-to-watts law")
          .required()
          .quantity("price", kNotMapped, "USD", "one package, where it is sold or estimated by itself")
          .non_negative();
  return table;
}

Accelerator load_accelerator(const Catalog& catalog, std::string_view id_or_alias, ReadLog* log) {
  return load_entry(catalog, "accelerators", id_or_alias, accelerator_table(), log);
}

}  // namespace aifactory

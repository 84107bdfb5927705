#include "models/catalog/reliability_table.h"

namespace aifactory {

const FieldTable<FailureProcess>& reliability_table() {
  static const FieldTable<FailureProcess> table =
      FieldTable<FailureProcess>("reliability", 1, "Interruptions observed in one kind of cluster.")
          .header(&FailureProcess::id, &FailureProcess::name)
          .quantity("rate", &FailureProcess::rate, "1/day", "unplanned interruptions of a job, per accelerator")
          .required()
          .positive()
          .number("hardware_share", &FailureProcess::hardware_share, "of interruptions caused by hardware")
          .required()
          .fraction()
          .quantity("restart", &FailureProcess::restart, "min", "from the failure until useful work resumes")
          .required()
          .non_negative()
          .quantity("checkpoint_bandwidth", &FailureProcess::checkpoint_bandwidth, "GB/s",
                    "written per accelerator while the job waits")
          .required()
          .positive()
          .number("availability", &FailureProcess::availability,
                  "of accelerators, repairs included: what a serving fleet can count on")
          .required()
          .above(0.0)
          .at_most(1.0);
  return table;
}

}  // namespace aifactory

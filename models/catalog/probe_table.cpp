// The fields of a kernel-probe/1 file.
#include "models/catalog/probe_file.h"

namespace aifactory {
namespace {

const FieldTable<ProbeKernel>& operand_table() {
  static const FieldTable<ProbeKernel> table = FieldTable<ProbeKernel>("probe_dtype", 0, "Formats of the operands.")
                                                   .text("a", &ProbeKernel::dtype, "of the first operand: bf16, fp8")
                                                   .required()
                                                   .text("b", kNotMapped, "of the second operand")
                                                   .text("acc", kNotMapped, "of the sums")
                                                   .text("out", kNotMapped, "of the result");
  return table;
}

// Of a record (a ProbeKernel itself) and of its parts.
template <class T>
void add_kernel_fields(FieldTable<T>& table) {
  table
      .text(
          "op", [](T& k) -> std::string& { return k.op; }, "which kernel")
      .required()
      .text(
          "impl", [](T& k) -> std::string& { return k.impl; }, "who wrote it: cublaslt, cublas, cudnn, own, runtime")
      .required()
      .object(
          "dtype", [](T& k) -> ProbeKernel& { return k; }, operand_table(), "formats of the operands")
      .required()
      .number_by_id(
          "shape", [](T& k) -> std::map<std::string, double>& { return k.shape; }, "counts, by name")
      .required()
      .text(
          "detail", [](T& k) -> std::string& { return k.detail; },
          "expert routing, direction of a copy, name of a layer")
      .text("layout", kNotMapped, "of a product's operands: TN, both contiguous along k");
}

const FieldTable<ProbeRecord>& algorithm_table() {
  static const FieldTable<ProbeRecord> table =
      FieldTable<ProbeRecord>("probe_algorithm", 0, "The implementation a library chose, in its own numbers.")
          .text("name", kNotMapped, "library and kernel")
          .integer("id", kNotMapped, "algorithm")
          .integer("tile", kNotMapped, "tile")
          .integer("stages", kNotMapped, "stages")
          .integer("split_k", kNotMapped, "parts that k is split into")
          .integer("swizzle", kNotMapped, "order of blocks")
          .integer("cluster", kNotMapped, "cluster shape")
          .integer("inner", kNotMapped, "inner shape");
  return table;
}

const FieldTable<ProbeRecord>& best_table() {
  static const FieldTable<ProbeRecord> table =
      FieldTable<ProbeRecord>("probe_best", 0, "The fastest of the library's first eight choices.")
          .number("us", kNotMapped, "microseconds")
          .positive()
          .group("algo", algorithm_table(), "which");
  return table;
}

const FieldTable<ProbeRecord>& time_table() {
  static const FieldTable<ProbeRecord> table =
      FieldTable<ProbeRecord>("probe_time", 0, "Microseconds of one launch over the samples.")
          .number("median", &ProbeRecord::us, "middle")
          .required()
          .positive()
          .number("p10", kNotMapped, "first decile")
          .non_negative()
          .number("p90", kNotMapped, "ninth decile")
          .non_negative()
          .number("mean", kNotMapped, "mean")
          .non_negative()
          .number("cv", kNotMapped, "standard deviation over mean")
          .non_negative();
  return table;
}

const FieldTable<ProbeRecord>& check_table() {
  static const FieldTable<ProbeRecord> table =
      FieldTable<ProbeRecord>("probe_check", 0, "Sampled results against a double-precision reference.")
          .number("error", &ProbeRecord::check_error, "largest difference over the reference's root mean square")
          .non_negative()
          .number("tolerance", &ProbeRecord::check_tolerance, "what is still right")
          .non_negative()
          .integer("elements", kNotMapped, "results compared");
  return table;
}

const FieldTable<ProbeKernel>& part_table() {
  static const FieldTable<ProbeKernel> table = [] {
    FieldTable<ProbeKernel> made("probe_part", 0, "One kernel of a layer.");
    add_kernel_fields(made);
    return made;
  }();
  return table;
}

const FieldTable<ProbeRecord>& record_table() {
  static const FieldTable<ProbeRecord> table = [] {
    FieldTable<ProbeRecord> made("probe_record", 0, "One configuration and its times.");
    add_kernel_fields(made);
    made.text("l2", &ProbeRecord::l2, "cold: buffers rotate beyond the cache; warm: they do not")
        .required()
        .text("mode", &ProbeRecord::mode, "burst: milliseconds at the boost clock; sustained: a second and more")
        .required()
        .text("launch", &ProbeRecord::launch, "graph: nodes of a captured graph; stream: calls")
        .required()
        .text("model", &ProbeRecord::model, "whose shape it is")
        .integer("repeat_group", &ProbeRecord::repeat_group, "0 the first pass, 1 the second")
        .required()
        .boolean("hold_out", &ProbeRecord::hold_out, "kept for validation")
        .objects("parts", &ProbeRecord::parts, part_table(), "kernels of a layer, in order")
        .integer("n_samples", kNotMapped, "samples behind us")
        .group("us", time_table(), "microseconds of one launch")
        .required()
        .number("flops", kNotMapped, "useful operations of one launch")
        .non_negative()
        .number("bytes", &ProbeRecord::bytes, "compulsory HBM traffic of one launch")
        .required()
        .non_negative()
        .number("tflops", kNotMapped, "1e12 operations a second")
        .non_negative()
        .number("gbps", kNotMapped, "1e9 bytes a second")
        .non_negative()
        .number("sm_mhz", kNotMapped, "clock of the multiprocessors, median")
        .positive()
        .number("mem_mhz", kNotMapped, "clock of the memory, median")
        .positive()
        .number("temperature_c", kNotMapped, "of the package, highest")
        .number("power_w", &ProbeRecord::power_w, "mean watts of the package")
        .positive()
        .number("energy_j", &ProbeRecord::energy_j, "joules of one launch, from the energy counter")
        .positive()
        .number("alone_us", kNotMapped, "interference: the same kernel undisturbed")
        .positive()
        .texts("throttle", &ProbeRecord::throttle, "why clocks were held down")
        .group("algo", algorithm_table(), "the library's first choice")
        .group("best", best_table(), "the fastest of its first eight")
        .group("check", check_table(), "correctness")
        .integer("nodes", kNotMapped, "launches of a graph")
        .integer("sets", kNotMapped, "different sets of buffers among them")
        .number("rotated_bytes", kNotMapped, "bytes of those sets")
        .non_negative()
        .boolean("covered", kNotMapped, "interference: the copies outlasted the kernel");
    return made;
  }();
  return table;
}

const FieldTable<ProbeFile>& gpu_table() {
  static const FieldTable<ProbeFile> table =
      FieldTable<ProbeFile>("probe_gpu", 0, "The device and its software.")
          .text("name", &ProbeFile::gpu, "as the driver names it; an alias of a catalogue entry")
          .required()
          .text("uuid_hash", kNotMapped, "tells devices apart")
          .integer("sm_count", kNotMapped, "multiprocessors")
          .text("compute_capability", kNotMapped, "9.0 is Hopper")
          .number("l2_bytes", kNotMapped, "capacity of the L2 cache")
          .non_negative()
          .number("hbm_bytes", kNotMapped, "capacity of the memory")
          .non_negative()
          .number("power_limit_w", kNotMapped, "enforced cap")
          .non_negative()
          .text("driver", &ProbeFile::driver, "driver version")
          .text("cuda", &ProbeFile::cuda, "runtime version")
          .text("cublas", &ProbeFile::cublas, "cuBLASLt version")
          .text("cudnn", &ProbeFile::cudnn, "cuDNN version, where attention was measured through it");
  return table;
}

const FieldTable<ProbeFile>& env_table() {
  static const FieldTable<ProbeFile> table =
      FieldTable<ProbeFile>("probe_env", 0, "Where and when.")
          .text("runtime", kNotMapped, "operating system")
          .text("date", &ProbeFile::date, "start, UTC")
          .required()
          .number("ambient_gap_us", kNotMapped, "replay of a graph of one empty kernel")
          .text("power", kNotMapped, "instant or averaged readings")
          .number("idle_utilization", kNotMapped, "of the device before the start, 0..1")
          .text("note", &ProbeFile::note, "anything to know about the measurements");
  return table;
}

const FieldTable<ProbeSkipped>& skipped_table() {
  static const FieldTable<ProbeSkipped> table =
      FieldTable<ProbeSkipped>("probe_skipped", 0, "A configuration that could not be measured.")
          .text("key", &ProbeSkipped::key, "which, as the probe names it")
          .required()
          .text("reason", &ProbeSkipped::reason, "why")
          .required();
  return table;
}

const FieldTable<ProbeFile>& summary_table() {
  static const FieldTable<ProbeFile> table =
      FieldTable<ProbeFile>("probe_summary", 0, "What can be said of all records.")
          .number("repeatability_median_ape", &ProbeFile::repeatability,
                  "median difference of two passes over the same configuration, over their mean")
          .non_negative()
          .number("empty_graph_us", kNotMapped, "replay of a graph of one empty kernel")
          .non_negative()
          .number("peak_copy_gbps", kNotMapped, "fastest copy within the device, read plus written, 1e9 bytes a second")
          .non_negative()
          .integer("failed_checks", kNotMapped, "records whose result differs from the reference")
          .non_negative();
  return table;
}

}  // namespace

const FieldTable<ProbeFile>& probe_table() {
  static const FieldTable<ProbeFile> table =
      FieldTable<ProbeFile>("kernel_probe", 0, "kernel-probe/1: kernels measured on one GPU by kernel_probe.")
          .choice_unmapped("schema", {"kernel-probe/1"}, "the version of the format")
          .required()
          .group("gpu", gpu_table(), "the device")
          .required()
          .group("env", env_table(), "where and when")
          .required()
          .objects("records", &ProbeFile::records, record_table(), "what was measured")
          .required()
          .objects("skipped", &ProbeFile::skipped, skipped_table(), "what could not be measured, and why")
          .texts("left", &ProbeFile::left, "configurations the time did not allow")
          .group("summary", summary_table(), "of all records");
  return table;
}

}  // namespace aifactory

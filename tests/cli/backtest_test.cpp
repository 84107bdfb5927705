// `aifactory backtest` on files of each kind it evaluates, and on files it cannot.
#include <array>
#include <nlohmann/json.hpp>

#include "tests/cli/in_process.h"

namespace aifactory {
namespace {

using nlohmann::json;
using test::Outcome;
using test::run;

std::string file_of(const std::string& name, const std::string& text) {
  const auto path = std::filesystem::temp_directory_path() / fmt::format("aifactory-backtest-{}-{}", getpid(), name);
  std::ofstream(path, std::ios::binary) << text;
  return path.string();
}

const std::string kPoints =
    "id,backend,model_path,system,precision,mode,isl,osl,tp_size,pp_size,silicon_ttft_ms,silicon_tpot_ms,concurrency,"
    "mtp\r\n"
    "a,vllm,meta-llama/Llama-3.1-70B,h200_sxm,fp8,agg,1024,1024,4,1,120,9.5,16,off\r\n"
    ",trtllm,openai/gpt-oss-120b,b200_sxm,fp4,agg,1024,1024,1,1,80,5,16,off\r\n"
    "c,vllm,nobody/none,h200_sxm,fp8,agg,1024,1024,4,1,120,9.5,16,off\r\n"
    "d,vllm,meta-llama/Llama-3.1-70B,h200_sxm,fp8,disagg,1024,1024,4,1,120,9.5,16,off\r\n"
    "e,vllm,meta-llama/Llama-3.1-70B,h200_sxm,bf16,agg,1024,1024,1,1,120,9.5,16,off\r\n"
    "f,vllm,meta-llama/Llama-3.1-70B,h200_sxm,fp8,agg,1024,1024,4,1,120,9.5,16,on\r\n"
    "g,vllm,meta-llama/Llama-3.1-70B,h200_sxm,fp8,agg,1024,oops,4,1,120,9.5,16,off\r\n"
    "h,vllm,meta-llama/Llama-3.1-70B,h200_sxm,fp8,agg,1024,1024,4,1,,,16,off\r\n"
    "i,vllm,meta-llama/Llama-3.1-70B,h200_sxm,fp4,agg,1024,1024,4,1,120,9.5,16,off\r\n"
    "j,vllm,meta-llama/Llama-3.1-70B,h200_sxm,fp8,agg,1024,1024,1e300,1,120,9.5,16,off\r\n"
    "k,vllm,meta-llama/Llama-3.1-70B,h200_sxm,fp8,agg,1024,1024,-4,1,120,9.5,16,off\r\n"
    "l,vllm,meta-llama/Llama-3.1-70B,h200_sxm,fp8,agg,1024,1024,3,1,120,9.5,16,off\r\n";

TEST(Backtest, ServingPointsGiveBothLatenciesOrAReason) {
  const Outcome outcome = run({"backtest", file_of("points.csv", kPoints), "--by", "model_path", "--format", "json"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const json report = json::parse(outcome.out);
  EXPECT_EQ(report["kind"], "serving points");
  EXPECT_EQ(report["rows"], 12);
  EXPECT_EQ(report["evaluated"], 2);
  ASSERT_EQ(report["predictions"].size(), 4u);
  EXPECT_EQ(report["predictions"][0]["id"], "a");
  EXPECT_EQ(report["predictions"][0]["metric"], "ttft");
  EXPECT_EQ(report["predictions"][1]["metric"], "tpot");
  EXPECT_EQ(report["predictions"][1]["measured"], 9.5e-3);
  EXPECT_EQ(report["predictions"][2]["id"], "row:2");
  for (const json& prediction : report["predictions"]) {
    EXPECT_LT(prediction["low"], prediction["predicted"]);
    EXPECT_LT(prediction["predicted"], prediction["high"]);
    EXPECT_EQ(prediction["unit"], "s");
  }
  EXPECT_EQ(report["groups"].size(), 2u);
  std::vector<std::string> skipped;
  for (const json& row : report["skipped"]) {
    skipped.push_back(row["id"]);
    EXPECT_FALSE(row["reason"].get<std::string>().empty());
  }
  EXPECT_EQ(skipped, (std::vector<std::string>{"c", "d", "e", "f", "g", "h", "i", "j", "k", "l"}));
}

// The measured value never enters a prediction.
TEST(Backtest, PredictionsDoNotSeeWhatWasMeasured) {
  std::string other = kPoints;
  other.replace(other.find("120,9.5"), 7, "999,1.5");
  const auto predicted = [](const Outcome& outcome) {
    std::vector<double> values;
    const json report = json::parse(outcome.out);
    for (const json& prediction : report["predictions"]) {
      values.push_back(prediction["predicted"]);
    }
    return values;
  };
  EXPECT_EQ(predicted(run({"backtest", file_of("points.csv", kPoints), "--format", "json"})),
            predicted(run({"backtest", file_of("others.csv", other), "--format", "json"})));
}

TEST(Backtest, ServingPointsMayBeJson) {
  const std::string text =
      R"([{"backend":"vllm","model_path":"llama-3.1-8b","system":"h100_sxm","precision":null,"mode":"agg","isl":512,)"
      R"("osl":128,"tp_size":1,"concurrency":8,"silicon_tpot_ms":8,"mtp":"off"}])";
  const Outcome outcome = run({"backtest", file_of("points.json", text), "--format", "csv"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("row:1,tpot,0.008"), std::string::npos) << outcome.out;
}

// The same run stated as a time and as a rate; a run without a layout; adapters; an accelerator nobody knows.
TEST(Backtest, TrainingRunsAreStepsOrReasons) {
  const std::string run_of =
      R"("hardware":"H100-SXM5-80GB","n_accel":64,"precision":"bf16","model":"Llama-3 8B","params":8.03e9,"layers":32,)"
      R"("hidden":4096,"heads":32,"kv_heads":8,"ffn":14336,"vocab":128256,"seq_len":8192,"global_batch":128,"tp":1,"pp":1,)";
  const std::string text =
      R"([{"id":"time",)" + run_of + R"("micro_batch":1,"metric":"step_time_s","value":1.5},)" + R"({"id":"rate",)" +
      run_of + R"("micro_batch":1,"metric":"tokens_per_s_per_accel","value":10922.6666666},)" + R"({"id":"open",)" +
      run_of + R"("micro_batch":null,"metric":"step_time_s","value":1.5},)" + R"({"id":"lora","notes":"LoRA",)" +
      run_of + R"("micro_batch":1,"metric":"step_time_s","value":1.5},)" + R"({"id":"mfu",)" + run_of +
      R"("micro_batch":1,"metric":"mfu_pct","value":40},)" + R"({"id":"heads",)" + run_of +
      R"("micro_batch":1,"metric":"step_time_s","value":1,"arch_extra":{"kv_lora_rank":1,"experts":1e30}},)" +
      R"({"id":"unknown","metric":"step_time_s","value":1,"hardware":"Abacus"}])";
  const Outcome outcome = run({"backtest", file_of("runs.json", text), "--format", "json"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const json report = json::parse(outcome.out);
  EXPECT_EQ(report["kind"], "training");
  ASSERT_EQ(report["evaluated"], 2);
  const json& time = report["predictions"][0];
  const json& rate = report["predictions"][1];
  EXPECT_EQ(time["metric"], "step_time");
  EXPECT_EQ(rate["metric"], "tokens_per_second_per_accelerator");
  EXPECT_NEAR(time["predicted"].get<double>() * rate["predicted"].get<double>(), 8192.0 * 128 / 64, 1e-6);
  const double slower_time = report["summary"]["step_time"]["bias"];
  const double slower_rate = report["summary"]["tokens_per_second_per_accelerator"]["bias"];
  EXPECT_NEAR(slower_time, slower_rate, 1e-6);
  EXPECT_EQ(report["skipped"].size(), 5u);
}

// A calibration left out makes its accelerator one that nobody measured: another prediction and a wider band.
TEST(Backtest, CalibrationsLeftOutAreNotUsed) {
  const std::string file = file_of("kernels.csv", "op,gpu,dtype,m,n,k,us\ngemm,h200_sxm,bfloat16,4096,8192,8192,700\n");
  const Outcome with = run({"backtest", file, "--format", "json"});
  const Outcome without = run({"backtest", file, "--without", "h200_sxm,h100_sxm", "--format", "json"});
  ASSERT_EQ(without.code, 0) << without.err;
  const json measured = json::parse(with.out)["predictions"][0];
  const json transferred = json::parse(without.out)["predictions"][0];
  EXPECT_NE(measured["predicted"], transferred["predicted"]);
  const auto width = [](const json& p) { return p["high"].get<double>() / p["low"].get<double>(); };
  EXPECT_GT(width(transferred), width(measured));
  const Outcome unknown = run({"backtest", file, "--without", "h200"});
  EXPECT_EQ(unknown.code, 2);
  EXPECT_NE(unknown.err.find("no calibration \"h200\""), std::string::npos) << unknown.err;
  EXPECT_NE(unknown.err.find("h200_sxm"), std::string::npos) << unknown.err;
}

TEST(Backtest, NothingEvaluatedIsAFailedRun) {
  const std::string text =
      kPoints.substr(0, kPoints.find("\r\n") + 2) + "c,vllm,nobody/none,h200_sxm,fp8,agg,1,1,1,1,1,1,1,off\n";
  const Outcome outcome = run({"backtest", file_of("none.csv", text)});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_NE(outcome.out.find("no such model: nobody/none"), std::string::npos);
}

TEST(Backtest, BadFilesAndColumnsAreBadInput) {
  const Outcome column = run({"backtest", file_of("points.csv", kPoints), "--by", "colour"});
  EXPECT_EQ(column.code, 2);
  EXPECT_NE(column.err.find("colour"), std::string::npos);
  // Even when no row would be evaluated, and whatever the kind; the message lists what there is.
  for (const auto& [name, text, known] : std::vector<std::array<std::string, 3>>{
           {"none.csv", kPoints.substr(0, kPoints.find("\r\n") + 2), "model_path"},
           {"collectives.csv", "id,gpu,op,gpus,bytes,time_us\na,nothing,all_reduce,8,1024,1\n", "reach"},
           {"kernels.csv", "id,gpu,op,us\na,nothing,gemm,1\n", "regime"},
           {"training.json", R"([{"metric": "step_time_s", "global_batch": 1, "hardware": "nothing"}])", "hardware"},
           {"probe.json", R"({"schema": "kernel-probe/1", "gpu": {"name": "NVIDIA H200", "uuid_hash": "0",
             "sm_count": 132}, "env": {"date": "2026-01-01T00:00:00Z"}, "records": []})",
            "hold_out"}}) {
    const Outcome nope = run({"backtest", file_of(name, text), "--by", "nope"});
    EXPECT_EQ(nope.code, 2) << name << nope.err;
    EXPECT_NE(nope.err.find("nope"), std::string::npos) << name << nope.err;
    EXPECT_NE(nope.err.find(known), std::string::npos) << name << nope.err;
  }
  EXPECT_EQ(run({"backtest", file_of("kind.csv", "a,b\n1,2\n")}).code, 2);
  EXPECT_EQ(run({"backtest", file_of("power.csv", "id,gpu_power_w\na,2\n")}).code, 2);
  EXPECT_EQ(run({"backtest", "/nonexistent.csv"}).code, 2);
  EXPECT_EQ(run({"backtest", file_of("broken.json", "[{\"silicon_tpot_ms\": ")}).code, 2);
}

// Of rows too few to fit, each is counted and the reason is printed.
TEST(Calibrate, SaysOfEveryRowWhyItIsNotFitted) {
  const std::string rows =
      "id,op,gpu,dtype,m,n,k,us\na,gemm,h200_sxm,bf16,1,4096,4096,20\nb,gemm,h200_sxm,bf16,2,4096,4096,20\n"
      "c,fft,h200_sxm,bf16,2,4096,4096,20\n";
  const std::string out = file_of("unused.json", "");
  const Outcome outcome = run({"calibrate", file_of("few.csv", rows), "-o", out});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_NE(outcome.out.find("3 rows, 0 fitted, 3 skipped"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("skipped 2: gemm of h200_sxm in bf16: 2 rows, fewer than 40"), std::string::npos)
      << outcome.out;
  EXPECT_NE(outcome.out.find("skipped 1: unknown op \"fft\""), std::string::npos) << outcome.out;
}

TEST(Calibrate, FewShotCorrectsByOneProbeFile) {
  const std::string probe = AIFACTORY_SOURCE_DIR "/tests/backtest/probe/synthetic.json";
  const Outcome held = run({"backtest", probe});
  EXPECT_EQ(held.code, 0) << held.err;
  for (const char* shown :
       {"NVIDIA H200", "driver made up", "two passes differ by 1.0 %", "layer_energy", "80 % band"}) {
    EXPECT_NE(held.out.find(shown), std::string::npos) << shown << "\n" << held.out;
  }
  const std::string out = file_of("corrected.json", "");
  EXPECT_EQ(run({"calibrate", probe, "--few-shot", "3", "-o", out}).code, 2);
  EXPECT_EQ(run({"calibrate", probe, probe, "--few-shot", "300", "-o", out}).code, 2);
  EXPECT_EQ(run({"calibrate", probe, "--few-shot", "300", "--collectives", "-o", out}).code, 2);
  EXPECT_EQ(run({"calibrate", probe, "--few-shot", "300", "--by", "nope", "-o", out}).code, 2);
  const Outcome outcome = run({"calibrate", probe, "--few-shot", "300", "-o", out, "--format", "json"});
  EXPECT_EQ(outcome.code, 1) << "a handful of records corrects nothing";
  const json report = json::parse(outcome.out);
  EXPECT_EQ(report["accelerator"], "h200_sxm");
  EXPECT_EQ(report["before"]["summary"], report["after"]["summary"]);
}

// Overflowing widths divide nothing; rows beyond any number are no predictions.
TEST(Backtest, AbsurdRowsAreSkippedWithAReason) {
  const std::string run_of =
      R"("hardware":"H100-SXM5-80GB","n_accel":64,"layers":32,"hidden":4096,"heads":32,"kv_heads":8,"ffn":14336,)"
      R"("vocab":128256,"seq_len":8192,"global_batch":128,"micro_batch":1,"metric":"step_time_s","value":1)";
  const Outcome widths =
      run({"backtest", file_of("wide.json", "[{" + run_of + R"(,"tp":65536,"cp":65536}])"), "--format", "json"});
  EXPECT_EQ(widths.code, 1);
  EXPECT_NE(widths.out.find("more accelerators"), std::string::npos) << widths.out;
  const Outcome infinite = run({"backtest",
                                file_of("kernels.csv",
                                        "op,gpu,dtype,m,n,k,us\ngemm,h200_sxm,bfloat16,1e300,1e300,1e300,5\n"
                                        "gemm,h200_sxm,bfloat16,128,128,128,1e-320\n"
                                        "gemm,h200_sxm,bfloat16,128,4096,4096,12\n"),
                                "--format", "json"});
  ASSERT_EQ(infinite.code, 0) << infinite.err;
  const json report = json::parse(infinite.out);
  EXPECT_EQ(report["evaluated"], 1);
  EXPECT_EQ(report["skipped"].size(), 2u);
  EXPECT_EQ(
      run({"backtest", file_of("collective.csv", "op,gpu,gpus,bytes,busbw_GBps\nall_reduce,h100_sxm,1e300,1e9,100\n")})
          .code,
      1);
}

TEST(Backtest, OnlyKernelTablesLeaveCalibrationsOut) {
  const Outcome outcome = run({"backtest", file_of("points.csv", kPoints), "--without", "h200_sxm"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_NE(outcome.err.find("--without"), std::string::npos) << outcome.err;
}

// What a user measured is not passed off as somebody else's data.
TEST(Calibrate, FilesNameTheirOrigin) {
  std::string rows = "op,gpu,dtype,m,n,k,us\n";
  for (int i = 1; i <= 64; ++i) {
    const double size = 256.0 * i;
    rows += fmt::format("gemm,mi300x,bfloat16,{},4096,4096,{}\n", size, 5.0 + size * 0.06);
  }
  const std::string table = file_of("own.csv", rows);
  const std::string out = file_of("own.json", "");
  const auto facts = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments = {"calibrate", table, "-o", out};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    std::ifstream file(out);
    return json::parse(file).at("facts");
  };
  const json own = facts({});
  EXPECT_EQ(own["source"], "own-measurements");
  EXPECT_EQ(own["as_of"].get<std::string>().substr(0, 2), "20");
  const json stated = facts({"--source", "aiconfigurator-kernels", "--as-of", "2026-08"});
  EXPECT_EQ(stated["source"], "aiconfigurator-kernels");
  EXPECT_EQ(stated["as_of"], "2026-08");
  EXPECT_EQ(run({"calibrate", table, "-o", out, "--source", "nope"}).code, 2);
}

}  // namespace
}  // namespace aifactory

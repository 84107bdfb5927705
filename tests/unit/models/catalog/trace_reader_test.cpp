#include "models/catalog/trace_reader.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "models/catalog/config_error.h"

namespace aifactory {
namespace {

std::string problem_of(const std::string& text) {
  try {
    parse_trace(text, "t.csv");
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

TEST(TraceReader, AzureKeepsTheHundredNanoseconds) {
  const Trace trace = parse_trace(
      "TIMESTAMP,ContextTokens,GeneratedTokens\r\n2023-11-16 23:59:59.9999999,374,44\r\n"
      "2023-11-17 00:00:00.0000001,396,109\r\n",
      "t.csv");
  ASSERT_EQ(trace.rows.size(), 2u);
  EXPECT_DOUBLE_EQ(trace.rows[0].arrival.value(), 0);
  EXPECT_DOUBLE_EQ(trace.rows[1].arrival.value(), 2e-7);
  EXPECT_DOUBLE_EQ(trace.rows[1].prompt_tokens, 396);
  EXPECT_DOUBLE_EQ(trace.rows[1].output_tokens, 109);
}

TEST(TraceReader, AzureAcceptsIsoVariantsAndPlainNewlines) {
  const Trace trace = parse_trace(
      "TIMESTAMP,ContextTokens,GeneratedTokens\n2024-05-10T00:00:01.5+00:00,1,2\n2024-05-10 00:00:03Z,3,4", "t.csv");
  EXPECT_DOUBLE_EQ(trace.duration().value(), 1.5);
}

TEST(TraceReader, MooncakeTimesAreMilliseconds) {
  const Trace trace = parse_trace(
      "{\"timestamp\": 27482, \"input_length\": 6955, \"output_length\": 52, \"hash_ids\": [46, 47]}\n"
      "{\"timestamp\": 30535, \"input_length\": 6472, \"output_length\": 26, \"hash_ids\": [46]}\n",
      "t.jsonl");
  EXPECT_DOUBLE_EQ(trace.duration().value(), 3.053);
  EXPECT_DOUBLE_EQ(trace.rows[0].prompt_tokens, 6955);
}

TEST(TraceReader, RowsAreSortedByArrival) {
  const Trace trace = parse_trace(
      "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:00:02,2,2\n2023-11-16 18:00:01,1,1\n", "t.csv");
  EXPECT_DOUBLE_EQ(trace.rows[0].prompt_tokens, 1);
  EXPECT_DOUBLE_EQ(trace.rows[1].arrival.value(), 1);
}

TEST(TraceReader, ErrorsNameTheLine) {
  const std::string header = "TIMESTAMP,ContextTokens,GeneratedTokens\n";
  EXPECT_NE(problem_of("a,b,c\n1,2,3\n").find("line 1"), std::string::npos);
  EXPECT_NE(problem_of(header + "2023-11-16 18:00:02,2,2\n2023-11-31 18:00:02,2,2\n").find("line 3"),
            std::string::npos);
  EXPECT_NE(problem_of(header + "2023-11-16 18:00:02,2\n").find("line 2"), std::string::npos);
  EXPECT_NE(problem_of(header + "2023-11-16 18:00:02,-2,2\n").find("line 2"), std::string::npos);
  EXPECT_NE(problem_of(header + "2023-11-16 18:00:02,nan,2\n").find("line 2"), std::string::npos);
  EXPECT_NE(problem_of(header + "2023-11-16 25:00:02,1,2\n").find("line 2"), std::string::npos);
  EXPECT_NE(problem_of("{\"timestamp\": 1, \"input_length\": 5}\n").find("output_length"), std::string::npos);
  EXPECT_NE(problem_of("{\"timestamp\": 1,\n").find("line 1"), std::string::npos);
  EXPECT_NE(problem_of(header).find("no requests"), std::string::npos);
  EXPECT_NE(problem_of("").find("no requests"), std::string::npos);
}

TEST(TraceReader, RefusesWhatIsNotARegularFile) {
  EXPECT_THROW(read_trace("/nonexistent/trace.csv"), ConfigError);
  EXPECT_THROW(read_trace(std::filesystem::temp_directory_path().string()), ConfigError);
}

TEST(TraceReader, DamagedGzipIsAnInputError) {
  const auto path = std::filesystem::temp_directory_path() / "aifactory_trace_reader_test.csv.gz";
  std::ofstream(path) << "not gzip at all";
  EXPECT_THROW(read_trace(path.string()), ConfigError);
  std::filesystem::remove(path);
}

TEST(TraceReader, PublicTracesHaveTheirPublishedTotals) {
  const std::filesystem::path folder = std::filesystem::path(AIFACTORY_SOURCE_DIR) / "../shared/reference/traces";
  if (!std::filesystem::exists(folder)) {
    GTEST_SKIP() << "reference traces are not part of the repository";
  }
  const Trace conversation = read_trace((folder / "AzureLLMInferenceTrace_conv.csv").string());
  EXPECT_EQ(conversation.rows.size(), 19366u);
  EXPECT_NEAR(conversation.mean_rate().value(), 5.53, 0.01);
  EXPECT_NEAR(conversation.mean_prompt(), 1155, 1);
  EXPECT_NEAR(conversation.mean_output(), 211, 1);
  const Trace mooncake = read_trace((folder / "mooncake_synthetic.jsonl").string());
  EXPECT_EQ(mooncake.rows.size(), 3993u);
  EXPECT_NEAR(mooncake.mean_prompt(), 15325, 1);
}

}  // namespace
}  // namespace aifactory

#include "models/catalog/kernel_measurements.h"

#include <gtest/gtest.h>

#include "models/catalog/csv.h"

namespace aifactory {
namespace {

using Records = std::vector<std::vector<std::string>>;

TEST(Csv, QuotesCommasLineEndsAndAMissingLastOne) {
  Problems problems;
  EXPECT_EQ(parse_csv("a,b\r\n\"x,\"\"y\"\"\",\n\n1,\"two\nlines\"", "f", problems),
            (Records{{"a", "b"}, {"x,\"y\"", ""}, {"1", "two\nlines"}}));
  EXPECT_TRUE(problems.empty());
}

TEST(Csv, AnOpenQuoteIsAProblemAtItsLine) {
  Problems problems;
  parse_csv("a\n\"open", "f", problems);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_NE(problems.sorted()[0].message.find("line 2"), std::string::npos);
}

TEST(KernelMeasurements, ReadsColumnsInAnyOrderAndNumbersRowsWithoutId) {
  Problems problems;
  const auto rows = parse_kernel_measurements("us,op,m,unknown\n12.5,gemm,64,x\n1,gemm,,\n", "f", problems);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].id, "row:1");
  EXPECT_EQ(rows[0].op, "gemm");
  EXPECT_EQ(rows[0].m, 64.0);
  EXPECT_EQ(rows[0].us, 12.5);
  EXPECT_FALSE(rows[1].m.has_value());
  EXPECT_TRUE(rows[1].problem.empty());
}

TEST(KernelMeasurements, AWrongNumberMarksItsRowOnly) {
  Problems problems;
  const auto rows = parse_kernel_measurements("op,m\ngemm,12x\ngemm,3\n", "f", problems);
  EXPECT_EQ(rows[0].problem, "m is not a number: 12x");
  EXPECT_TRUE(rows[1].problem.empty());
  EXPECT_TRUE(problems.empty());
}

TEST(KernelMeasurements, JsonRowsAreTheSameRows) {
  Problems problems;
  const auto rows =
      parse_kernel_measurements(R"([{"id": "a", "op": "gemm", "m": 8, "n": "16", "k": null}, 3])", "f", problems);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].id, "a");
  EXPECT_EQ(rows[0].m, 8.0);
  EXPECT_EQ(rows[0].n, 16.0);
  EXPECT_FALSE(rows[0].k.has_value());
  EXPECT_EQ(rows[1].problem, "not an object");
}

}  // namespace
}  // namespace aifactory

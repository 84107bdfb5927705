// The same question gives the same bytes: again, on any number of threads, and on a processor without FMA and AVX2.
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/cli/in_process.h"

namespace aifactory::test {
namespace {

// The real program in a process of its own, with `environment` in front.
std::string output_of(const std::string& environment, const std::string& arguments) {
  const std::string command = fmt::format("{} \"{}\" --configs \"{}/configs\" --progress never {}", environment,
                                          AIFACTORY_BINARY, AIFACTORY_SOURCE_DIR, arguments);
  FILE* pipe = popen(command.c_str(), "r");
  std::string out;
  char buffer[1 << 16];
  for (std::size_t n = std::fread(buffer, 1, sizeof buffer, pipe); n > 0;
       n = std::fread(buffer, 1, sizeof buffer, pipe)) {
    out.append(buffer, n);
  }
  EXPECT_EQ(pclose(pipe), 0) << command;
  return out;
}

const std::string kFlagship = fmt::format("run \"{}\" --format json", scenario("quickstart.json"));

TEST(Determinism, FlagshipIsTheSameOnOneThreadAndOnMany) {
  const std::string once = output_of("", kFlagship + " --threads 1");
  ASSERT_FALSE(once.empty());
  EXPECT_EQ(once, output_of("", kFlagship + " --threads 4"));
}

TEST(Determinism, FlagshipIsTheSameWithoutFusedMultiplyAddAndAvx) {
  const std::string usual = output_of("", kFlagship + " --no-bands");
  ASSERT_FALSE(usual.empty());
  EXPECT_EQ(usual, output_of("GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-AVX,-FMA,-FMA4,-AVX512F,-AVX2_Usable,-FMA_Usable",
                             kFlagship + " --no-bands"));
}

TEST(Determinism, AnotherSeedGivesOtherBytes) {
  EXPECT_NE(output_of("", kFlagship + " --no-bands"), output_of("", kFlagship + " --no-bands --seed 2"));
}

TEST(Determinism, GridIsTheSameOnOneThreadAndOnMany) {
  const std::string grid = fmt::format(
      "run \"{}\" --format json --no-bands --vary /fleet/0/system=hgx_h100,gb200_nvl72", scenario("generations.json"));
  EXPECT_EQ(output_of("", grid + " --threads 1"), output_of("", grid + " --threads 2"));
}

}  // namespace
}  // namespace aifactory::test

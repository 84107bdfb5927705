// The rules catch what they are for, and nothing else.
#include "tests/architecture/rules/rules.h"

#include <gtest/gtest.h>

namespace aifactory::architecture {
namespace {

std::size_t violations(const std::string& path, const std::string& text) {
  return check(read_source(path, text)).size();
}

TEST(ArchitectureRules, ModelsOnlyLookDown) {
  EXPECT_TRUE(may_include("models/economics", "models/units"));
  EXPECT_TRUE(may_include("models/economics", "models/power"));
  EXPECT_TRUE(may_include("models/catalog", "models/economics"));
  EXPECT_TRUE(may_include("models/fabric", "models/fabric"));
  EXPECT_FALSE(may_include("models/power", "models/economics"));
  EXPECT_FALSE(may_include("models/units", "models/hardware"));
  EXPECT_FALSE(may_include("models/economics", "models/catalog"));
  EXPECT_FALSE(may_include("models/power", "sim/engine"));
  EXPECT_FALSE(may_include("models/invented", "models/units"));
  EXPECT_FALSE(may_include("models/catalog", "tools/aifactory"));
}

TEST(ArchitectureRules, TheEngineKnowsOnlyUnits) {
  EXPECT_TRUE(may_include("sim/engine", "models/units"));
  EXPECT_TRUE(may_include("sim/engine", "sim/engine"));
  EXPECT_FALSE(may_include("sim/engine", "models/hardware"));
  EXPECT_FALSE(may_include("sim/engine", "sim/fabric"));
}

TEST(ArchitectureRules, SimulatorsDoNotSeeEachOther) {
  EXPECT_TRUE(may_include("sim/serving", "sim/engine"));
  EXPECT_TRUE(may_include("sim/serving", "models/kernels"));
  EXPECT_TRUE(may_include("sim/serving", "sim/fabric"));
  EXPECT_TRUE(may_include("sim/posttraining", "sim/training"));
  EXPECT_TRUE(may_include("sim/posttraining", "sim/serving"));
  EXPECT_TRUE(may_include("sim/site", "models/capacity"));
  EXPECT_FALSE(may_include("sim/site", "sim/training"));
  EXPECT_FALSE(may_include("sim/site", "sim/serving"));
  EXPECT_FALSE(may_include("sim/fleet", "sim/serving"));
  EXPECT_FALSE(may_include("sim/fleet", "sim/site"));
  EXPECT_FALSE(may_include("sim/training", "sim/serving"));
  EXPECT_FALSE(may_include("sim/fabric", "sim/training"));
  EXPECT_FALSE(may_include("sim/serving", "models/catalog"));
  EXPECT_FALSE(may_include("sim/serving", "sim/scenario"));
}

TEST(ArchitectureRules, TheTopIsThin) {
  EXPECT_TRUE(may_include("sim/scenario", "sim/fleet"));
  EXPECT_TRUE(may_include("sim/scenario", "models/catalog"));
  EXPECT_FALSE(may_include("sim/scenario", "sim/study"));
  EXPECT_TRUE(may_include("sim/study", "sim/scenario"));
  EXPECT_TRUE(may_include("sim/study", "models/capacity"));
  EXPECT_TRUE(may_include("tools/aifactory", "sim/study"));
  EXPECT_FALSE(may_include("tools/aifactory", "sim/serving"));
  EXPECT_FALSE(may_include("tools/aifactory", "models/power"));
  EXPECT_FALSE(may_include("tools/probe", "sim/engine"));
}

TEST(ArchitectureRules, ASyntheticViolationIsCaught) {
  EXPECT_EQ(violations("models/power/x.h", "#include \"models/economics/prices.h\"\n"), 1u);
  EXPECT_EQ(violations("sim/site/x.cpp", "  #  include \"sim/serving/router.h\" // why not\n"), 1u);
  EXPECT_EQ(violations("models/power/x.cpp", "#include <nlohmann/json.hpp>\n"), 1u);
  EXPECT_EQ(violations("models/fabric/x.h", "#include <boost/graph/adjacency_list.hpp>\n"), 1u);
  EXPECT_EQ(violations("sim/fabric/x.cpp", "#include <boost/graph/adjacency_list.hpp>\n"), 1u);
  EXPECT_EQ(violations("sim/study/x.cpp", "#include <CLI/CLI.hpp>\n"), 1u);
  EXPECT_EQ(violations("sim/study/x.cpp", "#include <cuda_runtime.h>\n"), 1u);
  EXPECT_EQ(violations("tools/aifactory/x.h", "#include <iostream>\n"), 1u);
  EXPECT_EQ(violations("models/power/x.cpp", "#include <sleef.h>\n"), 1u);
  EXPECT_EQ(violations("sim/site/x.cpp", "void f() { std::cout << 1; }\n"), 1u);
  EXPECT_EQ(violations("sim/site/x.cpp", "void f() { printf(\"x\"); }\n"), 1u);
  EXPECT_EQ(violations("sim/site/x.cpp", "void f() { fmt::print(\"x\"); }\n"), 1u);
  EXPECT_EQ(violations("sim/site/x.cpp", "double f(double x) { return std::exp(x); }\n"), 1u);
  EXPECT_EQ(violations("sim/site/x.cpp", "double f(double x) { return 2*pow(x, 3); }\n"), 1u);
  EXPECT_EQ(violations("sim/site/x.cpp", "double f(double x) { return log(x); }\n"), 1u);
  EXPECT_EQ(violations("sim/site/x.cpp", "std::normal_distribution<double> d;\n"), 1u);
  EXPECT_EQ(check(read_source("sim/site/x.cpp", "\n/* a\n*/\nint x = printf(\"\");\n")).at(0).line, 4);
}

TEST(ArchitectureRules, WhatIsAllowedPasses) {
  EXPECT_EQ(violations("models/power/x.cpp",
                       "#include <cmath>\n"
                       "#include <nlohmann/json_fwd.hpp>\n"
                       "#include \"models/power/x.h\"\n"
                       "#include \"models/units/pinned_math.h\"\n"
                       "// std::cout << std::exp(1)\n"
                       "/* #include \"models/economics/prices.h\" */\n"
                       "const char* text = \"printf( std::exp(\";\n"
                       "const char* raw = R\"x(std::cout \" std::pow)x\";\n"
                       "X::X(Log* l) : a(1), log(l) {}\n"
                       "long million = 1'000'000;\n"
                       "double f(double x) { return pinned::exp(x) + std::sqrt(x) + a.log(x) + snprintf(b, 1, c); }\n"),
            0u);
  EXPECT_EQ(violations("models/fabric/x.cpp", "#include <boost/graph/adjacency_list.hpp>\n"), 0u);
  EXPECT_EQ(violations("tools/aifactory/x.cpp",
                       "#include <CLI/CLI.hpp>\n#include <iostream>\n#include \"aifactory_version.h\"\n"
                       "int main() { std::cout << 1; }\n"),
            0u);
  EXPECT_EQ(violations("tools/probe/x.cu", "#include <cuda_runtime.h>\n"), 0u);
  EXPECT_EQ(violations("sim/scenario/x.cpp", "#include <nlohmann/json.hpp>\n"), 0u);
}

}  // namespace
}  // namespace aifactory::architecture

#include "models/catalog/suggest.h"

#include <gtest/gtest.h>

namespace aifactory {
namespace {

TEST(EditDistance, CountsInsertionsDeletionsSubstitutionsAndSwaps) {
  EXPECT_EQ(edit_distance("", ""), 0);
  EXPECT_EQ(edit_distance("abc", ""), 3);
  EXPECT_EQ(edit_distance("abc", "abd"), 1);
  EXPECT_EQ(edit_distance("memory_bandwith", "memory_bandwidth"), 1);
  EXPECT_EQ(edit_distance("tpd", "tdp"), 1);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3);
}

TEST(NearestNames, FindsSlipsPrefixesAndOtherSpellings) {
  const std::vector<std::string> ids = {"gb200_nvl72", "gb300_nvl72", "hgx_h100", "tpu_v7_pod"};
  EXPECT_EQ(nearest_names("GB200-NVL72", ids).front(), "gb200_nvl72");
  EXPECT_EQ(nearest_names("gb200", ids).front(), "gb200_nvl72");
  EXPECT_EQ(nearest_names("hgx_h10", ids).front(), "hgx_h100");
  EXPECT_TRUE(nearest_names("zzzzzz", ids).empty());
  EXPECT_TRUE(nearest_names("", ids).empty());
}

TEST(NearestNames, PutsTheNearestFirst) {
  EXPECT_EQ(nearest_names("h200", {"h100", "h200s", "h200"}).front(), "h200");
}

TEST(Suggestion, ListsShortChoicesWhenNothingIsNear) {
  EXPECT_EQ(suggestion("liqid", {"air", "liquid"}), "did you mean \"liquid\"?");
  EXPECT_EQ(suggestion("water", {"air", "liquid"}), "one of: air, liquid");
  EXPECT_EQ(suggestion("x", {}), "");
}

}  // namespace
}  // namespace aifactory

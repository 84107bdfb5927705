// The index arithmetic of the kernels, emulated on the host: what a device would silently get wrong.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <map>
#include <set>
#include <vector>

#include "tools/probe/host_random.h"
#include "tools/probe/kernels/paging.h"
#include "tools/probe/kernels/softmax_merge.h"

namespace aifactory::probe {
namespace {

TEST(Paging, EveryTokenOfEveryHeadHasItsOwnRow) {
  std::set<std::int64_t> rows;
  for (std::int32_t page = 0; page < 5; ++page) {
    for (int head = 0; head < 3; ++head) {
      for (int token = 0; token < kPageTokens; ++token) {
        rows.insert(paged_row(page, 3, head, token));
      }
    }
  }
  EXPECT_EQ(rows.size(), 5u * 3u * kPageTokens);
  EXPECT_EQ(*rows.begin(), 0);
  EXPECT_EQ(*rows.rbegin(), 5 * 3 * kPageTokens - 1);
}

TEST(Splits, CoverEveryPageOnceAndDifferByAtMostOne) {
  for (const int first : {0, 7}) {
    for (int pages = 1; pages < 70; ++pages) {
      for (int splits = 1; splits <= pages; ++splits) {
        int next = first;
        for (int i = 0; i < splits; ++i) {
          const PageRange range = split_pages(first, first + pages, splits, i);
          EXPECT_EQ(range.begin, next);
          EXPECT_GE(range.end - range.begin, pages / splits);
          EXPECT_LE(range.end - range.begin, pages / splits + 1);
          next = range.end;
        }
        EXPECT_EQ(next, first + pages);
      }
    }
  }
}

TEST(Splits, FillTheDeviceWhenSequencesAreFewAndStayOneWhenTheyAreMany) {
  EXPECT_EQ(choose_splits(8, 2048, 264, 64), 33);  // 8 x 33 = 264 blocks: one full wave
  EXPECT_EQ(choose_splits(2640, 64, 264, 64), 1);
  EXPECT_EQ(choose_splits(1, 1, 264, 64), 1);
  for (int sequences = 1; sequences < 600; sequences += 7) {
    for (const int pages : {1, 2, 17, 64, 2048}) {
      const int splits = choose_splits(sequences, pages, 264, 64);
      EXPECT_GE(splits, 1);
      EXPECT_LE(splits, std::min(pages, 64));
    }
  }
}

// A shared-memory access of a quarter warp is free of conflicts when its eight 16-byte chunks lie in different banks.
TEST(Swizzle, IsAPermutationAndEightRowsOfOneChunkHitDifferentBanks) {
  for (const int chunks : {8, 16, 24, 72}) {
    std::set<int> places;
    for (int row = 0; row < 64; ++row) {
      for (int chunk = 0; chunk < chunks; ++chunk) {
        const int at = swizzled_chunk(row, chunk, chunks);
        places.insert(at);
        EXPECT_EQ(at / chunks, row);
      }
    }
    EXPECT_EQ(places.size(), static_cast<std::size_t>(64 * chunks));
    for (int row = 0; row < 64; row += 8) {
      for (int chunk = 0; chunk < chunks; ++chunk) {
        std::set<int> banks;
        for (int i = 0; i < 8; ++i) {
          banks.insert(swizzled_chunk(row + i, chunk, chunks) % 8);
        }
        EXPECT_EQ(banks.size(), 8u);
      }
    }
  }
}

TEST(Fragments, AccumulatorHoldsEveryElementOnce) {
  std::set<std::pair<int, int>> elements;
  for (int lane = 0; lane < 32; ++lane) {
    for (int i = 0; i < 4; ++i) {
      elements.insert({accumulator_row(lane, i), accumulator_col(lane, i)});
    }
  }
  EXPECT_EQ(elements.size(), 16u * 8u);
}

// ldmatrix.x4 as the PTX ISA defines it: register `r` of lane l is the pair (2 (l % 4), + 1) of row l / 4 of matrix r,
// or with .trans the pair of rows (2 (l % 4), + 1) of column l / 4.
struct Pair {
  std::array<std::pair<int, int>, 2> at;  // (row, column) of the source tile
};
template <class Point>
Pair loaded(Point point, int lane, int r, bool transposed) {
  Pair pair;
  for (int e = 0; e < 2; ++e) {
    const int along = (lane % 4) * 2 + e;
    const int across = lane / 4;
    const int row = transposed ? along : across;
    const int col = transposed ? across : along;
    const TilePoint first = point(r * 8 + row);  // the lane that gave this row's address
    pair.at[static_cast<std::size_t>(e)] = {first.row, first.col + col};
  }
  return pair;
}

// What mma.m16n8k16 wants: A register r of lane l is rows l / 4 + 8 (r % 2), k 2 (l % 4) + 8 (r / 2); B register r is
// k 2 (l % 4) + 8 r, column l / 4.
TEST(Fragments, QueriesArriveAsTheAOperand) {
  for (int lane = 0; lane < 32; ++lane) {
    for (int r = 0; r < 4; ++r) {
      const Pair pair = loaded(a_operand_point, lane, r, false);
      for (int e = 0; e < 2; ++e) {
        EXPECT_EQ(pair.at[static_cast<std::size_t>(e)],
                  std::make_pair(lane / 4 + 8 * (r % 2), (lane % 4) * 2 + e + 8 * (r / 2)));
      }
    }
  }
}

TEST(Fragments, KeysArriveAsTheBOperandOfTwoTiles) {
  for (int lane = 0; lane < 32; ++lane) {
    for (int r = 0; r < 4; ++r) {
      const Pair pair = loaded(key_operand_point, lane, r, false);
      for (int e = 0; e < 2; ++e) {  // (key = column of B, dim = k)
        EXPECT_EQ(pair.at[static_cast<std::size_t>(e)],
                  std::make_pair(lane / 4 + 8 * (r / 2), (lane % 4) * 2 + e + 8 * (r % 2)));
      }
    }
  }
}

TEST(Fragments, WideKeysArriveAsTheBOperandOfTwoSteps) {
  for (int lane = 0; lane < 32; ++lane) {
    for (int r = 0; r < 4; ++r) {
      const Pair pair = loaded(wide_key_operand_point, lane, r, false);
      for (int e = 0; e < 2; ++e) {
        EXPECT_EQ(pair.at[static_cast<std::size_t>(e)], std::make_pair(lane / 4, (lane % 4) * 2 + e + 8 * r));
      }
    }
  }
}

TEST(Fragments, ValuesArriveTransposedAsTheBOperandOfTwoTiles) {
  for (int lane = 0; lane < 32; ++lane) {
    for (int r = 0; r < 4; ++r) {
      const Pair pair = loaded(value_operand_point, lane, r, true);
      for (int e = 0; e < 2; ++e) {  // (token = k, dim = column of B)
        EXPECT_EQ(pair.at[static_cast<std::size_t>(e)],
                  std::make_pair((lane % 4) * 2 + e + 8 * (r % 2), lane / 4 + 8 * (r / 2)));
      }
    }
  }
}

TEST(CausalTiles, HoldEveryKeyThatIsSeenAndMaskWhatIsNot) {
  constexpr int kQueries = 16;
  constexpr int kKeys = 8;
  for (const int past : {0, 5, 64}) {
    for (const int window : {0, 1, 7, 20}) {
      for (const int fresh : {1, 15, 16, 17, 40}) {
        for (int first = 0; first < fresh; first += kQueries) {
          const KeyTiles tiles = key_tiles(first, kQueries, kKeys, past, fresh, window);
          EXPECT_LT(tiles.begin, tiles.end);
          for (int query = first; query < std::min(first + kQueries, fresh); ++query) {
            for (int key = 0; key < past + fresh; ++key) {
              const bool seen = key <= past + query && (window == 0 || key > past + query - window);
              EXPECT_EQ(sees(query, key, past, window), seen);
              const int tile = key / kKeys;
              if (seen) {
                EXPECT_TRUE(tile >= tiles.begin && tile < tiles.end);
              } else if (tile >= tiles.begin && tile < tiles.end) {
                EXPECT_TRUE(needs_mask(first, kQueries, tile * kKeys, kKeys, past, fresh, window));
              }
            }
            // Keys beyond the last one share a tile with it: that tile is masked, and they are never seen.
            EXPECT_FALSE(sees(query, past + fresh, past, window));
          }
        }
      }
    }
  }
}

// The decode kernel's scheme on the host: splits, four warps of 16 tokens a page, running maxima, two merges.
TEST(Decode, SplitAndMergedSoftmaxIsTheDirectOne) {
  HostRandom random(1);
  for (const int tokens : {1, 63, 64, 65, 1000}) {
    for (const int first_token : {0, tokens / 2}) {
      std::vector<float> scores;
      std::vector<float> values;
      for (int t = 0; t < tokens; ++t) {
        scores.push_back(static_cast<float>(random.unit() * 40.0 - 20.0));
        values.push_back(static_cast<float>(random.unit()));
      }
      double mass = 0.0;
      double direct = 0.0;
      for (int t = first_token; t < tokens; ++t) {
        mass += std::exp2(static_cast<double>(scores[static_cast<std::size_t>(t)]));
        direct += std::exp2(static_cast<double>(scores[static_cast<std::size_t>(t)])) *
                  static_cast<double>(values[static_cast<std::size_t>(t)]);
      }
      direct /= mass;
      const int begin = first_token / kPageTokens;
      const int end = ceil_div(tokens, kPageTokens);
      for (const int splits : {1, end - begin}) {
        std::vector<SoftmaxState> states;
        std::vector<float> sums;
        for (int split = 0; split < splits; ++split) {
          const PageRange pages = split_pages(begin, end, splits, split);
          std::array<SoftmaxState, 4> warps;
          std::array<float, 4> partial{};
          for (int w = 0; w < 4; ++w) {
            SoftmaxState s{-1.0e30F, 0.0F};
            float sum = 0.0F;
            for (int page = pages.begin; page < pages.end; ++page) {
              for (int i = 0; i < 16; ++i) {
                const int t = page * kPageTokens + w * 16 + i;
                if (t < first_token || t >= tokens) {
                  continue;
                }
                const float top = std::max(s.most, scores[static_cast<std::size_t>(t)]);
                const float shrink = std::exp2(s.most - top);
                const float weight = std::exp2(scores[static_cast<std::size_t>(t)] - top);
                s = {top, s.mass * shrink + weight};
                sum = sum * shrink + weight * values[static_cast<std::size_t>(t)];
              }
            }
            warps[static_cast<std::size_t>(w)] = s;
            partial[static_cast<std::size_t>(w)] = sum;
          }
          std::array<float, 4> weights{};
          const float whole = merge_weights(warps.data(), 4, weights.data());
          float sum = 0.0F;
          float most = warps[0].most;
          for (std::size_t w = 0; w < 4; ++w) {
            sum += weights[w] * partial[w];
            most = std::max(most, warps[w].most);
          }
          states.push_back({most, whole});
          sums.push_back(sum);
        }
        std::vector<float> weights(states.size());
        const float whole = merge_weights(states.data(), static_cast<int>(states.size()), weights.data());
        float merged = 0.0F;
        for (std::size_t i = 0; i < sums.size(); ++i) {
          merged += weights[i] * sums[i];
        }
        EXPECT_NEAR(static_cast<double>(merged / whole), direct, 1e-5);
      }
    }
  }
}

}  // namespace
}  // namespace aifactory::probe

#include "tileloom/support/nearest.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace tileloom {
namespace {

const std::vector<std::string> kKnown = {"word", "weights", "bandwidth"};

TEST(Nearest, one_edit_of_any_kind_is_near) {
  EXPECT_EQ(nearest("wrod", kKnown), "word");        // swap
  EXPECT_EQ(nearest("wor", kKnown), "word");         // deletion
  EXPECT_EQ(nearest("words", kKnown), "word");       // insertion
  EXPECT_EQ(nearest("ward", kKnown), "word");        // substitution
  EXPECT_EQ(nearest("Weights", kKnown), "weights");  // case is no edit
}

TEST(Nearest, longer_words_may_have_up_to_three_edits) {
  EXPECT_EQ(nearest("bndwdht", kKnown), "");              // 3 edits in 7 letters: 2 allowed
  EXPECT_EQ(nearest("banndwitdh", kKnown), "bandwidth");  // 2 edits in 10 letters
}

TEST(Nearest, a_stranger_gets_the_list) {
  EXPECT_EQ(suggestion("colour", kKnown), "known: word, weights, bandwidth");
  EXPECT_EQ(suggestion("wrod", kKnown), "did you mean 'word'?");
  EXPECT_EQ(suggestion("colour", {}), "there is none");
}

}  // namespace
}  // namespace tileloom

#include "tileloom/io/csv/read_layers.hpp"

#include <gtest/gtest.h>

namespace tileloom {
namespace {

constexpr const char* kCosaHeader =
    "suite,R,S,P,Q,C,K,N,Wstride,Hstride,Wdilation_field,Hdilation_field,macs,multiplicity,"
    "in_evaluation_list,names\n";

std::string messages(const std::string& text) {
  const auto layers = parse_layers(text, "l.csv");
  return layers ? "" : to_string(layers.error());
}

// ResNet-50 conv1 as in CoSA's table: 7 x 7 x 112 x 112 x 3 x 64 = 118 013 952.
TEST(ReadLayers, a_table_with_the_columns_of_cosa) {
  const auto layers = parse_layers(
      std::string(kCosaHeader) + "resnet50,7,7,112,112,3,64,1,2,2,1,1,118013952,1,1,conv1 other\n" +
          "deepbench,5,3,341,79,1,32,2,2,1,0,0,25862\n",
      "l.csv");
  EXPECT_FALSE(layers);  // the second line is too short
  const auto one =
      parse_layers(std::string(kCosaHeader) +
                       "resnet50,7,7,112,112,3,64,1,2,2,1,1,118013952,3,1,conv1 other\r\n",
                   "l.csv");
  ASSERT_TRUE(one) << to_string(one.error());
  ASSERT_EQ(one->size(), 1U);
  const TableLayer& layer = (*one)[0];
  EXPECT_EQ(layer.name, "resnet50_conv1");
  EXPECT_EQ(layer.multiplicity, 3);
  const ConvAxis axis{.output = 112, .filter = 7, .stride = 2};
  EXPECT_EQ(layer.shape, (ConvShape{.in_channels = 3, .out_channels = 64, .axes = {axis, axis}}));
}

// The operator's ranks P, Q, R, S are the table's columns: width (P, R, Wstride) is its first axis.
TEST(ReadLayers, the_ranks_are_named_like_the_columns) {
  const auto layers = parse_layers("R,S,P,Q,C,K,N,Wstride,Hstride\n5,20,341,79,1,32,1,2,3\n", "l");
  ASSERT_TRUE(layers) << to_string(layers.error());
  const ConvShape& shape = (*layers)[0].shape;
  EXPECT_EQ(shape.axes[0], (ConvAxis{.output = 341, .filter = 5, .stride = 2}));
  EXPECT_EQ(shape.axes[1], (ConvAxis{.output = 79, .filter = 20, .stride = 3}));
  EXPECT_EQ((*layers)[0].name, "line2");
}

TEST(ReadLayers, the_same_name_twice_is_told_apart_by_its_line) {
  const auto layers = parse_layers("name,R,S,P,Q,C,K,N\na,1,1,1,1,1,1,1\na,1,1,2,1,1,1,1\n", "l");
  ASSERT_TRUE(layers) << to_string(layers.error());
  EXPECT_EQ((*layers)[0].name, "a");
  EXPECT_EQ((*layers)[1].name, "a_line3");
}

TEST(ReadLayers, mistakes_in_the_table) {
  EXPECT_EQ(messages(""),
            "l.csv: the file is empty: expected a table of layers with columns R,S,P,Q,C,K,N\n");
  EXPECT_EQ(messages("R,S,P,Q,C,K,N\n"),
            "l.csv: the table has no layers: add one line per layer below the column names\n");
  EXPECT_EQ(messages("R,S,P,Q,C,K\n1,1,1,1,1,1\n"),
            "l.csv:1:1: no column 'N': the columns R,S,P,Q,C,K,N are required\n");
  EXPECT_EQ(messages("R,S,P,Q,C,K,N,Wstrid\n"),
            "l.csv:1:15: unknown column 'Wstrid': did you mean 'Wstride'?\n");
  EXPECT_EQ(messages("R,S,P,Q,C,K,N,R\n"), "l.csv:1:15: column 'R' occurs twice: remove one\n");
}

TEST(ReadLayers, mistakes_in_a_layer_are_all_reported_with_their_place) {
  EXPECT_EQ(
      messages("R,S,P,Q,C,K,N,macs\n"
               "3,three,0,1,1,1,1,9\n"
               "3,3,1.5,-1,1,1,99999999999999999999,9\n"
               "3,3,1,1,1,1,1,8\n"
               "3,3\n"),
      "l.csv:2:3: S is 'three', not a whole number: write digits only, such as 16\n"
      "l.csv:2:9: P is 0: it must be at least 1\n"
      "l.csv:3:5: P is '1.5', not a whole number: write digits only, such as 16\n"
      "l.csv:3:9: Q is -1: it must be at least 1\n"
      "l.csv:3:16: N is '99999999999999999999', too large: it must fit into 64 bits\n"
      "l.csv:4:15: macs is 8, but the sizes multiply to 9: correct one of them\n"
      "l.csv:5:1: 2 fields, but there are 8 columns: separate the fields by commas; a name may "
      "not contain one\n");
}

TEST(ReadLayers, a_spreadsheets_byte_order_mark_is_no_part_of_the_first_name) {
  EXPECT_TRUE(parse_layers("\xEF\xBB\xBFR,S,P,Q,C,K,N\r\n3,3,4,4,5,6,1\r\n", "l.csv"));
}

TEST(ReadLayers, a_quote_that_stays_open) {
  EXPECT_EQ(messages("R,S,P,Q,C,K,N,names\n3,3,4,4,5,6,1,\"a\n3,3,4,4,5,0,1,\"a,b\"\n"),
            "l.csv:2:15: the quote is never closed: close it on its own line, or leave it out\n"
            "l.csv:3:11: K is 0: it must be at least 1\n");
}

TEST(ReadLayers, sizes_beyond_64_bits) {
  EXPECT_EQ(messages("R,S,P,Q,C,K,N\n1,1,4000000000,4000000000,4000000000,1,1\n"),
            "l.csv:2:1: the sizes of this layer do not fit into 64 bits: use smaller sizes\n");
}

TEST(ReadLayers, groups_divide_the_channels) {
  EXPECT_EQ(messages("R,S,P,Q,C,K,N,groups\n1,1,1,1,4,6,1,4\n"),
            "l.csv:2:1: 4 groups do not divide C = 4 and K = 6: C and K count the channels of all "
            "groups\n");
}

}  // namespace
}  // namespace tileloom

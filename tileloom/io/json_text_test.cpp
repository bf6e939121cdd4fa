#include "tileloom/io/json_text.hpp"

#include <gtest/gtest.h>

namespace {

using namespace tileloom;
using namespace tileloom::io;
using Pointer = nlohmann::json::json_pointer;

std::string error_of(const std::string& text) {
  const auto parsed = parse_json("r.json", text);
  return parsed ? "" : to_string(parsed.error());
}

TEST(JsonText, AValueIsFoundAtItsLineAndColumn) {
  const auto json = parse_json("r.json", "{\"a\": [1,\n  {\"b\\\"}\": \"x,]\", \"c\": 22}]}");
  ASSERT_TRUE(json);
  EXPECT_EQ(locate(*json, Pointer("/a")), (Where{"r.json", 1, 7}));
  EXPECT_EQ(locate(*json, Pointer("/a/0")), (Where{"r.json", 1, 8}));
  EXPECT_EQ(locate(*json, Pointer("/a/1/b\"}")), (Where{"r.json", 2, 12}));
  EXPECT_EQ(locate(*json, Pointer("/a/1/c")), (Where{"r.json", 2, 24}));
}

TEST(JsonText, BadTextIsReportedWhereItGoesWrong) {
  EXPECT_EQ(error_of(""), "r.json: the file is empty: expected JSON text\n");
  EXPECT_EQ(error_of("{\"a\": 1,\n\"b\" 2}"),
            "r.json:2:5: not valid JSON from here: check quotes, commas and brackets before this "
            "place\n");
  EXPECT_EQ(error_of("[1, 2"),
            "r.json:1:6: the JSON text ends too early: check quotes, commas and brackets before "
            "this place\n");
}

TEST(JsonText, ReadingGoesOnAfterAMistakeAndFindsThemAll) {
  const auto json = parse_json("r.json", "{\"a\": -1, \"b\": \"x\",\n\"d\": 1.5}");
  ASSERT_TRUE(json);
  Reading reading(*json);
  reading.positive_integer(reading.member(reading.root(), "a"));
  reading.non_negative_number(reading.member(reading.root(), "b"));
  reading.string(reading.member(reading.root(), "c"));
  reading.positive_integer(reading.member(reading.root(), "d"));
  EXPECT_EQ(
      to_string(reading.mistakes()),
      "r.json:1:7: expected an integer of at least 1, found -1: the schema of the reference file "
      "says what the figure means\n"
      "r.json:1:16: expected a number of at least 0, found \"x\": write a number without quotes\n"
      "r.json:1:1: \"c\" is missing: every object of its kind needs it\n"
      "r.json:2:6: expected an integer of at least 1, found 1.5: the schema of the reference file "
      "says what the figure means\n");
}

TEST(JsonText, OfAnObjectThatIsWrittenTwiceTheMembersOfTheLastAreRead) {
  const auto json = parse_json("r.json", R"({"a": {"z": 1, "x": 2}, "a": {"b": 3, "z": 4}})");
  ASSERT_TRUE(json);
  Reading reading(*json);
  std::string text;
  for (const auto& [key, node] : reading.members_as_written(reading.member(reading.root(), "a")))
    text += key + node.value->dump();
  EXPECT_EQ(text, "z4b3");
}

}  // namespace

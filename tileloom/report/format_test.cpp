#include "tileloom/report/format.hpp"

#include <gtest/gtest.h>

namespace tileloom::report {
namespace {

TEST(Format, CountsStayWholeBelowTenThousandAndKeepFourDigitsAbove) {
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(9999), "9999");
  EXPECT_EQ(format_count(12345), "12.35 k");
  EXPECT_EQ(format_count(999'960), "1.000 M");
  EXPECT_EQ(format_count(118'013'952), "118.0 M");
}

TEST(Format, EnergiesRunFromPicojoulesToJoules) {
  EXPECT_EQ(format_energy({0}), "0 pJ");
  EXPECT_EQ(format_energy({0.5}), "0.500 pJ");
  EXPECT_EQ(format_energy({12'345'678}), "12.35 uJ");
  EXPECT_EQ(format_energy({999'999}), "1.000 uJ");
  EXPECT_EQ(format_energy({3e15}), "3000 J");
}

TEST(Format, BitsBecomeBytesWithBinaryPrefixes) {
  EXPECT_EQ(format_bits(0), "0 B");
  EXPECT_EQ(format_bits(3), "3 bit");
  EXPECT_EQ(format_bits(96), "12 B");
  EXPECT_EQ(format_bits(8.0 * 1536), "1.5 KiB");
  EXPECT_EQ(format_bits(8.0 * 1048576), "1 MiB");
}

TEST(Format, SharesNeverRoundToNothingOrToAll) {
  EXPECT_EQ(format_percent(0), "0.0 %");
  EXPECT_EQ(format_percent(0.0001), "<0.1 %");
  EXPECT_EQ(format_percent(0.371), "37.1 %");
  EXPECT_EQ(format_percent(0.99999), "99.9 %");
  EXPECT_EQ(format_percent(1), "100.0 %");
}

TEST(Format, FactorsKeepTwoDigits) {
  EXPECT_EQ(format_factor(1.04), "1.04x");
  EXPECT_EQ(format_factor(2.12), "2.1x");
  EXPECT_EQ(format_factor(12.6), "13x");
}

TEST(Format, GapsArePercentagesUntilTheyAreFactors) {
  EXPECT_EQ(format_gap(0), "0");
  EXPECT_EQ(format_gap(0.37), "37.0 %");
  EXPECT_EQ(format_gap(15.93), "17x");
}

TEST(Format, TimesRunFromNanosecondsToSeconds) {
  EXPECT_EQ(format_seconds(296e-9), "296.0 ns");
  EXPECT_EQ(format_seconds(0.0123), "12.30 ms");
  EXPECT_EQ(format_seconds(4000), "4000 s");
}

TEST(Format, ExactNumbersHaveThousandsSeparated) {
  EXPECT_EQ(format_exact(0), "0");
  EXPECT_EQ(format_exact(999), "999");
  EXPECT_EQ(format_exact(1'234'567), "1,234,567");
  EXPECT_EQ(format_exact(-1'000), "-1,000");
}

TEST(Format, NamesCannotSendEscapeSequences) {
  EXPECT_EQ(printable("a\x1b[31mb\n"), "a?[31mb?");
  EXPECT_EQ(printable("a\xff\xc3"), "a??");
  EXPECT_EQ(printable("\xe2\x80\xae"
                      "x"),
            "?x");  // U+202E turns text around
  EXPECT_EQ(printable("gr\xc3\xbc\xc3\x9f"), "gr\xc3\xbc\xc3\x9f");
}

TEST(Format, WidthCountsCharactersNotBytes) {
  EXPECT_EQ(display_width("gr\xc3\xbc\xc3\x9f"), 4U);
  EXPECT_EQ(display_width("\xe5\xb1\xa4"), 2U);  // a wide ideograph
  EXPECT_EQ(display_width("e\xcc\x81"), 1U);     // e and a combining accent
}

TEST(Format, LongNamesLoseTheirMiddle) {
  EXPECT_EQ(shorten("stage1/block2/conv3", 19), "stage1/block2/conv3");
  EXPECT_EQ(shorten("stage1/block2/conv3", 10), "sta~/conv3");
  EXPECT_EQ(shorten("abc", 0), "");
}

TEST(Format, LinesBreakAtSpaces) {
  EXPECT_EQ(wrap("one two three", 7), (std::vector<std::string>{"one two", "three"}));
  EXPECT_EQ(wrap("unbreakable", 5), (std::vector<std::string>{"unbre", "akabl", "e"}));
  EXPECT_EQ(wrap("as it is", 0), (std::vector<std::string>{"as it is"}));
}

}  // namespace
}  // namespace tileloom::report

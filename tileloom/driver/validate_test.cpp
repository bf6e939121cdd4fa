#include "tileloom/driver/validate.hpp"

#include <gtest/gtest.h>

namespace {

using namespace tileloom;

/// One multiply-accumulate per cycle for four cycles, straight out of a store; `expected` is the
/// figures of the only case.
std::string file_with(const std::string& expected, const std::string& k_factor = "4") {
  return R"({"profile": "timeloop",
"archs": {"one": {"arithmetic": {"instances": 1, "meshX": 1, "meshY": 1, "word_bits": 16,
                                 "energy_per_mac_pJ": 2},
  "levels": [{"name": "Store", "cls": "SRAM", "instances": 1, "meshX": 1, "meshY": 1,
              "size_words": null, "word_bits": 16, "block_size": 1, "cluster_size": 1,
              "read_bandwidth": null, "write_bandwidth": null, "shared_bandwidth": null,
              "multiple_buffering": 1, "energy_per_vector_access_pJ": 1, "keep": ["I", "O"]}]}},
"problems": {"sum": {"dims": {"K": 4}, "dataspaces": [
  {"name": "I", "rw": false, "proj": [[["K", 1]]]}, {"name": "O", "rw": true, "proj": []}]}},
"cases": [
{"id": "c", "arch": "one", "problem": "sum", "mapping": {"levels": [
  {"level": "Store", "keep": ["I", "O"], "temporal": [["K", )" +
         k_factor + R"(]], "spatial_x": [], "spatial_y": []}]},
 "expected": )" +
         expected + "}]}\n";
}

TEST(Validate, FiguresWorkedByHandAgree) {
  // 4 steps; inputs read 4 times, the sum updated 4 times and read back 3 times; 4 MACs of 2 pJ
  // and 4 + 4 + 3 accesses of 1 pJ
  const auto report = driver::validate_text("r.json", file_with(R"({"cycles": 4,
      "levels": {"Store": {"dataspaces": {"I": {"reads": 4}, "O": {"reads": 3, "updates": 4}}}},
      "energy_total_pJ_from_counts": 19})"));
  ASSERT_TRUE(report) << to_string(report.error());
  EXPECT_EQ(report->cases, 1);
  EXPECT_EQ(report->disagreements, 0);
  ASSERT_EQ(report->quantities.size(), 4u);
  EXPECT_EQ(report->quantities[2].quantity, "levels.dataspaces.reads");
  EXPECT_EQ(report->quantities[2].compared, 2);
  EXPECT_EQ(report->quantities[2].agreed, 2);
}

TEST(Validate, ADisagreementNamesCaseSettingPlaceAndBothFigures) {
  const auto report = driver::validate_text("r.json", file_with(R"({"cycles": 5})"));
  ASSERT_TRUE(report) << to_string(report.error());
  EXPECT_EQ(report->disagreements, 1);
  EXPECT_DOUBLE_EQ(report->quantities.at(0).worst_relative, 0.2);
  const report::Disagreement& first = report->first_disagreements.at(0);
  EXPECT_EQ(first.case_id, "c");
  EXPECT_EQ(first.setting, "default");
  EXPECT_EQ(first.place, "cycles");
  EXPECT_EQ(first.expected, "5");
  EXPECT_EQ(first.got, "4");
}

TEST(Validate, TheLastDigitOfWordsInANetworkIsNoDisagreement) {
  const auto disagreements = [](const std::string& words) {
    const auto report = driver::validate_text(
        "r.json", file_with(R"({"levels": {"Store": {"dataspaces": {"I": {"network": {"ingresses": )" +
                            words + "}}}}}}"));
    return report ? report->disagreements : -1;
  };
  EXPECT_EQ(disagreements("4.000000000000001"), 0);
  EXPECT_EQ(disagreements("4.0000001"), 1);
}

TEST(Validate, AnUnknownFigureDisagreesInsteadOfBeingSkipped) {
  const auto report = driver::validate_text("r.json", file_with(R"({"watts": 5})"));
  ASSERT_TRUE(report) << to_string(report.error());
  EXPECT_EQ(report->first_disagreements.at(0).got, "nothing");
}

TEST(Validate, AnOpenFigureIsAnsweredNotCompared) {
  const auto report = driver::validate_text("r.json", file_with(R"({"cycles": null})"));
  ASSERT_TRUE(report) << to_string(report.error());
  EXPECT_EQ(report->disagreements, 0);
  EXPECT_EQ(report->open_figures.at(0).got, "4");
}

std::string error_of(const std::string& text) {
  const auto report = driver::validate_text("r.json", text);
  return report ? "" : to_string(report.error());
}

TEST(Validate, AnUnknownProfileIsTheUsersMistake) {
  EXPECT_EQ(error_of("{\"profile\": \"timelop\"}"),
            "r.json:1:13: unknown profile 'timelop': did you mean 'timeloop'?\n");
  EXPECT_EQ(error_of("{}"),
            "r.json:1:1: \"profile\" is missing: every object of its kind needs it\n");
}

TEST(Validate, SaysThatMaestrosCountsAreUnsound) {
  EXPECT_EQ(error_of("{\"profile\": \"maestro\"}"),
            "r.json:1:13: profile 'maestro' is not replayed, because its counts are unsound: edges "
            "of nested tiles lose cycles, reads can fall below the size of a tensor, tiles larger "
            "than their parent are accepted: evaluate the mapping with 'tileloom evaluate', whose "
            "counts are those of executing it\n");
}

TEST(Validate, AMappingThatDoesNotCoverTheProblemIsRefusedAtItsPlace) {
  EXPECT_EQ(error_of(file_with("{}", "3")),
            "r.json:11:1: case c: the factors of K multiply to 3, its bound is 4: change a factor "
            "of this dimension: the profile has no partial tiles\n");
}

TEST(Validate, AFactorBelowOneIsRefused) {
  EXPECT_EQ(
      error_of(file_with("{}", "0")),
      "r.json:12:61: expected an integer of at least 1, found 0: the schema of the reference file "
      "says what the figure means\n");
}

}  // namespace

// 36 layers mapped by ZigZag 3.8.5: the same mappings, energies to 1e-9, latencies exactly.

#include <gtest/gtest.h>

#include "tileloom/driver/validate.hpp"
#include "tileloom/support/file.hpp"

namespace {

using namespace tileloom;

const std::string kFile = TILELOOM_SOURCE_DIR "/tests/papers/defines/zigzag385.json";

TEST(Zigzag385, EveryRecordedFigureAgrees) {
  const auto report = driver::validate(kFile);
  ASSERT_TRUE(report) << to_string(report.error());
  EXPECT_EQ(report->results, 36);
  EXPECT_EQ(report->disagreements, 0) << report::validation_table(*report);
  std::int64_t compared = 0;
  for (const auto& quantity : report->quantities) compared += quantity.compared;
  EXPECT_GT(compared, 2000);
}

TEST(Zigzag385, AChangedFigureIsFound) {
  std::string text = read_file(kFile).value();
  const std::string latency = "\"latency_total1\":113737.0";
  text.replace(text.find(latency), latency.size(), "\"latency_total1\":113738.0");
  const auto report = driver::validate_text("changed.json", text);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->disagreements, 1);
}

TEST(Zigzag385, AnUnknownArchitectureIsAMistakeAtItsPlace) {
  std::string text = read_file(kFile).value();
  const std::string arch = "\"arch\": \"tpu_like\"";
  text.replace(text.find(arch), arch.size(), "\"arch\": \"tpu\"");
  const auto report = driver::validate_text("changed.json", text);
  ASSERT_FALSE(report);
  EXPECT_NE(to_string(report.error())
                .find("unknown architecture \"tpu\": describe it under \"architectures\""),
            std::string::npos);
}

}  // namespace

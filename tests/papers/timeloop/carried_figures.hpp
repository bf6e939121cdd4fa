#pragma once
// The carried Timeloop figures, read.

#include <gtest/gtest.h>

#include <string>

#include "tileloom/io/reference/timeloop.hpp"
#include "tileloom/support/file.hpp"

namespace tileloom {

class CarriedFigures : public testing::Test {
 protected:
  void SetUp() override {
    const std::string path =
        std::string(TILELOOM_SOURCE_DIR) + "/tests/papers/timeloop/reference.json";
    auto text = read_file(path);
    ASSERT_TRUE(text) << to_string(text.error());
    auto parsed = io::parse_json(path, *text);
    ASSERT_TRUE(parsed) << to_string(parsed.error());
    json_ = std::move(*parsed);
    io::Reading reading(json_);
    reference_ = io::reference::read_timeloop_reference(reading);
    ASSERT_TRUE(reading.mistakes().empty()) << to_string(reading.mistakes());
  }

  io::JsonText json_;
  io::reference::TimeloopReference reference_;
};

}  // namespace tileloom

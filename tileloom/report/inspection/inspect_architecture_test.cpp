#include "tileloom/report/inspection/inspect_architecture.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace tileloom::report {
namespace {

/// 2 x 4 lanes at 500 MHz; a 2 KiB buffer of 16-bit words read 4 at a time for 8 pJ.
Architecture machine() {
  Architecture arch;
  arch.name = "small";
  arch.source = "a test";
  arch.clock_hz = 5e8;
  const Energy given{{32}, "given"};
  arch.memories.push_back(
      {.name = "DRAM", .ports = {.shared = 64.0}, .read = given, .write = given});
  arch.memories.push_back({.name = "Buffer",
                           .capacity = Bits{16384},
                           .word = Bits{16},
                           .block = 4,
                           .read = {{8}, "table A"},
                           .write = {{16}, "table B"},
                           .holds = {true, true, false},
                           .double_buffered = true});
  arch.axes.push_back({.name = "core", .size = 2, .below = 1, .core = true});
  arch.axes.push_back(
      {.name = "x", .size = 4, .multicast = false, .hop = {{0.5}, "hop"}, .below = 2});
  arch.compute.mac = given;
  return arch;
}

TEST(InspectArchitecture, json_has_energies_per_access_and_per_bit_with_their_sources) {
  const auto json = nlohmann::json::parse(architecture_json(machine()));
  EXPECT_EQ(json["schema"], "tileloom.inspect.architecture/1");
  EXPECT_EQ(json["lanes"], 8);
  EXPECT_EQ(json["peak_macs_per_second"], 4e9);
  const auto& buffer = json["memories"][1];
  EXPECT_EQ(buffer["instances"], 2);
  EXPECT_EQ(buffer["size_bits"], 16384);
  EXPECT_EQ(buffer["read"]["pj_per_access"], 8);
  EXPECT_EQ(buffer["read"]["pj_per_bit"], 8.0 / 64);
  EXPECT_EQ(buffer["write"]["source"], "table B");
  EXPECT_TRUE(buffer["bandwidth"]["read"].is_null());
  EXPECT_TRUE(json["memories"][0]["size_bits"].is_null());
  EXPECT_EQ(json["memories"][0]["bandwidth"]["shared"], 64);
  EXPECT_EQ(json["axes"][0]["inside"], "DRAM");
  EXPECT_EQ(json["axes"][1]["hop_pj_per_bit"], 0.5);
  EXPECT_TRUE(json["compute"]["precision_bits"].is_null());
}

TEST(InspectArchitecture, the_table_names_sizes_rates_and_sources) {
  const std::string table = architecture_table(machine());
  // 8 pJ for 4 words of 16 bit = 1 pJ per byte; 64 bit per cycle = 8 B per cycle.
  EXPECT_NE(table.find("small: 8 lanes at 500 MHz, at most 4e+09 multiply-accumulates per second"),
            std::string::npos);
  EXPECT_NE(
      table.find("Buffer                       2        2 KiB     16      4        unlimited  "
                 "          1            2  inputs, weights, double-buffered"),
      std::string::npos)
      << table;
  EXPECT_NE(table.find("  Buffer (writes): table B"), std::string::npos);
  EXPECT_NE(table.find("(cores)"), std::string::npos);
}

}  // namespace
}  // namespace tileloom::report

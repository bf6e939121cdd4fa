// Every example of docs/architecture_format.md is read as what it claims to be.

#include <gtest/gtest.h>

#include "tileloom/io/yaml/read_architecture.hpp"
#include "tileloom/io/yaml/read_constraints.hpp"
#include "tileloom/io/yaml/read_instruction.hpp"
#include "tileloom/io/yaml/read_problem.hpp"
#include "tileloom/io/yaml/read_vta.hpp"
#include "tileloom/support/file.hpp"

namespace tileloom {
namespace {

/// The contents of all ```yaml blocks, in order.
std::vector<std::string> examples() {
  const std::string text =
      read_file(std::string(TILELOOM_SOURCE_DIR) + "/docs/architecture_format.md").value_or("");
  const std::string open = "```yaml\n";
  std::vector<std::string> blocks;
  for (std::size_t at = text.find(open); at != std::string::npos; at = text.find(open, at)) {
    at += open.size();
    blocks.push_back(text.substr(at, text.find("```", at) - at));
  }
  return blocks;
}

TEST(FormatDocument, its_examples_are_what_they_claim_to_be) {
  const std::vector<std::string> blocks = examples();
  ASSERT_EQ(blocks.size(), 6U);
  const auto arch = parse_architecture(blocks[0], "example");
  ASSERT_TRUE(arch) << to_string(arch.error());
  EXPECT_EQ(arch->name, "small-npu");
  EXPECT_EQ(lanes(*arch), 256);
  EXPECT_DOUBLE_EQ(*arch->memories[MemoryId{0}].ports.shared, 25.6e9 * 8 / 800e6);
  EXPECT_DOUBLE_EQ(arch->compute.mac.value.value, 0.3);  // Horowitz, 8-bit multiplication and sum

  const auto conv = parse_problem(blocks[1], "example");
  ASSERT_TRUE(conv) << to_string(conv.error());
  EXPECT_EQ(macs(*conv), 118'013'952);
  const auto einsum = parse_problem(blocks[2], "example");
  ASSERT_TRUE(einsum) << to_string(einsum.error());
  EXPECT_EQ(macs(*einsum), 8 * 16 * 4 * 3);

  const auto constraints = parse_constraints(blocks[3], "example", *arch, constraint_names(*conv));
  ASSERT_TRUE(constraints) << to_string(constraints.error());
  EXPECT_EQ(constraints->tiles.size(), 2U);
  EXPECT_EQ(constraints->loops.size(), 4U);

  const auto instruction = parse_instruction(blocks[4], "example");
  ASSERT_TRUE(instruction) << to_string(instruction.error());
  EXPECT_EQ(lanes(*instruction), 64);
  EXPECT_EQ(instruction->result.stored_bits, 8);

  const auto vta = parse_vta(blocks[5], "example");
  ASSERT_TRUE(vta) << to_string(vta.error());
  EXPECT_EQ(vta->config.log_batch, 2);
  EXPECT_EQ(vta->timing.read_latency, 40);
}

}  // namespace
}  // namespace tileloom

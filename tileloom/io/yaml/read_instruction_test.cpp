#include "tileloom/io/yaml/read_instruction.hpp"

#include <gtest/gtest.h>

namespace tileloom {
namespace {

TEST(ReadInstruction, the_shipped_gemm_is_the_one_in_code) {
  Instruction read = load_instruction("vta_gemm_1x16x16").value_or(Instruction{});
  read.source.clear();
  EXPECT_EQ(read, gemm_instruction(1, 16, 16));
}

TEST(ReadInstruction, all_shipped_instructions_are_valid) {
  EXPECT_GE(instruction_names().size(), 5U);
  for (const std::string& name : instruction_names()) {
    const Result<Instruction> instruction = load_instruction(name);
    ASSERT_TRUE(instruction) << to_string(instruction.error());
    EXPECT_EQ(instruction->name, name);
  }
}

TEST(ReadInstruction, every_mistake_is_named_with_its_place) {
  const std::string text = R"(name: odd
source: none
lanes: {x: 0, y: 16}
data: {index: [x, q], bits: 8}
weights: {index: [y, y], bits: 80}
result: {index: [x, y], layout: diagonal}
)";
  const Result<Instruction> read = parse_instruction(text, "odd.yaml");
  ASSERT_FALSE(read);
  EXPECT_EQ(to_string(read.error()),
            "odd.yaml:3:12: 'lanes of x' is 0: it must be at least 1\n"
            "odd.yaml:4:19: unknown dimension 'q': did you mean 'x'?\n"
            "odd.yaml:5:22: 'y' is given twice: name every dimension once\n"
            "odd.yaml:5:32: 'bits' is '80', too large: it must be at most 64\n"
            "odd.yaml:6:9: the operand 'result' has no 'bits': add 'bits: 8'\n"
            "odd.yaml:6:33: unknown layout 'diagonal': known: dense, strided, replicated\n");
}

}  // namespace
}  // namespace tileloom

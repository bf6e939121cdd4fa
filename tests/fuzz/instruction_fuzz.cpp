// Any bytes as a tensor instruction: refused with reasons, or an instruction that makes sense.

#include <cstddef>
#include <cstdint>
#include <string>

#include "expect.hpp"
#include "tileloom/io/yaml/read_instruction.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto instruction = tileloom::parse_instruction(text, "fuzz.yaml");
  if (!instruction) {
    expect_mistakes(instruction.error(), "fuzz.yaml");
    return 0;
  }
  expect(!instruction->dims.empty(), "an accepted instruction has lanes");
  for (const tileloom::LaneDim& dim : instruction->dims) {
    expect(dim.extent >= 1, "a lane dimension has an extent");
  }
  return 0;
}

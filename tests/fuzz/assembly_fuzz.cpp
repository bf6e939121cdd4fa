// Any bytes as a VTA program in text: refused with reasons, or instructions that go through their
// text and their encoding unchanged.

#include <cstddef>
#include <cstdint>
#include <string>

#include "expect.hpp"
#include "tileloom/target/vta/isa/assembly.hpp"
#include "tileloom/target/vta/isa/encode.hpp"

namespace {

namespace vta = tileloom::target::vta;

/// The same bytes as encoded instructions: what can be decoded encodes to the same bits.
void decode_and_encode(const vta::Config& config, std::string bytes) {
  bytes.resize(bytes.size() / vta::kInstructionBytes * vta::kInstructionBytes);
  for (const vta::Word128& word : vta::words_of(bytes)) {
    const auto instruction = vta::decode(config, word);
    if (!instruction) {
      expect(!instruction.error().empty(), "a refused word has a reason");
    } else {
      expect(vta::encode(config, *instruction) == word, "decoding loses nothing");
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const vta::Config config;
  decode_and_encode(config, text);
  const auto program = vta::assemble(text, "fuzz.s", config);
  if (!program) {
    expect_mistakes(program.error(), "fuzz.s");
    return 0;
  }
  const auto again = vta::assemble(vta::disassemble(*program), "fuzz.s", config);
  expect(again.has_value() && *again == *program, "the text form gives the program again");
  return 0;
}

// Any bytes as an architecture: refused with reasons, or an architecture the core can rely on.

#include <cstddef>
#include <cstdint>

#include "expect.hpp"
#include "tileloom/io/yaml/read_architecture.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const tileloom::Result<tileloom::Architecture> arch =
      tileloom::parse_architecture(text, "fuzz.yaml");
  if (!arch) {
    expect_mistakes(arch.error(), "fuzz.yaml");
    return 0;
  }
  expect(check(*arch).empty(), "an accepted architecture passes its own check");
  for (const tileloom::MemoryId m : tileloom::ids<tileloom::MemoryId>(arch->memories.size())) {
    expect(instances(*arch, m) >= 1, "a memory has at least one instance");
  }
  expect(lanes(*arch) >= 1, "there is at least one lane");
  return 0;
}

// Any bytes as a problem: refused with reasons, or a workload the core can rely on.

#include <cstddef>
#include <cstdint>

#include "expect.hpp"
#include "tileloom/io/yaml/read_problem.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const tileloom::Result<tileloom::Workload> problem = tileloom::parse_problem(text, "fuzz.yaml");
  if (!problem) {
    expect_mistakes(problem.error(), "fuzz.yaml");
    return 0;
  }
  expect(problem->operators.size() == 1, "a problem is one operator");
  expect(check(*problem).empty(), "an accepted problem passes its own check");
  return 0;
}

// Any bytes as constraints on a convolution on a small machine: refused with reasons, or rules that
// can be asked about.

#include <cstddef>
#include <cstdint>

#include "expect.hpp"
#include "tileloom/io/yaml/read_constraints.hpp"
#include "tileloom/workload/make.hpp"

namespace {

tileloom::Architecture machine() {
  tileloom::Architecture arch;
  arch.memories.push_back({.name = "DRAM"});
  arch.memories.push_back({.name = "Buffer", .holds = {true, false, true}});
  arch.axes.push_back({.name = "x", .size = 4, .below = 2});
  return arch;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const tileloom::Architecture arch = machine();
  const tileloom::Workload workload =
      tileloom::one_conv("conv", {.axes = {{.output = 4, .filter = 3}}}, {});
  const auto constraints =
      tileloom::parse_constraints(text, "fuzz.yaml", arch, tileloom::constraint_names(workload));
  if (!constraints) {
    expect_mistakes(constraints.error(), "fuzz.yaml");
    return 0;
  }
  for (const tileloom::mapper::LoopRule& rule : constraints->loops) {
    expect(rule.trips.least >= 1 && rule.trips.least <= rule.trips.most, "a bound holds a number");
  }
  tileloom::mapper::broken_rules(*constraints, workload, arch, tileloom::OperatorId{0}, {});
  return 0;
}

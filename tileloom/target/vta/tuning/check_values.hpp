#pragma once
// A program against the operator it computes, on random values.

#include <cstdint>
#include <string>
#include <vector>

#include "tileloom/embedding/embedding.hpp"
#include "tileloom/support/random.hpp"
#include "tileloom/target/vta/codegen/emit.hpp"

namespace tileloom::target::vta {

/// What the simulator made of a program.
struct ValueCheck {
  std::int64_t wrong = 0;       ///< elements that differ from the plain result
  std::int64_t gemm_steps = 0;  ///< simulated, over the three runs
  std::vector<std::string> complaints;  ///< errors, races, tokens left over
  bool operator==(const ValueCheck&) const = default;
};

/// Emits, packs, runs with each unit first, unpacks and compares with the operator computed point by
/// point. Requires infeasible() to be empty.
ValueCheck check_values(const Operator& op, const Config& config, const Embedding& embedding,
                        const Tiling& tiling, const Epilogue& epilogue, Random& random);

/// Uniform in [-128, 127].
std::vector<std::int8_t> random_values(Random& random, std::int64_t count);

/// True of the warning that says that only cores made by high-level synthesis need more distance.
bool is_harmless(const std::string& warning);

}  // namespace tileloom::target::vta

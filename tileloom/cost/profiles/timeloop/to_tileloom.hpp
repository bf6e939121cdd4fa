#pragma once
// The profile's nouns as Tileloom's.

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "tileloom/cost/profiles/timeloop/from_tileloom.hpp"

namespace tileloom::cost::timeloop {

/// What a dataspace is: the output; weights if its name begins with W or F (filter); else input.
Role role_of(const std::string& name, bool is_output);

/// Levels become memories with capacities in bits, fan-outs axes "<inner level>_x" and "_y". What
/// Tileloom counts otherwise (network energies, shared arrays, other buffering than single and
/// double) is left out and said in `notes`. Names of kept dataspaces are read as roles with
/// `problem`, or by their first letter without one.
Architecture architecture_of(const Arch& arch, const Problem* problem, Reasons& notes);

/// Element widths of the operator made from a problem.
struct Widths {
  std::int64_t bits = 8;
  std::int64_t partial_bits = 8;
};

/// MAC width, and the word width of the innermost level that may keep outputs.
Widths widths_of(const Arch& arch, const Problem& problem);

/// A workload with one multiply-accumulate operator. Refused: a dim in two ranks of one dataspace.
tl::expected<Workload, Reasons> workload_of(const Problem& problem, const Widths& widths);

/// The mapping as a path over architecture_of(base) and workload_of(problem). `arch` is what the
/// mapping is for: levels of it that `base` does not have must keep nothing.
LoopTree tree_of(const Arch& arch, const Problem& problem, const Mapping& mapping,
                 const Architecture& machine);

}  // namespace tileloom::cost::timeloop

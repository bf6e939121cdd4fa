#pragma once
// Reads what a user demands of a mapping. The format: docs/architecture_format.md, "Constraints".

#include <string>
#include <vector>

#include "tileloom/arch/architecture.hpp"
#include "tileloom/mapper/constraints.hpp"
#include "tileloom/support/diagnostic.hpp"

namespace tileloom {

/// Names that a constraint may use. An empty list is not checked.
struct ConstraintNames {
  std::vector<std::string> ranks;
  std::vector<std::string> tensors;
};

/// All rank and tensor names of a workload's operators.
ConstraintNames constraint_names(const Workload& workload);

Result<mapper::Constraints> read_constraints(const std::string& path, const Architecture& arch,
                                             const ConstraintNames& names);
Result<mapper::Constraints> parse_constraints(const std::string& text, const std::string& file,
                                              const Architecture& arch,
                                              const ConstraintNames& names);

}  // namespace tileloom

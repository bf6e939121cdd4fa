#pragma once
// DiGamma: the machine's sizes are searched together with the mapping.

#include <optional>
#include <utility>
#include <vector>

#include "tileloom/mapper/gamma/options.hpp"
#include "tileloom/mapper/mapper.hpp"

namespace tileloom::mapper {

/// Area of a machine: 282 µm² per lane and 0.086 µm² per bit of memory inside the outermost, as
/// DiGamma's program counts.
///     area = 282 · lanes + 0.086 · Σ_{memories but the outermost} instances · capacity
/// A memory without capacity counts nothing.
double area_um2(const Architecture& arch);

/// What the machine may take. What is absent is not limited.
struct HardwareBudget {
  std::optional<double> area;         ///< µm², as `area_um2` counts
  std::optional<std::int64_t> lanes;  ///< in all
  /// Capacity of one instance; other memories may be of any size.
  std::vector<std::pair<MemoryId, Bits>> capacities;
  bool operator==(const HardwareBudget&) const = default;
};

struct CoDesign {
  Architecture arch;  ///< axes as wide as used, memories as large as needed
  MapResult result;   ///< on that machine; without a tree if nothing fits into the budget
  double area = 0;    ///< µm²
};

/// The best machine within the budget and mapping on it: `problem.arch` says which memories and
/// axes there are and what everything costs (energies do not depend on the size here, as in the
/// original). Every axis may be as wide as `problem.arch` has it or, if lanes are limited, as there
/// are lanes. The number of lanes is a gene (the positions of the parts multiply to it); a memory
/// is exactly as large as the mapping needs.
CoDesign co_search(const Problem& problem, const HardwareBudget& hardware,
                   const GammaOptions& options, const Budget& budget);

}  // namespace tileloom::mapper

#pragma once
#include <span>
#include <string>
#include <string_view>

#include "tileloom/mapper/cosa/proxy.hpp"
#include "tileloom/mapper/mapper.hpp"
#include "tileloom/solver/solve.hpp"

namespace tileloom::mapper {

struct CosaOptions {
  /// Each true: as the paper's program does it.
  bool published_formulation = false;  ///< a binary per copy and position (F1), not aggregated (F2)
  bool published_stride = false;       ///< the stride counts once per prime factor
  bool published_capacity = false;     ///< a schedule that overflows a memory is not repaired
  bool published_ties = false;         ///< the first optimum of the proxy is taken as it is
  solver::Backend solver = solver::Backend::cbc;
  bool operator==(const CosaOptions&) const = default;
};

/// What the paper's program shall be left to do ("formulation", "stride", "capacity", "ties",
/// "all") and the solver's name as options; every word that is none is a mistake.
Result<CosaOptions> cosa_options(std::span<const std::string> as_published,
                                 std::string_view solver);
/// All that can change an answer.
std::string to_string(const CosaOptions& options);

/// Huang et al., "CoSA: Scheduling by Constrained Optimization for Spatial Accelerators", ISCA
/// 2021: one mixed-integer program over the prime factors decides levels, spatial factors and the
/// order of the outermost on-chip memory's loops.
class CosaMapper final : public Mapper {
 public:
  explicit CosaMapper(CosaOptions options) : options_(options) {}
  MapResult map(const Problem& problem, const Budget& budget,
                const OnProgress& on_progress) const override;

 private:
  CosaOptions options_;
};

}  // namespace tileloom::mapper

#pragma once
// Cycles of a tiling in closed form: fast enough to look at every tiling, close enough to choose
// the few that the cycle model then times.

#include <cstdint>

#include "tileloom/target/vta/codegen/tiling.hpp"
#include "tileloom/target/vta/codegen/useful_steps.hpp"
#include "tileloom/target/vta/simulator/timing.hpp"

namespace tileloom::target::vta {

/// Cycles below which no tiling of the nest can come: GEMM steps, resets and ALU operations in one
/// unit; compulsory reads; compulsory writes. Steps that multiply padding do not count.
/// @param alu_operations  per accumulator entry in the epilogue
std::int64_t lower_bound(const Config& config, const Nest& nest, std::int64_t alu_operations,
                         const TimingOptions& options = {});

/// Estimates tilings of one nest.
class Estimator {
 public:
  Estimator(const Config& config, const Nest& nest, std::int64_t alu_operations,
            const TimingOptions& options)
      : config_(config),
        nest_(nest),
        padded_axes_(padded_axes(nest)),
        useful_steps_(useful_steps(nest)),
        alu_operations_(alu_operations),
        options_(options) {}

  /// max(compute, reads, writes) where they overlap, sums where a single slot keeps them apart, plus
  /// the first reads and the last epilogue and write.
  std::int64_t cycles(const Tiling& tiling) const;

  /// True if the loads take longer than the compute unit.
  bool reads_bound(const Tiling& tiling) const;

 private:
  struct Moves {
    std::int64_t once = 0;  ///< cycles to move one whole tile
    double total = 0;       ///< cycles of all moves
    double count = 0;       ///< tiles moved
    double instructions = 0;
  };
  Moves reads(Part part, const Tiling& tiling) const;
  Moves writes(const Tiling& tiling) const;
  double gemms(const Tiling& tiling) const;
  double compute(const Tiling& tiling, double gemm_instructions, double stores) const;
  double fetch(double instructions) const;

  const Config& config_;
  const Nest& nest_;
  std::vector<PaddedAxis> padded_axes_;
  std::int64_t useful_steps_;
  std::int64_t alu_operations_;
  TimingOptions options_;
};

/// Tiles of an operand that are moved in: a run over the loops outside the largest inner part of the
/// order whose tiles all find a slot.
double loaded_tiles(const PackedOperand& operand, const Nest& nest, const Tiling& tiling);

}  // namespace tileloom::target::vta

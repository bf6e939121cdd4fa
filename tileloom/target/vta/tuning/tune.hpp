#pragma once
// Chooses a tiling by the cycle model.

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "tileloom/target/vta/codegen/emit.hpp"
#include "tileloom/target/vta/tuning/estimate.hpp"

namespace tileloom::target::vta {

struct TuneOptions {
  /// The schedule of TVM's VTA convolutions: tiles in one order of loops, windows whole, inputs and
  /// weights loaded for every tile, at most two virtual threads.
  bool fixed_strategy = false;
  /// Of the fixed strategy only what its template can say: one DMA per tensor and tile, virtual
  /// threads along one of `thread_loops`.
  bool as_described = false;
  std::vector<std::size_t> thread_loops;
  /// Order of the parallel loops over tiles, outermost first, for the fixed strategy.
  std::vector<std::size_t> fixed_order;
  /// Tilings that are timed whatever their estimate.
  std::vector<Tiling> known;
  std::int64_t sizes = 12;  ///< tile sizes looked at per loop, at most
  std::int64_t timed = 40;     ///< tilings that the cycle model times, at most
  std::int64_t patience = 12;  ///< of them in a row without a better one, then no more
  /// Variants of the best that are timed, at most: other first tiles, padding that is stored, a
  /// first and a last step in pieces. 0: none, tiles of one size whose padding loads make.
  std::int64_t refined = 0;
  TimingOptions timing;
  /// Of a layer within a network: its program. What it waits for its first loads and what it stores
  /// in the end run beside its neighbours and do not count, and programs that add to an accumulator
  /// again within 3 steps are taken only where there is no other. Empty: emit() makes the program.
  std::function<EmittedProgram(const Tiling&)> layer_program;
};

struct Tuned {
  Tiling tiling;
  Cycles cycles{};
  bool close = false;  ///< of a layer: adds to an accumulator again within 3 steps
};

/// By `close`, then by cycles.
bool better(const Tuned& a, const Tuned& b);

/// The best tilings of so many orders of loops are kept.
inline constexpr std::size_t kOrdersKept = 6;
/// Puts a tiling among the best of each order, the best first.
void keep_best_of_order(std::vector<Tuned>& kept, const Tuned& tuned);

/// A scratchpad that cannot hold the smallest tile of its operand.
struct Shortage {
  Memory memory = Memory::input;
  std::int64_t needed = 0;   ///< entries
  std::int64_t entries = 0;  ///< that it has
};
/// @param whole_windows  as the fixed strategy has them
std::vector<Shortage> shortages(const Config& config, const Nest& nest, bool whole_windows);

/// The best of all tilings by estimate, of those the best by time(); nothing if none fits.
/// @param others  of a layer, if not null: the best of each order among those that were timed
std::optional<Tuned> tune(const Config& config, const Nest& nest, const Epilogue& epilogue,
                          const TuneOptions& options, std::vector<Tuned>* others = nullptr);

}  // namespace tileloom::target::vta

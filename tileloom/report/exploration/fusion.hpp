#pragma once
// What an exploration of depth-first schedules found: the noun that tables, JSON, CSV and the page
// are made of.

#include <optional>
#include <string>
#include <vector>

#include "tileloom/scheduler/defines/exploration.hpp"

namespace tileloom::report {

/// One point of the design space.
struct FusionPoint {
  scheduler::defines::Point point;
  std::optional<scheduler::defines::Totals> totals;  ///< absent: infeasible
  std::string infeasible;                            ///< why, with its numbers
};

/// A layer in a fused stack, at the tile type that occurs most.
struct FusedLayer {
  std::string id;
  scheduler::defines::Extent tile;     ///< of the output
  scheduler::defines::Extent window;   ///< of the input: tile and halo (of the first operand)
  scheduler::defines::Extent full;     ///< the whole output map
  double recomputed = 0;               ///< outputs computed / outputs of the map − 1
  std::string input_memory, output_memory;
  Picojoules energy, copy_energy;      ///< over the whole run
  Cycles latency, copy_latency;
};

struct FusedStack {
  std::vector<FusedLayer> layers;
  std::int64_t tiles = 0;
  std::size_t tile_types = 0;
  std::string columns_memory, rows_memory, weights_memory;  ///< empty: none
  Bits columns, rows, weights;                              ///< what they hold
};

/// Energy by memory, and there by operand or "copy".
struct MemoryEnergy {
  std::string memory, on;
  Picojoules energy;
};

/// A point in detail.
struct FusionDetail {
  FusionPoint point;
  std::vector<FusedStack> stacks;
  std::vector<MemoryEnergy> energies;
};

struct FusionExploration {
  std::string network, machine;
  scheduler::defines::Options options;
  std::vector<std::int64_t> cuts;
  std::vector<FusionPoint> points;  ///< in the order asked for; those not reached are left out
  std::size_t asked = 0;
  FusionPoint single_layer;         ///< every layer a stack
  FusionPoint layer_by_layer;       ///< the stacks of `options.depth`, tiles as large as the maps
  std::optional<FusionDetail> least_energy, least_latency;
};

/// The feasible point with the least energy (then latency), or the least latency (then energy).
const FusionPoint* least_energy(const std::vector<FusionPoint>& points);
const FusionPoint* least_latency(const std::vector<FusionPoint>& points);

/// The detail of a schedule.
FusionDetail detail_of(const scheduler::defines::Exploration& exploration,
                       const scheduler::defines::Schedule& schedule);

}  // namespace tileloom::report

#include "tileloom/target/vta/tuning/tile_space.hpp"

#include <algorithm>
#include <set>

#include "tileloom/support/checked.hpp"
#include "tileloom/target/vta/codegen/program_writer.hpp"

namespace tileloom::target::vta {
namespace {

/// Tilings into more tiles are neither estimated well nor ever the best; large products in shallow
/// scratchpads have no other choice.
constexpr double kMostTiles = 40000;
/// Where nothing else fits.
constexpr double kMostTilesAtAll = 200000;
/// Times as many sizes where loops are few.
constexpr std::int64_t kMoreSizes = 3;
/// Pieces of the first and the last step before others are tried.
constexpr std::int64_t kUsualPieces = 4;

/// Sizes that cut `trips` into tiles as equal as possible: all of it, halves, ... down to 1.
std::vector<std::int64_t> sizes_of(std::int64_t trips, std::int64_t most) {
  std::set<std::int64_t, std::greater<>> all;
  for (std::int64_t parts = 1; parts <= trips; parts = std::max(parts + 1, parts * 9 / 8)) {
    all.insert(ceil_div(trips, parts));
  }
  all.insert(1);
  std::vector<std::int64_t> sizes(all.begin(), all.end());
  // Thinned evenly, the ends kept.
  while (static_cast<std::int64_t>(sizes.size()) > most) {
    std::vector<std::int64_t> fewer;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      if (i == 0 || i + 1 == sizes.size() || i % 3 != 1) fewer.push_back(sizes[i]);
    }
    if (fewer.size() == sizes.size()) break;
    sizes = fewer;
  }
  return sizes;
}

/// Tiles of an operand in all.
std::int64_t distinct_tiles(const Nest& nest, const Tiling& tiling, Part part) {
  std::int64_t product = 1;
  std::vector<bool> seen(nest.loops(), false);
  for (const PackedAxis& axis : nest.operand(part).axes) {
    for (const PackedTerm& term : axis.terms) {
      if (!seen[term.loop]) product *= tiles(nest, tiling, term.loop);
      seen[term.loop] = true;
    }
  }
  return product;
}

/// A loop that only moves along axes which other loops move along too: a window.
bool is_window(const Nest& nest, std::size_t loop) {
  if (!nest.reduction[loop]) return false;
  for (const PackedAxis& axis : nest.operand(Part::data).axes) {
    for (const PackedTerm& term : axis.terms) {
      if (term.loop == loop && axis.terms.size() > 1) return true;
    }
  }
  return false;
}

/// As few as a product has.
bool few_loops(const Nest& nest) {
  return std::count_if(nest.trips.begin(), nest.trips.end(),
                       [](std::int64_t trips) { return trips > 1; }) <= 3;
}

class TileSearch {
 public:
  TileSearch(const Config& config, const Nest& nest, const TuneOptions& options)
      : config_(config),
        nest_(nest),
        options_(options),
        estimator_(config, nest, kEpilogueOperations, options.timing) {
    for (const PackedAxis& axis : nest.operand(Part::data).axes) {
      if (options.refined == 0) break;
      has_padding_ = has_padding_ || axis.zero_before + axis.zero_after > 0;
    }
    const std::int64_t most = options.sizes * (few_loops(nest) ? kMoreSizes : 1);
    for (std::size_t l = 0; l < nest.loops(); ++l) {
      if (options.fixed_strategy && is_window(nest, l)) {
        sizes_.push_back({nest.trips[l]});
      } else if (is_window(nest, l) && nest.trips[l] > 1) {
        sizes_.push_back({nest.trips[l], 1});
      } else {
        sizes_.push_back(sizes_of(nest.trips[l], most));
      }
    }
  }

  std::vector<TileCandidate> run() {
    Tiling tiling;
    tiling.tile.assign(nest_.loops(), 1);
    visit(tiling, 0);
    if (best_.empty() && !options_.fixed_strategy) {
      most_tiles_ = kMostTilesAtAll;
      visit(tiling, 0);
    }
    return std::move(best_);
  }

 private:
  bool fits(const Tiling& tiling) const {
    for (const PackedOperand& operand : nest_.operands) {
      if (tile_blocks(operand, tiling) > depth(config_, scratchpad(operand.part))) {
        return false;
      }
    }
    return true;
  }

  void visit(Tiling& tiling, std::size_t loop) {
    if (loop == nest_.loops()) {
      complete(tiling);
      return;
    }
    for (std::int64_t size : sizes_[loop]) {
      tiling.tile[loop] = size;
      if (fits(tiling)) visit(tiling, loop + 1);
    }
    tiling.tile[loop] = 1;
  }

  void complete(const Tiling& tiling) {
    double count = 1;
    for (std::size_t l = 0; l < nest_.loops(); ++l) {
      count *= static_cast<double>(tiles(nest_, tiling, l));
    }
    if (count > most_tiles_ && tiling.tile != nest_.trips) return;
    for (const std::vector<std::size_t>& order : orders(tiling)) {
      Tiling ordered = tiling;
      ordered.order = order;
      if (options_.fixed_strategy) {
        ordered.reload = true;
        ordered.skip_padding = false;
        for (std::int64_t threads : {1, 2}) consider(ordered, threads);
      } else {
        consider_slots(ordered);
        if (!pads_in_several_loads(ordered)) continue;
        ordered.store_padding = true;
        consider_slots(ordered);
      }
    }
  }

  /// As many slots as fit, in one direction or, where loads bound, back and forth; or two of each.
  void consider_slots(const Tiling& tiling) {
    consider(tiling, 0);
    const Tiling all = with_slots(config_, nest_, tiling, 0);
    if (all.slots != with_slots(config_, nest_, tiling, 2).slots) consider(tiling, 2);
    if (options_.layer_program || !estimator_.reads_bound(all)) return;
    Tiling turning = tiling;
    turning.back_and_forth = true;
    consider(turning, 0);
  }

  /// Stored padding may save loads.
  bool pads_in_several_loads(const Tiling& tiling) const {
    if (!has_padding_) return false;
    const PackedOperand& data = nest_.operand(Part::data);
    return move_shape(stored_for(data, nest_, tiling), box_size(data, nest_, tiling)).moves > 1;
  }

  /// Orders of the loops over tiles. Which parallel loop is innermost decides what is loaded anew;
  /// reductions are always inside.
  std::vector<std::vector<std::size_t>> orders(const Tiling& tiling) const {
    std::vector<std::size_t> parallel;
    std::vector<std::size_t> reductions;
    std::vector<std::size_t> idle;
    for (std::size_t l = 0; l < nest_.loops(); ++l) {
      if (nest_.reduction[l]) {
        reductions.push_back(l);
      } else {
        (tiles(nest_, tiling, l) > 1 ? parallel : idle).push_back(l);
      }
    }
    if (options_.fixed_strategy) {
      parallel = options_.fixed_order;
      idle.clear();
    }
    const auto complete = [&](const std::vector<std::size_t>& inner) {
      std::vector<std::size_t> order = idle;
      order.insert(order.end(), inner.begin(), inner.end());
      order.insert(order.end(), reductions.begin(), reductions.end());
      return order;
    };
    std::vector<std::vector<std::size_t>> result{complete(parallel)};
    if (options_.fixed_strategy) return result;
    for (std::size_t i = 0; i + 1 < parallel.size(); ++i) {
      std::vector<std::size_t> moved = parallel;
      std::rotate(moved.begin() + static_cast<std::ptrdiff_t>(i),
                  moved.begin() + static_cast<std::ptrdiff_t>(i) + 1, moved.end());
      result.push_back(complete(moved));
    }
    return result;
  }

  /// Virtual threads take turns at the tiles of one of the loops made for them.
  bool may_have_threads(const Tiling& tiling) const {
    return std::any_of(options_.thread_loops.begin(), options_.thread_loops.end(),
                       [&](std::size_t l) { return tiles(nest_, tiling, l) > 1; });
  }

  bool one_move_each(const Tiling& tiling) const {
    return std::all_of(nest_.operands.begin(), nest_.operands.end(), [&](const auto& operand) {
      return move_shape(stored_for(operand, nest_, tiling), box_size(operand, nest_, tiling))
                 .moves == 1;
    });
  }

  /// @param threads  0: as many slots as fit
  void consider(const Tiling& tiling, std::int64_t threads) {
    if (options_.as_described) {
      if (threads > 1 && !may_have_threads(tiling)) return;
      if (!one_move_each(tiling)) return;
    }
    Tiling complete = with_slots(config_, nest_, tiling, threads);
    if (options_.refined > 0 && !options_.fixed_strategy) complete.pieces = kUsualPieces;
    if (options_.fixed_strategy) {
      for (Part part : {Part::data, Part::result}) {
        const std::int64_t wanted = std::min(threads, distinct_tiles(nest_, tiling, part));
        if (complete.slots[static_cast<std::size_t>(part)] < wanted) return;
      }
    }
    const std::int64_t estimate = estimator_.cycles(complete);
    keep({estimate, std::move(complete)});
  }

  /// Loads of micro-ops: every combination of slots needs its own; those that do not fit together are
  /// loaded again and again.
  std::int64_t micro_op_cycles(const Tiling& tiling) const {
    const std::int64_t count = split_loops(nest_, tiling.tile, micro_op_entries(config_)).micro_ops;
    std::int64_t steps = 1;
    for (std::size_t l = 0; l < nest_.loops(); ++l) steps *= tiles(nest_, tiling, l);
    const std::int64_t combinations =
        std::min(steps, tiling.slots[0] * tiling.slots[1] * tiling.slots[2]);
    const std::int64_t once = count * 4 / options_.timing.port_bytes;
    if (combinations * count <= micro_op_entries(config_)) {
      return options_.timing.read_latency + combinations * once;
    }
    return steps * (options_.timing.read_latency + once);
  }

  void keep(TileCandidate candidate) {
    const auto better = [](const TileCandidate& a, const TileCandidate& b) {
      return a.estimate < b.estimate;
    };
    const auto most = static_cast<std::size_t>(options_.timed);
    if (best_.size() == most && candidate.estimate >= best_.back().estimate) return;
    if (!infeasible(config_, nest_, candidate.tiling).empty()) return;
    candidate.estimate += micro_op_cycles(candidate.tiling);
    if (best_.size() == most && candidate.estimate >= best_.back().estimate) return;
    best_.insert(std::upper_bound(best_.begin(), best_.end(), candidate, better),
                 std::move(candidate));
    if (best_.size() > most) best_.pop_back();
  }

  const Config& config_;
  const Nest& nest_;
  const TuneOptions& options_;
  Estimator estimator_;
  std::vector<std::vector<std::int64_t>> sizes_;
  bool has_padding_ = false;  ///< around the image
  double most_tiles_ = kMostTiles;
  std::vector<TileCandidate> best_;
};

}  // namespace

std::vector<Shortage> shortages(const Config& config, const Nest& nest, bool whole_windows) {
  Tiling smallest;
  for (std::size_t l = 0; l < nest.loops(); ++l) {
    smallest.tile.push_back(whole_windows && is_window(nest, l) ? nest.trips[l] : 1);
  }
  std::vector<Shortage> result;
  for (const PackedOperand& operand : nest.operands) {
    const Memory memory = scratchpad(operand.part);
    const std::int64_t needed = tile_blocks(operand, smallest);
    if (needed > depth(config, memory)) result.push_back({memory, needed, depth(config, memory)});
  }
  return result;
}

std::vector<TileCandidate> best_estimated(const Config& config, const Nest& nest,
                                          const TuneOptions& options) {
  return TileSearch(config, nest, options).run();
}

Tiling with_slots(const Config& config, const Nest& nest, Tiling tiling, std::int64_t most) {
  constexpr std::int64_t kMostKept = 64;
  for (const PackedOperand& operand : nest.operands) {
    const std::int64_t room =
        depth(config, scratchpad(operand.part)) / tile_blocks(operand, tiling);
    std::int64_t wanted = std::min(distinct_tiles(nest, tiling, operand.part), kMostKept);
    if (operand.part == Part::result) wanted = std::min<std::int64_t>(wanted, 2);
    if (most > 0) wanted = std::min(wanted, most);
    tiling.slots[static_cast<std::size_t>(operand.part)] = std::min(wanted, room);
  }
  return tiling;
}

}  // namespace tileloom::target::vta

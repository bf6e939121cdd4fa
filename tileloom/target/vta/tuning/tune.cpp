#include "tileloom/target/vta/tuning/tune.hpp"

#include <algorithm>
#include <set>

#include "tileloom/support/checked.hpp"
#include "tileloom/target/vta/tuning/tile_space.hpp"

namespace tileloom::target::vta {
namespace {

/// Instructions of the programs that refining may time.
constexpr std::int64_t kMostRefined = 200'000;

/// What the compute unit takes without its first wait for data.
Cycles cycles_between_neighbours(const Timing& timed) {
  Cycles end{};
  std::optional<Cycles> first_wait;
  for (const Activity& activity : timed.activities) {
    if (activity.unit != Unit::compute) continue;
    if (!first_wait && activity.wait_queue == TokenQueue::load_to_compute) {
      first_wait = activity.begin - activity.ready;
    }
    const bool finish = activity.instruction + 1 == timed.activities.size();
    if (!finish) end = activity.end;
  }
  return end - first_wait.value_or(Cycles{});
}

/// Times tilings and keeps the best.
class Race {
 public:
  Race(const Config& config, const Nest& nest, const Epilogue& epilogue, const TuneOptions& options)
      : config_(config), nest_(nest), epilogue_(epilogue), options_(options) {}

  /// True if the tiling is the best so far. Counting ends where it cannot be any more.
  bool run(const Tiling& tiling) {
    const bool is_layer = static_cast<bool>(options_.layer_program);
    const EmittedProgram program =
        is_layer ? options_.layer_program(tiling) : emit(config_, nest_, tiling, epilogue_);
    instructions_ += static_cast<std::int64_t>(program.instructions.size());
    const bool is_close = is_layer && program.reuse_distance < kFarEnough;
    TimingOptions timing = options_.timing;
    if (best_) {
      const std::int64_t most = best_->cycles.value * (is_layer ? 5 : 4) / 4;
      timing.give_up = std::min(timing.give_up, most);
    }
    const Timing timed = time(config_, program.instructions, timing);
    if (timed.total.value >= timing.give_up) return false;
    Tuned tuned{tiling, is_layer ? cycles_between_neighbours(timed) : timed.total, is_close};
    if (is_layer) keep_best_of_order(kept_, tuned);
    if (best_ && !better(tuned, *best_)) return false;
    best_ = std::move(tuned);
    return true;
  }

  const std::optional<Tuned>& best() const { return best_; }
  std::vector<Tuned> take_kept() { return std::move(kept_); }
  std::int64_t instructions() const { return instructions_; }  ///< of all programs so far

 private:
  const Config& config_;
  const Nest& nest_;
  const Epilogue& epilogue_;
  const TuneOptions& options_;
  std::optional<Tuned> best_;
  std::vector<Tuned> kept_;  ///< of each order
  std::int64_t instructions_ = 0;
};

/// Sizes next to `size`: one trip more or fewer, one tile more or fewer along the loop.
std::set<std::int64_t> sizes_near(std::int64_t size, std::int64_t trips) {
  const std::int64_t parts = ceil_div(trips, size);
  std::set<std::int64_t> near;
  for (const std::int64_t candidate :
       {size - 1, size + 1, ceil_div(trips, parts + 1), ceil_div(trips, parts + 2),
        ceil_div(trips, std::max<std::int64_t>(1, parts - 1)), ceil_div(trips, 2 * parts)}) {
    if (candidate >= 1 && candidate <= trips && candidate != size) near.insert(candidate);
  }
  return near;
}

/// Sizes of a first tile beside others of `size`.
std::set<std::int64_t> first_sizes(std::int64_t size) {
  std::set<std::int64_t> sizes{1, size};
  for (std::int64_t parts : {2, 3, 4, 8}) sizes.insert(ceil_div(size, parts));
  return sizes;
}

/// Tilings that differ from `tiling` in one loop's tile, in its first tile, in two neighbours of the
/// order, or in who makes the padding; not all of them fit.
std::vector<Tiling> variants(const Nest& nest, const Tiling& tiling) {
  std::vector<Tiling> result{tiling};
  result.back().store_padding = !tiling.store_padding;
  for (const std::int64_t pieces : {1, 2, 3, 4, 6, 8}) {
    if (pieces == tiling.pieces) continue;
    result.push_back(tiling);
    result.back().pieces = pieces;
  }
  for (std::size_t l = 0; l < nest.loops(); ++l) {
    for (const std::int64_t size : sizes_near(tiling.tile[l], nest.trips[l])) {
      result.push_back(tiling);
      result.back().tile[l] = size;
      if (!tiling.first.empty()) result.back().first[l] = std::min(tiling.first[l], size);
    }
    if (tiling.tile[l] == nest.trips[l] && !tiling.first.empty() &&
        tiling.first[l] == nest.trips[l]) {
      continue;
    }
    for (const std::int64_t size : first_sizes(tiling.tile[l])) {
      if (size == first_size(nest, tiling, l)) continue;
      result.push_back(tiling);
      if (tiling.first.empty()) result.back().first = tiling.tile;
      result.back().first[l] = size;
    }
  }
  for (std::size_t i = 0; i + 1 < tiling.order.size(); ++i) {
    const bool same_kind = nest.reduction[tiling.order[i]] == nest.reduction[tiling.order[i + 1]];
    if (!same_kind || tiles(nest, tiling, tiling.order[i]) == 1) continue;
    result.push_back(tiling);
    std::swap(result.back().order[i], result.back().order[i + 1]);
  }
  return result;
}

bool tiles_fit(const Config& config, const Nest& nest, const Tiling& tiling) {
  return std::all_of(nest.operands.begin(), nest.operands.end(), [&](const PackedOperand& operand) {
    return tile_blocks(operand, tiling) <= depth(config, scratchpad(operand.part));
  });
}

/// Steps to the first better variant until there is none, `options.refined` have been timed, or the
/// programs together have many instructions.
void refine(const Config& config, const Nest& nest, const TuneOptions& options, Race& race) {
  const Estimator estimator(config, nest, kEpilogueOperations, options.timing);
  const std::int64_t before = race.instructions();
  std::int64_t timed = 0;
  for (bool found = true; found;) {
    found = false;
    const Tiling from = race.best()->tiling;
    for (const Tiling& variant : variants(nest, from)) {
      if (found || timed >= options.refined) break;
      if (race.instructions() - before > kMostRefined) return;
      if (!tiles_fit(config, nest, variant)) continue;
      for (const std::int64_t most : {0, 2, 3}) {
        const Tiling complete = with_slots(config, nest, variant, most);
        if (!infeasible(config, nest, complete).empty()) continue;
        if (estimator.cycles(complete) > race.best()->cycles.value * 11 / 10) continue;
        ++timed;
        found = race.run(complete) || found;
      }
    }
  }
}

}  // namespace

bool better(const Tuned& a, const Tuned& b) {
  if (a.close != b.close) return b.close;
  return a.cycles < b.cycles;
}

void keep_best_of_order(std::vector<Tuned>& kept, const Tuned& tuned) {
  const auto same = std::find_if(kept.begin(), kept.end(), [&](const Tuned& other) {
    return other.tiling.order == tuned.tiling.order;
  });
  if (same != kept.end()) {
    if (!better(tuned, *same)) return;
    kept.erase(same);
  }
  kept.insert(std::upper_bound(kept.begin(), kept.end(), tuned, better), tuned);
  if (kept.size() > kOrdersKept) kept.pop_back();
}

std::optional<Tuned> tune(const Config& config, const Nest& nest, const Epilogue& epilogue,
                          const TuneOptions& options, std::vector<Tuned>* others) {
  Race race(config, nest, epilogue, options);
  for (const Tiling& tiling : options.known) race.run(tiling);
  std::int64_t without_a_better = 0;
  for (const TileCandidate& candidate : best_estimated(config, nest, options)) {
    without_a_better = race.run(candidate.tiling) ? 0 : without_a_better + 1;
    if (without_a_better == options.patience) break;
  }
  if (race.best() && !options.fixed_strategy) refine(config, nest, options, race);
  if (others != nullptr) *others = race.take_kept();
  return race.best();
}

}  // namespace tileloom::target::vta

#include "tileloom/target/vta/codegen/schedule_tiles.hpp"

#include <algorithm>

namespace tileloom::target::vta {
namespace {

/// The tiles of one input operand that are in its scratchpad.
class Slots {
 public:
  Slots(std::int64_t count, bool reload)
      : slots_(static_cast<std::size_t>(count)), reload_(reload) {}

  struct Use {
    std::int64_t slot = 0;
    bool load = false;
    std::int64_t overwrites = -1;  ///< the last step that reads what a load overwrites; -1: none
  };

  Use use(const Box& box, std::int64_t step) {
    std::size_t victim = 0;
    for (std::size_t s = 0; s < slots_.size(); ++s) {
      if (!reload_ && slots_[s].used >= 0 && slots_[s].box == box) {
        slots_[s].used = step;
        return {static_cast<std::int64_t>(s)};
      }
      if (slots_[s].used < slots_[victim].used) victim = s;
    }
    const Use use{static_cast<std::int64_t>(victim), true, slots_[victim].used};
    slots_[victim] = {box, step};
    return use;
  }

 private:
  struct Slot {
    Box box;
    std::int64_t used = -1;  ///< the last step that reads it
  };
  std::vector<Slot> slots_;
  bool reload_;
};

/// Walks the tiles like an odometer, the last loop of `order` fastest. Back and forth, a loop that
/// ends turns round: then neighbouring tiles differ in one loop only.
class Odometer {
 public:
  Odometer(const Nest& nest, const Tiling& tiling) : nest_(nest), tiling_(tiling) {
    tile_.low.assign(nest.loops(), 0);
    tile_.size.assign(nest.loops(), 0);
    walked_.assign(nest.loops(), 0);
    backwards_.assign(nest.loops(), false);
    for (std::size_t l = 0; l < nest.loops(); ++l) {
      count_.push_back(tiles(nest, tiling, l));
      place(l);
    }
  }
  const Tile& tile() const { return tile_; }

  /// False if there is no further tile.
  bool next() {
    for (std::size_t i = tiling_.order.size(); i-- > 0;) {
      const std::size_t l = tiling_.order[i];
      const bool inside = ++walked_[l] < count_[l];
      if (!inside) {
        walked_[l] = 0;
        backwards_[l] = tiling_.back_and_forth && !backwards_[l];
      }
      place(l);
      if (inside) return true;
    }
    return false;
  }

  /// True at the beginning, or the end, of the reduction loops.
  bool at_first() const {
    for (std::size_t l = 0; l < nest_.loops(); ++l) {
      if (nest_.reduction[l] && walked_[l] > 0) return false;
    }
    return true;
  }
  bool at_last() const {
    for (std::size_t l = 0; l < nest_.loops(); ++l) {
      if (nest_.reduction[l] && walked_[l] + 1 < count_[l]) return false;
    }
    return true;
  }

 private:
  void place(std::size_t l) {
    const std::int64_t index = backwards_[l] ? count_[l] - 1 - walked_[l] : walked_[l];
    const std::int64_t first = first_size(nest_, tiling_, l);
    tile_.low[l] = index == 0 ? 0 : first + (index - 1) * tiling_.tile[l];
    tile_.size[l] = index == 0 ? first : std::min(tiling_.tile[l], nest_.trips[l] - tile_.low[l]);
  }
  const Nest& nest_;
  const Tiling& tiling_;
  Tile tile_;
  std::vector<std::int64_t> count_;   ///< tiles, by loop
  std::vector<std::int64_t> walked_;  ///< of them in the present round
  std::vector<bool> backwards_;       ///< the present round begins with the last tile
};

void order_stores(std::vector<TileStep>& steps, std::int64_t slots) {
  std::vector<TileStep*> last;  // per tile of the result
  std::int64_t tile = 0;
  for (TileStep& step : steps) {
    step.slots[static_cast<std::size_t>(Part::result)] = tile % slots;
    if (step.first && tile >= slots) {
      step.reset_waits = true;
      last[static_cast<std::size_t>(tile - slots)]->store_signals = true;
    }
    if (!step.last) continue;
    last.push_back(&step);
    ++tile;
  }
  last.back()->store_signals = true;  // for FINISH
}

}  // namespace

void order_loads(std::vector<TileStep>& steps) {
  for (TileStep& step : steps) step.load_waits = step.frees_buffers = step.tells_loads = false;
  std::int64_t acquired = -1;
  for (TileStep& step : steps) {
    if (step.loads_after <= acquired) continue;
    acquired = step.loads_after;
    step.load_waits = true;
    TileStep& awaited = steps[static_cast<std::size_t>(acquired / 2)];
    (acquired % 2 == 0 ? awaited.tells_loads : awaited.frees_buffers) = true;
  }
}

std::vector<TileStep> schedule_tiles(const Nest& nest, const Tiling& tiling) {
  std::vector<TileStep> steps;
  std::vector<std::int64_t> adding;  // the steps that add another tensor
  std::vector<Slots> slots;
  for (Part part : {Part::data, Part::weights}) {
    slots.emplace_back(tiling.slots[static_cast<std::size_t>(part)], tiling.reload);
  }
  Odometer odometer(nest, tiling);
  do {
    TileStep step;
    step.tile = odometer.tile();
    step.first = odometer.at_first();
    step.last = odometer.at_last();
    std::int64_t overwritten = -1;
    for (Part part : {Part::data, Part::weights}) {
      const auto p = static_cast<std::size_t>(part);
      const Slots::Use use = slots[p].use(box_of(nest.operand(part), step.tile),
                                          static_cast<std::int64_t>(steps.size()));
      step.slots[p] = use.slot;
      step.loaded[p] = use.load;
      if (use.load) overwritten = std::max(overwritten, use.overwrites);
    }
    if (step.last && tiling.other_slots > 0) {
      const std::size_t tile = adding.size();
      const auto others = static_cast<std::size_t>(tiling.other_slots);
      step.other_slot = static_cast<std::int64_t>(tile % others);
      if (tile >= others) overwritten = std::max(overwritten, adding[tile - others]);
      adding.push_back(static_cast<std::int64_t>(steps.size()));
    }
    if (overwritten >= 0) step.loads_after = after_step(static_cast<std::size_t>(overwritten));
    steps.push_back(std::move(step));
  } while (odometer.next());
  order_loads(steps);
  order_stores(steps, tiling.slots[static_cast<std::size_t>(Part::result)]);
  return steps;
}

}  // namespace tileloom::target::vta

#include "tileloom/mapper/exact/product/sketch.hpp"

#include <algorithm>
#include <numeric>

#include "tileloom/loop_tree/path_loops.hpp"
#include "tileloom/mapper/exact/product/spread_rules.hpp"

namespace tileloom::mapper::product {
namespace {

std::size_t segment_of(const Terrain& terrain, const SketchedStore& store) {
  return terrain.memories[index(store.memory)].segment;
}

bool is_home(const Terrain& terrain, const Store& store) {
  return std::ranges::any_of(terrain.space->residents, [&](const Resident& resident) {
    return resident.tensor == store.tensor && resident.home == store.memory;
  });
}

std::size_t operand_of(const Terrain& terrain, const Store& store) {
  const std::vector<Resident>& residents = terrain.space->residents;
  return static_cast<std::size_t>(
      std::ranges::find(residents, store.tensor, &Resident::tensor) - residents.begin());
}

std::size_t open_axis(const Terrain& terrain, AxisId axis) {
  return static_cast<std::size_t>(std::ranges::find(terrain.open, axis, &OpenAxis::id) -
                                  terrain.open.begin());
}

/// Positions of an axis that are used.
std::int64_t used(const Terrain& terrain, const Sketch& sketch, std::size_t axis) {
  const std::size_t ranks = terrain.extents.size();
  const auto first = sketch.spread.begin() + static_cast<std::ptrdiff_t>(axis * ranks);
  return std::accumulate(first, first + static_cast<std::ptrdiff_t>(ranks), std::int64_t{1},
                         std::multiplies<>{});
}

/// True if a rank with a loop on axis `a` has another on an axis of `own` further in.
bool same_rank_further_in(const Terrain& terrain, const Sketch& sketch, std::size_t a,
                          std::uint64_t own) {
  const std::size_t ranks = terrain.extents.size();
  for (std::size_t inner = a + 1; inner < terrain.open.size(); ++inner) {
    if ((own >> inner & 1) == 0) continue;
    for (std::size_t r = 0; r < ranks; ++r) {
      if (sketch.spread[a * ranks + r] > 1 && sketch.spread[inner * ranks + r] > 1) return true;
    }
  }
  return false;
}

/// Rules 4 and 5 for Store s and an axis in use along which its memory is shared.
bool shares_legally(const Terrain& terrain, const Sketch& sketch, std::size_t s, std::size_t a) {
  const SketchedStore& store = sketch.stores[s];
  for (std::size_t p = 0; p < s; ++p) {
    if (sketch.stores[p].operand != store.operand) continue;
    if ((terrain.memories[index(sketch.stores[p].memory)].own >> a & 1) != 0) return false;
  }
  if (same_rank_further_in(terrain, sketch, a, terrain.memories[index(store.memory)].own)) {
    return false;
  }
  const std::size_t ranks = terrain.extents.size();
  for (std::size_t b = block_of_axis(terrain, sketch, a) + 1; b <= s; ++b) {
    for (std::size_t r = 0; r < ranks; ++r) {
      if (sketch.trips[b * ranks + r] > 1) return false;
    }
  }
  return true;
}

}  // namespace

Sketch sketch_of(const Terrain& terrain, std::span<const PathNode> path) {
  const std::size_t ranks = terrain.extents.size();
  Sketch sketch;
  sketch.spread.assign(terrain.open.size() * ranks, 1);
  std::vector<std::uint16_t> seen;  // ranks with a loop in the block at hand, outermost first
  const auto end_block = [&] {
    for (std::uint16_t r = 0; r < ranks; ++r) {
      if (std::ranges::find(seen, r) == seen.end()) sketch.order.push_back(r);
    }
    sketch.order.insert(sketch.order.end(), seen.begin(), seen.end());
    seen.clear();
  };
  sketch.trips.assign(ranks, 1);
  const std::vector<PathLoop> loops = path_loops(*terrain.space->op, path);
  auto next = loops.begin();
  for (const PathNode& node : path) {
    if (const Store* store = std::get_if<Store>(&node)) {
      if (is_home(terrain, *store)) continue;
      sketch.stores.push_back({operand_of(terrain, *store), store->memory});
      end_block();
      sketch.trips.resize(sketch.trips.size() + ranks, 1);
      continue;
    }
    const PathLoop& at = *next++;
    const std::size_t rank = index(at.loop.rank);
    if (at.loop.axis) {
      sketch.spread[open_axis(terrain, *at.loop.axis) * ranks + rank] *= at.trips;
    } else {
      std::int64_t& here = sketch.trips[sketch.stores.size() * ranks + rank];
      if (here == 1) seen.push_back(static_cast<std::uint16_t>(rank));
      here *= at.trips;
    }
  }
  end_block();
  return sketch;
}

std::size_t block_of_axis(const Terrain& terrain, const Sketch& sketch, std::size_t axis) {
  const std::size_t below = terrain.space->arch->axes[terrain.open[axis].id].below;
  std::size_t block = 0;
  while (block < sketch.stores.size() && index(sketch.stores[block].memory) < below) ++block;
  return block;
}

void write_path(const Terrain& terrain, const Sketch& sketch, std::vector<PathNode>& path) {
  const std::size_t ranks = terrain.extents.size();
  std::vector<std::pair<MemoryId, TensorId>> homes;
  for (const Resident& resident : terrain.space->residents) {
    homes.emplace_back(resident.home, resident.tensor);
  }
  std::ranges::stable_sort(homes, {}, &std::pair<MemoryId, TensorId>::first);
  path.clear();
  for (const auto& [memory, tensor] : homes) path.push_back(Store{tensor, memory});
  std::vector<std::int64_t> tiles = terrain.extents;
  const auto add_loop = [&](std::size_t rank, std::int64_t trips, std::optional<AxisId> axis) {
    if (trips == 1) return;
    tiles[rank] /= trips;
    path.push_back(Loop{terrain.space->id, static_cast<RankId>(rank), tiles[rank], axis});
  };
  std::size_t axis = 0;
  for (std::size_t b = 0; b < sketch.blocks(); ++b) {
    for (std::size_t i = 0; i < ranks; ++i) {
      const std::size_t rank = sketch.order[b * ranks + i];
      add_loop(rank, sketch.trips[b * ranks + rank], std::nullopt);
    }
    for (; axis < terrain.open.size() && block_of_axis(terrain, sketch, axis) == b; ++axis) {
      for (std::size_t rank = 0; rank < ranks; ++rank) {
        add_loop(rank, sketch.spread[axis * ranks + rank], terrain.open[axis].id);
      }
    }
    if (b == sketch.stores.size()) return;
    const SketchedStore& store = sketch.stores[b];
    path.push_back(Store{terrain.space->residents[store.operand].tensor, store.memory});
  }
}

bool legal(const Terrain& terrain, const Sketch& sketch) {
  for (std::size_t a = 0; a < terrain.open.size(); ++a) {
    const std::int64_t positions = used(terrain, sketch, a);
    if (positions > terrain.open[a].size) return false;
    if (positions == 1) continue;
    for (std::size_t s = 0; s < sketch.stores.size(); ++s) {
      if (!shares(terrain, sketch.stores[s].memory, a)) continue;
      if (!shares_legally(terrain, sketch, s, a)) return false;
    }
  }
  return true;
}

bool may_stand(const Terrain& terrain, std::span<const SketchedStore> stores,
               const SketchedStore& store, std::size_t place) {
  const std::size_t segment = segment_of(terrain, store);
  for (std::size_t s = 0; s < stores.size(); ++s) {
    const SketchedStore& other = stores[s];
    const bool outside = s < place;
    const std::size_t others = segment_of(terrain, other);
    if (outside ? others > segment : others < segment) return false;
    if (other.operand != store.operand) continue;
    if (outside ? other.memory >= store.memory : other.memory <= store.memory) return false;
  }
  return true;
}

}  // namespace tileloom::mapper::product

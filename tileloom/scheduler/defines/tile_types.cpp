#include "tileloom/scheduler/defines/tile_types.hpp"

#include <algorithm>

namespace tileloom::scheduler::defines {
namespace {

/// Columns (or rows) of tiles that differ at most in their position.
struct Band {
  std::int64_t width = 0;
  std::int64_t count = 0;
  std::int64_t begin = 0;  ///< of the first of them
  bool first = false, second = false, last = false;
};

/// The left-over band, the second (its neighbour is narrower), the inner ones, the last.
std::vector<Band> bands(std::int64_t total, std::int64_t tile) {
  const std::int64_t rest = total % tile;
  const std::int64_t first = rest == 0 ? std::min(tile, total) : rest;
  const std::int64_t others = (total - first) / tile;
  std::vector<Band> all{{first, 1, 0, true, false, others == 0}};
  if (others > 1) all.push_back({tile, 1, first, false, true, false});
  if (others > 2) all.push_back({tile, others - 2, first + tile, false, false, false});
  if (others > 0) all.push_back({tile, 1, total - tile, false, others == 1, true});
  return all;
}

/// The higher of two memories of the outputs' hierarchy.
std::optional<MemoryIndex> higher(const Machine& machine, const std::optional<MemoryIndex>& a,
                                  const std::optional<MemoryIndex>& b, MemoryOperand operand) {
  if (!a) return b;
  if (!b) return a;
  return machine.memories[*a].level[operand] >= machine.memories[*b].level[operand] ? a : b;
}

const Levels& at(const std::vector<Levels>& places, bool first_column, bool first_row) {
  return *std::ranges::find_if(places, [&](const Levels& levels) {
    return levels.place.first_column == first_column && levels.place.first_row == first_row;
  });
}

bool same_tile(const TileType& a, const TileType& b) {
  return a.tile == b.tile && a.first == b.first && a.h_make == b.h_make && a.h_use == b.h_use &&
         a.v_make == b.v_make && a.v_use == b.v_use && a.written == b.written;
}

/// The level in which a tile hands columns to its right neighbour.
std::optional<MemoryIndex> column_level(const Machine& machine, const std::vector<Levels>& places,
                                        bool first_row, bool first_column,
                                        const Repairs& repairs) {
  const std::optional<MemoryIndex> right = at(places, false, first_row).h;
  if (!repairs.highest_cache_level || !first_column) return right;
  return higher(machine, at(places, true, first_row).h, right, MemoryOperand::O);
}

class Planning {
 public:
  Planning(const Machine& machine, const Graph& graph, const Point& point, const Repairs& repairs)
      : machine_(machine),
        point_(point),
        repairs_(repairs),
        columns_(bands(graph.nodes[graph.end()].full.x, point.tile.x)),
        rows_(bands(graph.nodes[graph.end()].full.y, point.tile.y)) {}

  tl::expected<TilePlan, NoRoom> plan(const Hierarchy& hierarchy, const Graph& graph) {
    for (const Band& row : rows_) {
      for (const Band& column : columns_) {
        const TilePlace place{{column.width, row.width}, column.first, row.first};
        if (std::ranges::find(plan_.places, place, &Levels::place) != plan_.places.end()) continue;
        auto levels = choose_levels(machine_, hierarchy, graph, place, point_.mode, repairs_);
        if (!levels) return tl::unexpected(levels.error());
        plan_.places.push_back(*std::move(levels));
      }
    }
    for (const Levels& levels : plan_.places) {
      plan_.w = higher(machine_, plan_.w, levels.w, MemoryOperand::I2);
      plan_.v = repairs_.highest_cache_level
                    ? higher(machine_, plan_.v, levels.v, MemoryOperand::O)
                    : levels.v;
    }
    for (const Band& row : rows_)
      for (const Band& column : columns_) add(type_of(column, row), column.count * row.count);
    return std::move(plan_);
  }

 private:
  TileType type_of(const Band& column, const Band& row) const {
    const Levels& levels = at(plan_.places, column.first, row.first);
    TileType type;
    type.tile = levels.place.tile;
    type.first = column.first && row.first;
    type.first_seen = {column.begin, row.begin};
    type.caches = levels.needs.caches;
    if (point_.mode != Mode::fully_recompute) {
      if (!column.last)
        type.h_make = column_level(machine_, plan_.places, row.first, column.first, repairs_);
      if (!column.first)
        type.h_use = column_level(machine_, plan_.places, row.first, column.second, repairs_);
    }
    if (!row.last) type.v_make = plan_.v;
    if (!row.first) type.v_use = plan_.v;
    type.written = TileSizes(levels.written.size(), Extent{0, 0});
    for (const NodeId id : ids<NodeId>(levels.written.size())) {
      if (type.h_make) type.written[id].x = levels.written[id].x;
      if (type.v_make) type.written[id].y = levels.written[id].y;
    }
    return type;
  }

  void add(TileType type, std::int64_t count) {
    for (TileType& known : plan_.types) {
      if (!same_tile(known, type)) continue;
      known.count += count;
      return;
    }
    type.count = count;
    plan_.types.push_back(std::move(type));
  }

  const Machine& machine_;
  const Point& point_;
  const Repairs& repairs_;
  std::vector<Band> columns_, rows_;
  TilePlan plan_;
};

}  // namespace

tl::expected<TilePlan, NoRoom> plan_tiles(const Machine& machine, const Hierarchy& hierarchy,
                                          const Graph& graph, const Point& point,
                                          const Repairs& repairs) {
  return Planning(machine, graph, point, repairs).plan(hierarchy, graph);
}

}  // namespace tileloom::scheduler::defines

#include "tileloom/driver/defines_figures.hpp"

namespace tileloom::driver {
namespace {

using namespace scheduler::defines;
using nlohmann::json;

class Events {
 public:
  explicit Events(const Exploration& exploration) : exploration_(exploration) {}

  void add(const StackRun& stack) {
    for (const Levels& levels : stack.plan.places) add(levels);
    for (std::size_t i = 0; i < stack.tiles.size(); ++i) {
      add(stack.graph, stack.plan.types[i]);
      for (const NodeRun& node : stack.tiles[i].nodes) add(node);
    }
  }
  json take() { return std::move(events_); }

 private:
  json name(const std::optional<MemoryIndex>& memory) const {
    return memory ? json(exploration_.machine().memories[*memory].name) : json();
  }
  static json pair(Extent extent) { return {extent.x, extent.y}; }

  void add(const Levels& levels) {
    if (levels.h)
      events_.push_back({{"event", "h_cache_level"},
                         {"level", name(levels.h)},
                         {"tile", pair(levels.place.tile)},
                         {"first_column", levels.place.first_column},
                         {"first_row", levels.place.first_row}});
    if (levels.v) events_.push_back({{"event", "v_cache_level"}, {"level", name(levels.v)}});
    if (levels.w) events_.push_back({{"event", "weight_level"}, {"level", name(levels.w)}});
  }

  /// What each producer writes, by its id; the output of the stack writes nothing.
  static json written(const Graph& graph, const TileType& type, std::int64_t Extent::*axis) {
    json all = json::object();
    for (const NodeId id : ids<NodeId>(graph.nodes.size()))
      if (id != graph.end()) all[graph.nodes[id].id] = type.written[id].*axis;
    return all;
  }

  /// What each operand reads, by layer and operand.
  static json read(const Graph& graph, const TileType& type, Window Edge::*window) {
    const TileSizes sizes = back(graph, type.tile, true, true);
    json all = json::object();
    for (const NodeId id : ids<NodeId>(graph.nodes.size()))
      for (const Edge& edge : graph.nodes[id].edges)
        all[graph.nodes[id].id + "." + edge.operand] =
            overlap(edge.*window, window == &Edge::x ? sizes[id].x : sizes[id].y);
    return all;
  }

  void add(const Graph& graph, const TileType& type) {
    events_.push_back(
        {{"event", "tile_type"},
         {"tile", pair(type.tile)},
         {"first_seen_at", pair(type.first_seen)},
         {"first_tile_weights", type.first},
         {"h_make_level", name(type.h_make)},
         {"h_use_level", name(type.h_use)},
         {"h_write_columns",
          type.h_make ? written(graph, type, &Extent::x) : json::object()},
         {"h_read_columns", type.h_use ? read(graph, type, &Edge::x) : json::object()},
         {"v_make_level", name(type.v_make)},
         {"v_use_level", name(type.v_use)},
         {"v_write_rows", type.v_make ? written(graph, type, &Extent::y) : json::object()},
         {"v_read_rows", type.v_use ? read(graph, type, &Edge::y) : json::object()}});
  }

  json name_of(Place place) const {
    const auto& levels = exploration_.hierarchy().memories[place.operand];
    return exploration_.machine().memories[levels[static_cast<std::size_t>(place.level)]].name;
  }

  void add(const Copy& copy) {
    events_.push_back({{"event", "copy"},
                       {"kind", scheduler::defines::name(copy.kind)},
                       {"src", name_of(copy.from)},
                       {"dst", name_of(copy.to)},
                       {"bits", copy.bits.value}});
  }

  void add(const NodeRun& node) {
    for (const Attempt& attempt : node.attempts) {
      if (attempt.extra_o > 0 || attempt.extra_i > 0)
        events_.push_back({{"event", "retry_higher_level"},
                           {"extra_levels_O", attempt.extra_o},
                           {"extra_levels_I", attempt.extra_i}});
      for (const Copy& copy : attempt.reads) add(copy);
    }
    for (const Copy& copy : node.writes) add(copy);
  }

  const Exploration& exploration_;
  json events_ = json::array();
};

}  // namespace

json defines_events(const Exploration& exploration, const Schedule& schedule) {
  Events events(exploration);
  for (const StackRun& stack : schedule.stacks) events.add(stack);
  return events.take();
}

}  // namespace tileloom::driver

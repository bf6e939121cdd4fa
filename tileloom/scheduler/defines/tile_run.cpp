#include "tileloom/scheduler/defines/tile_run.hpp"

#include <algorithm>

#include "tileloom/scheduler/defines/reservation.hpp"

namespace tileloom::scheduler::defines {
namespace {

/// Extra levels for O and I after a failure: (1,0), (0,1), (1,1), (2,1), (1,2), (2,2), …
void next_attempt(int& extra_o, int& extra_i) {
  if (extra_o > extra_i) {
    ++extra_i;
    --extra_o;
  } else {
    ++extra_o;
  }
}

/// With so many no PE dimension is unrolled any more.
constexpr int kMostHalvings = 12;

class Run {
 public:
  Run(const TileContext& context, const TileType& type)
      : c_(context), type_(type), reservation_(c_.machine, c_.graph, c_.plan, type, c_.repairs) {
    run_.sizes = back(c_.graph, type.tile, type.h_use.has_value(), type.v_use.has_value());
    location_ = PerId<NodeId, Place>(c_.graph.nodes.size());
  }

  tl::expected<TileRun, NoMapping> all() {
    for (const NodeId id : ids<NodeId>(c_.graph.nodes.size())) {
      if (!c_.graph.nodes[id].layer) {
        run_input(id);
      } else if (!run_layer(id)) {
        return tl::unexpected(NoMapping{c_.graph.nodes[id].id, failed_});
      }
      reservation_.after(id, run_.sizes, memory_of(location_[id]));
    }
    return std::move(run_);
  }

 private:
  MemoryIndex memory_of(Place place) const {
    return c_.hierarchy.memories[place.operand][static_cast<std::size_t>(place.level)];
  }
  Place as(MemoryOperand operand, MemoryIndex memory) const {
    return {operand, c_.machine.memories[memory].level[operand].value_or(0)};
  }

  void close(NodeRun node, std::vector<Copy> before) {
    node.copies = run_together(c_.machine, c_.hierarchy, before);
    pending_ = node.writes;
    run_.nodes.push_back(std::move(node));
  }

  /// The stack's input: a copy from the top memory to the lowest that holds it.
  void run_input(NodeId id) {
    const Bits bits = output_bits(c_.graph.nodes[id], run_.sizes[id]);
    const int top = c_.hierarchy.top_level(MemoryOperand::I1);
    const bool is_end = id == c_.graph.end();
    const int level = is_end ? top : reservation_.lowest(MemoryOperand::I1, c_.hierarchy, bits);
    location_[id] = {MemoryOperand::I1, level};
    NodeRun node;
    node.node = id;
    node.attempts.push_back(
        {0, 0, {{CopyKind::stack_input, bits, {MemoryOperand::I1, top}, location_[id]}}});
    if (c_.repairs.charged_input_caches) node.writes = cache_writes(id);
    std::vector<Copy> before = pending_;
    before.push_back(node.attempts[0].reads[0]);
    close(std::move(node), std::move(before));
  }

  bool run_layer(NodeId id) {
    const Node& graph_node = c_.graph.nodes[id];
    const Bits in = input_bits(graph_node, run_.sizes[id]);
    const Bits out = output_bits(graph_node, run_.sizes[id]);
    reservation_.before(id);
    const int i_level = reservation_.lowest(MemoryOperand::I1, c_.hierarchy, in);
    const int o_level =
        id == c_.graph.end() ? c_.hierarchy.top_level(MemoryOperand::O)
                             : output_level(out, in, memory_of({MemoryOperand::I1, i_level}));
    NodeRun node;
    node.node = id;
    if (!map(node, id, i_level, o_level)) return false;
    node.writes = cache_writes(id);
    std::vector<Copy> before = pending_;
    const std::vector<Copy>& own = node.attempts.back().reads;
    before.insert(before.end(), own.begin(), own.end());
    close(std::move(node), std::move(before));
    return true;
  }

  /// Maps the layer, granting levels, and where even all of them do not help fewer PEs at a time.
  bool map(NodeRun& node, NodeId id, int i_level, int o_level) {
    const int i_top = c_.hierarchy.top_level(MemoryOperand::I1);
    const int o_top = c_.hierarchy.top_level(MemoryOperand::O);
    int extra_o = 0, extra_i = 0, halvings = 0;
    while (true) {
      const int i = std::min(i_level + extra_i, i_top), o = std::min(o_level + extra_o, o_top);
      node.attempts.push_back({extra_o, extra_i, reads(id, i)});
      node.tile = tile_of(id, i, o);
      node.tile->halvings = halvings;
      node.cost = c_.costs.cost(*node.tile);
      location_[id] = {MemoryOperand::O, o};
      if (node.cost) return true;
      if (i < i_top || o < o_top) {
        next_attempt(extra_o, extra_i);
        continue;
      }
      failed_ = *node.tile;
      if (!c_.repairs.sound_mapper || ++halvings > kMostHalvings) return false;
      extra_o = extra_i = 0;
    }
  }

  /// The lowest level of O, one instance, that holds the output, and the input if it lies there.
  int output_level(Bits out, Bits in, MemoryIndex input_memory) const {
    const std::vector<MemoryIndex>& levels = c_.hierarchy.memories[MemoryOperand::O];
    for (std::size_t level = 0; level < levels.size(); ++level) {
      const Bits need = levels[level] == input_memory ? out + in : out;
      if (reservation_.fits(levels[level], need)) return static_cast<int>(level);
    }
    return c_.hierarchy.top_level(MemoryOperand::O);
  }

  LayerTile tile_of(NodeId id, int i, int o) const {
    LayerTile tile;
    tile.layer = *c_.graph.nodes[id].layer;
    tile.output = run_.sizes[id];
    tile.top[MemoryOperand::I1] = i;
    tile.top[MemoryOperand::O] = o;
    tile.top[MemoryOperand::I2] = c_.hierarchy.top_level(MemoryOperand::I2);
    if (!type_.first && c_.plan.w)
      tile.top[MemoryOperand::I2] =
          *c_.machine.memories[*c_.plan.w].level[MemoryOperand::I2];
    tile.reserved = reservation_.beside(tile.top);
    return tile;
  }

  /// What a layer reads from elsewhere into its input level.
  std::vector<Copy> reads(NodeId id, int i_level) const {
    const Node& node = c_.graph.nodes[id];
    const Place to{MemoryOperand::I1, i_level};
    const MemoryIndex target = memory_of(to);
    std::vector<Copy> copies;
    for (const Edge& edge : node.edges)
      if (needs_copy(edge.producer, i_level))
        copies.push_back({CopyKind::output_to_input,
                          output_bits(c_.graph.nodes[edge.producer], run_.sizes[edge.producer]),
                          handed_from(edge.producer), to});
    if (type_.h_use && *type_.h_use != target)
      for (const Edge& edge : node.edges)
        add_read(copies, CopyKind::h_cache_to_input, column_bits(edge, run_.sizes[id]),
                 as(MemoryOperand::I1, *type_.h_use), to);
    if (type_.v_use && *type_.v_use != target)
      for (const Edge& edge : node.edges)
        add_read(copies, CopyKind::v_cache_to_input, row_bits(edge, run_.sizes[id]),
                 as(MemoryOperand::I1, *type_.v_use), to);
    return copies;
  }

  /// Where a producer's tile is copied from: as an output, if its memory holds outputs.
  Place handed_from(NodeId producer) const {
    const MemoryIndex held = memory_of(location_[producer]);
    return c_.machine.memories[held].serves(MemoryOperand::O) ? as(MemoryOperand::O, held)
                                                              : location_[producer];
  }

  bool needs_copy(NodeId producer, int i_level) const {
    const MemoryIndex held = memory_of(location_[producer]);
    if (c_.graph.nodes[producer].layer) return held != memory_of({MemoryOperand::I1, i_level});
    const std::optional<int> level = c_.machine.memories[held].level[MemoryOperand::I1];
    return !level || *level > i_level;
  }

  static void add_read(std::vector<Copy>& copies, CopyKind kind, Bits bits, Place from, Place to) {
    if (bits > Bits{}) copies.push_back({kind, bits, from, to});
  }

  /// channels·ov_x·IY·8
  static Bits column_bits(const Edge& edge, Extent out) {
    return {edge.channels * overlap(edge.x, out.x) * needed(edge.y, out.y) * edge.bits};
  }
  /// channels·(IX − ov_x, if those columns come from the H cache)·ov_y·8
  Bits row_bits(const Edge& edge, Extent out) const {
    const std::int64_t columns =
        needed(edge.x, out.x) - (type_.h_use ? overlap(edge.x, out.x) : 0);
    return {edge.channels * columns * overlap(edge.y, out.y) * edge.bits};
  }

  /// Rows, then the columns that were not among them, into the caches.
  std::vector<Copy> cache_writes(NodeId id) const {
    std::vector<Copy> copies;
    if (id == c_.graph.end()) return copies;
    const Node& node = c_.graph.nodes[id];
    const Place from = location_[id];
    const Extent made = run_.sizes[id], kept = type_.written[id];
    std::int64_t rows = 0;
    if (type_.v_make && *type_.v_make != memory_of(from)) {
      rows = kept.y;
      add_read(copies, CopyKind::output_to_v_cache, {rows * made.x * node.channels * node.bits},
               from, as(from.operand, *type_.v_make));
    }
    if (type_.h_make && *type_.h_make != memory_of(from))
      add_read(copies, CopyKind::output_to_h_cache,
               {kept.x * (made.y - rows) * node.channels * node.bits}, from,
               as(from.operand, *type_.h_make));
    return copies;
  }

  const TileContext& c_;
  const TileType& type_;
  Reservation reservation_;
  TileRun run_;
  PerId<NodeId, Place> location_;
  std::vector<Copy> pending_;  ///< cache writes of the node before
  LayerTile failed_;
};

}  // namespace

tl::expected<TileRun, NoMapping> run_tile(const TileContext& context, const TileType& type) {
  return Run(context, type).all();
}

}  // namespace tileloom::scheduler::defines

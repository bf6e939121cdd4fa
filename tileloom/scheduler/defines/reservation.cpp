#include "tileloom/scheduler/defines/reservation.hpp"

#include <algorithm>

namespace tileloom::scheduler::defines {

Reservation::Reservation(const Machine& machine, const Graph& graph, const TilePlan& plan,
                         const TileType& type, const Repairs& repairs)
    : machine_(machine),
      graph_(graph),
      on_(repairs.reserved_capacity),
      w_(plan.w),
      weights_(weight_bits(graph)),
      caches_(machine.memories.size()),
      waiting_(graph.nodes.size()) {
  const std::optional<MemoryIndex> h = type.h_make ? type.h_make : type.h_use;
  const std::optional<MemoryIndex> v = type.v_make ? type.v_make : type.v_use;
  if (h) caches_[*h] += type.caches.columns;
  if (v) caches_[*v] += type.caches.rows;
  if (h && h == v) caches_[*h] = caches_[*h] - type.caches.common;
}

void Reservation::before(NodeId layer) { layer_ = layer; }

void Reservation::after(NodeId node, const TileSizes& sizes, MemoryIndex memory) {
  if (!on_) return;
  for (const Edge& edge : graph_.nodes[node].edges) --waiting_[edge.producer].readers;
  Waiting& made = waiting_[node];
  made = {0, output_bits(graph_.nodes[node], sizes[node]), memory};
  for (const Node& reader : graph_.nodes)
    made.readers += static_cast<std::size_t>(
        std::ranges::count(reader.edges, node, &Edge::producer));
}

Bits Reservation::taken(MemoryIndex memory) const {
  Bits bits = caches_[memory];
  if (w_ == memory) bits += weights_ - graph_.nodes[layer_].weights;
  for (const NodeId id : ids<NodeId>(waiting_.size())) {
    const Waiting& output = waiting_[id];
    if (output.readers == 0 || output.memory != memory) continue;
    const bool own = std::ranges::find(graph_.nodes[layer_].edges, id, &Edge::producer) !=
                     graph_.nodes[layer_].edges.end();
    if (!own) bits += output.bits;
  }
  return bits;
}

bool Reservation::fits(MemoryIndex memory, Bits need) const {
  const Memory& held = machine_.memories[memory];
  return held.instances == 1 && held.size >= (on_ ? need + taken(memory) : need);
}

int Reservation::lowest(MemoryOperand operand, const Hierarchy& hierarchy, Bits need) const {
  const std::vector<MemoryIndex>& levels = hierarchy.memories[operand];
  for (std::size_t level = 0; level < levels.size(); ++level)
    if (fits(levels[level], need)) return static_cast<int>(level);
  return hierarchy.top_level(operand);
}

std::vector<std::int64_t> Reservation::beside(const PerOperand<int>& top) const {
  std::vector<std::int64_t> bits;
  if (!on_) return bits;
  for (const MemoryIndex index : ids<MemoryIndex>(machine_.memories.size())) {
    const Memory& memory = machine_.memories[index];
    const bool takes_part =
        std::ranges::any_of(cost::defines2022::kMemoryOperands, [&](MemoryOperand operand) {
          return memory.level[operand] && *memory.level[operand] <= top[operand];
        });
    bits.push_back(takes_part ? taken(index).value : 0);
  }
  if (std::ranges::all_of(bits, [](std::int64_t b) { return b == 0; })) bits.clear();
  return bits;
}

}  // namespace tileloom::scheduler::defines

#pragma once
// What caches, resident weights and waiting branches leave of each memory (repair of defect 7).

#include "tileloom/scheduler/defines/tile_types.hpp"

namespace tileloom::scheduler::defines {

/// Room in each memory while a tile type runs through its stack. As published every memory is
/// empty.
class Reservation {
 public:
  Reservation(const Machine& machine, const Graph& graph, const TilePlan& plan,
              const TileType& type, const Repairs& repairs);

  /// The layer is about to run: what it reads and its own weights count as its own.
  void before(NodeId layer);
  /// The node's output now lies in `memory`.
  void after(NodeId node, const TileSizes& sizes, MemoryIndex memory);

  /// Whether `need` bits fit into `memory`, of which there is one instance.
  bool fits(MemoryIndex memory, Bits need) const;
  /// The lowest level of `operand` into which `need` bits fit; its top if none.
  int lowest(MemoryOperand operand, const Hierarchy& hierarchy, Bits need) const;
  /// Bits taken in each memory that takes part below `top`; empty if none are.
  std::vector<std::int64_t> beside(const PerOperand<int>& top) const;

 private:
  Bits taken(MemoryIndex memory) const;

  const Machine& machine_;
  const Graph& graph_;
  bool on_ = false;
  std::optional<MemoryIndex> w_;
  Bits weights_;                      ///< of the whole stack
  PerId<MemoryIndex, Bits> caches_;   ///< in each memory
  struct Waiting {
    std::size_t readers = 0;  ///< that have not run
    Bits bits;
    MemoryIndex memory{};
  };
  PerId<NodeId, Waiting> waiting_;
  NodeId layer_{};
};

}  // namespace tileloom::scheduler::defines

#pragma once
// Tile sizes from the output of a stack backwards, what neighbouring tiles share, and how many bits
// are alive at once. README.md of the reference, 2.4 to 2.6; exact_model.md, section 2.

#include <vector>

#include "tileloom/scheduler/defines/graph.hpp"

namespace tileloom::scheduler::defines {

/// The part of each node's output that one tile of the stack's output computes.
using TileSizes = PerId<NodeId, Extent>;

/// Tile sizes for a tile of `tile` at the output: a producer makes the most any consumer needs,
/// N(T,F), less the overlap in a direction whose cache this tile reads (`use_columns`, `use_rows`).
TileSizes back(const Graph& graph, Extent tile, bool use_columns, bool use_rows);

/// Columns and rows of each node's output that later tiles need again. A node with several
/// consumers keeps max(lag) − min(lag − ov), where the lag grows from consumer to producer by
///     lag' = S·lag − (N − T·S + S − 1) div 2 + ov
TileSizes kept_widths(const Graph& graph, const TileSizes& sizes);

/// Input bits of a layer's tile, halo included: Σ over its operands with a producer.
Bits input_bits(const Node& node, Extent output);
Bits output_bits(const Node& node, Extent output);

/// The peak A of alive feature-map bits in topological order: a layer's input tile with halo, its
/// output tile, and outputs that other branches still need.
Bits peak_alive(const Graph& graph, const TileSizes& sizes);

/// What the caches of a stack take, summed over all operands that slide.
struct CacheBits {
  Bits columns;  ///< ΣH = Σ C·ov_x·IY·8
  Bits rows;     ///< ΣV = Σ C·ov_y·IX_full·8
  Bits common;   ///< Σ C·ov_x·ov_y·8, in both
  bool operator==(const CacheBits&) const = default;
};
CacheBits cache_bits(const Graph& graph, const TileSizes& sizes);

/// Weight bits of all layers of the stack.
Bits weight_bits(const Graph& graph);

}  // namespace tileloom::scheduler::defines

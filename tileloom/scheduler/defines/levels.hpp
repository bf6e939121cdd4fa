#pragma once
// Which memory holds the caches and the weights of a stack: priority I/O, H, V, weights.
// README.md of the reference, 2.6; exact_model.md, section 2.

#include <optional>
#include <tl/expected.hpp>

#include "tileloom/scheduler/defines/hierarchy.hpp"
#include "tileloom/scheduler/defines/tiles.hpp"

namespace tileloom::scheduler::defines {

/// A tile of the output, and where it lies.
struct TilePlace {
  Extent tile;
  bool first_column = false, first_row = false;
  bool operator==(const TilePlace&) const = default;
};

/// Sizes of everything that has to fit together while such a tile runs.
struct Needs {
  Bits alive;        ///< A
  CacheBits caches;  ///< ΣH, ΣV and what they share
  Bits columns;      ///< what the H cache counts: 0 in first columns as published (defect 5)
  Bits weights;      ///< ΣW
  TileSizes tiles;   ///< T: tile sizes that the caches were counted for
  TileSizes kept;    ///< columns and rows that later tiles need
};
Needs needs_of(const Graph& graph, const TilePlace& place, Mode mode, const Repairs& repairs);

/// What is chosen for one place; absent where the mode has no such cache, or the stack no weights.
struct Levels {
  TilePlace place;
  std::optional<MemoryIndex> h, v, w;
  TileSizes written;  ///< columns and rows that a tile here writes into the caches
  Needs needs;
};

/// Why a stack cannot run: no memory holds its caches.
struct NoRoom {
  TilePlace place;
  Bits need;
  Bits largest;  ///< memory that outputs and inputs share
};

/// Lowest shared memory for H with A + ΣH, for V with A + ΣH + ΣV, and of the weights' memories
/// with ΣW and whatever of these lives there too.
tl::expected<Levels, NoRoom> choose_levels(const Machine& machine, const Hierarchy& hierarchy,
                                           const Graph& graph, const TilePlace& place, Mode mode,
                                           const Repairs& repairs);

}  // namespace tileloom::scheduler::defines

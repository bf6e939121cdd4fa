#pragma once
// What every tile shape makes of the counts at a boundary and of the box below it.
// docs/exact_mapper.md (R12)

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "tileloom/mapper/exact/product/axis_table.hpp"
#include "tileloom/mapper/exact/product/ledger.hpp"
#include "tileloom/mapper/exact/product/shapes.hpp"

namespace tileloom::mapper::product {

/// A boundary with a child, by the shape inside the innermost loop that moves the child's box. The
/// trips of the tensor's own ranks are then those inside the child itself.
struct Moving {
  std::size_t boundary = 0;
  std::uint64_t ranks = 0;         ///< bit r: rank r moves the box
  std::uint32_t before = 0;        ///< bit i: the Store of the i-th Moving stands further out
  std::uint32_t outer = 0;         ///< those of the same tensor: their boxes move no further in
  std::vector<std::size_t> mates;  ///< others with Stores in the same memory
  std::optional<std::size_t> nth;  ///< of the output: how many of its boundaries lie further out
  double narrow = 0;               ///< bits of an element in the Store at least
  double wide = 0;                 ///< of a partial sum
  double room = 0;                 ///< bits of the memory
  Grid elements;                   ///< of the box
  std::vector<std::size_t> quantities;
  std::vector<Grid> values;  ///< of each of these: the least it can be
};

/// What a spatial choice is about. Everything outlives what is made of it.
struct ChainProblem {
  const Terrain& terrain;
  const Placement& placement;
  const Layout& layout;
  const Ledger& ledger;
  std::span<const SpatialChoice* const> choices;  ///< by group
  std::span<const double> least;                  ///< by quantity of the ledger
  /// As for the ledger: partial sums cross this boundary of the output, and maybe others further out.
  std::size_t unfinished = 0;
  std::vector<AxisTable>& tables;                 ///< by Terrain::axes
};

/// Stores that take part: the recursion looks at all sets of them.
inline constexpr std::size_t kMostMoving = 8;

/// 1 for shapes with all temporal trips of the ranks that the output lacks; else infinite.
Grid whole_sums(const ChainProblem& problem, const Shapes& shapes);

/// The first kMostMoving boundaries with a child.
std::vector<Moving> moving_stores(const ChainProblem& problem, const Shapes& shapes);

}  // namespace tileloom::mapper::product

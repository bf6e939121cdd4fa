#pragma once
// The outer tree: the spatial choice of one group after the other, and the bounds of what they
// leave. docs/exact_mapper.md (R5)

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "tileloom/mapper/exact/product/boundary_table.hpp"
#include "tileloom/mapper/exact/product/node.hpp"
#include "tileloom/mapper/exact/product/room_table.hpp"
#include "tileloom/mapper/exact/product/side_by_side.hpp"

namespace tileloom::mapper::product {

class SpreadTree {
 public:
  /// The arguments outlive it.
  SpreadTree(const Terrain& terrain, const Choices& choices, const BoundaryTable& table);

  std::size_t depth() const { return order_.size(); }  ///< of complete nodes
  /// Nothing chosen.
  Bounds root(const PlacementBound& bound);
  /// Writes the node's choices to chosen().
  void recall(const Node& node);
  std::span<const std::uint32_t> chosen() const { return chosen_; }  ///< by group

  /// Calls `visit(choice, bounds)` for every choice of the node's next group that fits beside those
  /// recalled.
  using Visit = std::function<void(std::size_t choice, const Bounds& bounds)>;
  void for_each_choice(const Node& node, const PlacementBound& bound, const Visit& visit);
  /// Complete choices that others like them (R14) need not follow.
  using Seen = std::set<std::vector<std::uint32_t>>;
  /// True if the node would be complete with the choice, and one like it was asked for before.
  /// `keeps`: the node's placement.
  bool repeats(const Node& node, std::size_t choice, std::span<const std::uint32_t> keeps,
               Seen& seen);
  /// The node with one more choice.
  Node child(const Node& node, std::size_t choice);

 private:
  /// Products over the groups chosen.
  struct Product {
    PlacementBound::Accesses accesses;
    double steps = 1;
    double reductions = 1;
    RoomTable::Room room = 0;
  };
  Product chosen_by(const Node& node, const PlacementBound& bound);

  const Terrain& terrain_;
  const Choices& choices_;
  const BoundaryTable& table_;
  std::vector<std::size_t> order_;                  ///< in which groups are chosen
  std::optional<RoomTable> rooms_;
  std::vector<std::optional<std::size_t>> mirror_;  ///< by group
  AlikeChoices alike_;
  std::vector<std::uint32_t> chosen_;
  std::vector<Step> steps_;  ///< of all nodes
};

}  // namespace tileloom::mapper::product

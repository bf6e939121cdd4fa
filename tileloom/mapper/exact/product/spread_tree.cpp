#include "tileloom/mapper/exact/product/spread_tree.hpp"

#include <algorithm>
#include <functional>

#include "tileloom/mapper/exact/product/mirror.hpp"

namespace tileloom::mapper::product {

SpreadTree::SpreadTree(const Terrain& terrain, const Choices& choices, const BoundaryTable& table)
    : terrain_(terrain), choices_(choices), table_(table) {
  for (std::size_t g = 0; g < terrain.groups.size(); ++g) {
    mirror_.push_back(mirror_of(terrain, g));
    order_.push_back(g);
  }
  // Groups with many choices first: their nodes are few while those of the others wait.
  std::ranges::stable_sort(order_, std::greater<>{},
                           [&](std::size_t g) { return choices_[g].size(); });
  chosen_.resize(order_.size());
}

std::span<const Multipliers> SpreadTree::row(std::size_t group, std::size_t choice) const {
  const std::size_t boundaries = table_.boundaries.size();
  return std::span(table_.least[group]).subspan(choice * boundaries, boundaries);
}

Bounds SpreadTree::root(const PlacementBound& bound) const {
  PlacementBound::Accesses accesses = bound.none();
  double reductions = 1;
  for (const std::size_t g : order_) {
    bound.multiply(accesses, table_.rest[g], accesses);
    reductions *= table_.rest_reductions[g];
  }
  double lanes = 1;
  for (const OpenAxis& axis : terrain_.open) lanes *= static_cast<double>(axis.size);
  return bound(accesses, terrain_.points / lanes * terrain_.cycles_per_operation, reductions);
}

void SpreadTree::recall(const Node& node) {
  std::size_t step = node.last;
  for (std::size_t d = node.depth; d-- > 0; step = steps_[step].before) {
    chosen_[order_[d]] = steps_[step].choice;
  }
}

/// Compulsory accesses at every boundary under the choices made, the least of the others but the
/// next group.
SpreadTree::Left SpreadTree::left_by(const Node& node, const PlacementBound& bound) const {
  Left left;
  left.accesses = bound.none();
  for (const OpenAxis& axis : terrain_.open) left.room.push_back(axis.size);
  for (std::size_t d = 0; d < order_.size(); ++d) {
    const std::size_t g = order_[d];
    if (d > node.depth) {
      bound.multiply(left.accesses, table_.rest[g], left.accesses);
      left.reductions *= table_.rest_reductions[g];
    }
    if (d >= node.depth) continue;
    const SpatialChoice& choice = choices_[g][chosen_[g]];
    bound.multiply(left.accesses, row(g, chosen_[g]), left.accesses);
    left.lanes *= choice.lanes;
    left.steps *= choice.steps;
    left.reductions *= table_.reductions[g][chosen_[g]];
    for (std::size_t a = 0; a < left.room.size(); ++a) left.room[a] /= choice.used[a];
  }
  return left;
}

void SpreadTree::for_each_choice(const Node& node, const PlacementBound& bound,
                                 const Visit& visit) const {
  const Left left = left_by(node, bound);
  const std::size_t group = order_[node.depth];
  PlacementBound::Accesses accesses = left.accesses;
  // Of two spatial choices that a swap of ranks exchanges only one is searched (R1).
  for (std::size_t c = mirror_[group] ? chosen_[*mirror_[group]] : 0; c < choices_[group].size();
       ++c) {
    const SpatialChoice& choice = choices_[group][c];
    bool fits = true;
    double free = 1;
    for (std::size_t a = 0; a < left.room.size() && fits; ++a) {
      fits = choice.used[a] <= left.room[a];
      free *= static_cast<double>(left.room[a] / choice.used[a]);
    }
    if (!fits) continue;
    bound.multiply(left.accesses, row(group, c), accesses);
    const double steps =
        std::max(left.steps * choice.steps, terrain_.points / (left.lanes * choice.lanes * free));
    visit(c, bound(accesses, steps * terrain_.cycles_per_operation,
                   left.reductions * table_.reductions[group][c]));
  }
}

Node SpreadTree::child(const Node& node, std::size_t choice) {
  Node next = node;
  ++next.depth;
  next.last = steps_.size();
  steps_.push_back({node.last, static_cast<std::uint32_t>(choice)});
  return next;
}

}  // namespace tileloom::mapper::product

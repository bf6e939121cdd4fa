#include "tileloom/mapper/exact/product/spread_tree.hpp"

#include <algorithm>
#include <functional>

#include "tileloom/mapper/exact/product/mirror.hpp"

namespace tileloom::mapper::product {

SpreadTree::SpreadTree(const Terrain& terrain, const Choices& choices, const BoundaryTable& table)
    : terrain_(terrain), choices_(choices), table_(table), alike_(terrain, choices) {
  for (std::size_t g = 0; g < terrain.groups.size(); ++g) {
    mirror_.push_back(mirror_of(terrain, g));
    order_.push_back(g);
  }
  // Groups with many choices first: their nodes are few while those of the others wait.
  std::ranges::stable_sort(order_, std::greater<>{},
                           [&](std::size_t g) { return choices_[g].size(); });
  chosen_.resize(order_.size());
  rooms_.emplace(terrain, choices, table, order_);
}

Bounds SpreadTree::root(const PlacementBound& bound) {
  PlacementBound::Accesses accesses = bound.none();
  const std::span<const double> rest = rooms_->least(0, rooms_->whole());
  bound.multiply(accesses, rest, rooms_->least(order_.size(), rooms_->whole()), accesses);
  return bound(accesses, rest[table_.steps()] * terrain_.cycles_per_operation,
               rest[table_.reductions()]);
}

void SpreadTree::recall(const Node& node) {
  std::size_t step = node.last;
  for (std::size_t d = node.depth; d-- > 0; step = steps_[step].before) {
    chosen_[order_[d]] = steps_[step].choice;
  }
}

SpreadTree::Product SpreadTree::chosen_by(const Node& node, const PlacementBound& bound) {
  Product product{bound.none(), 1, 1, rooms_->whole()};
  const std::span<const double> ones = rooms_->least(order_.size(), rooms_->whole());
  for (std::size_t d = 0; d < node.depth; ++d) {
    const std::size_t g = order_[d];
    const std::span<const double> row = table_.row(g, chosen_[g]);
    bound.multiply(product.accesses, row, ones, product.accesses);
    product.steps *= row[table_.steps()];
    product.reductions *= row[table_.reductions()];
    product.room = rooms_->after(product.room, d, chosen_[g]);
  }
  return product;
}

void SpreadTree::for_each_choice(const Node& node, const PlacementBound& bound,
                                 const Visit& visit) {
  const Product product = chosen_by(node, bound);
  const std::size_t group = order_[node.depth];
  PlacementBound::Accesses accesses = product.accesses;
  // Of two spatial choices that a swap of ranks exchanges only one is searched (R1).
  for (std::size_t c = mirror_[group] ? chosen_[*mirror_[group]] : 0; c < choices_[group].size();
       ++c) {
    const RoomTable::Room left = rooms_->after(product.room, node.depth, c);
    if (left == RoomTable::kNoRoom) continue;
    const std::span<const double> row = table_.row(group, c);
    const std::span<const double> rest = rooms_->least(node.depth + 1, left);
    bound.multiply(product.accesses, row, rest, accesses);
    const auto with = [&](double before, std::size_t column) {
      return before * row[column] * rest[column];
    };
    visit(c, bound(accesses, with(product.steps, table_.steps()) * terrain_.cycles_per_operation,
                   with(product.reductions, table_.reductions())));
  }
}

bool SpreadTree::repeats(const Node& node, std::size_t choice, std::span<const std::uint32_t> keeps,
                         Seen& seen) {
  if (node.depth + 1 < order_.size()) return false;
  std::uint32_t memories = 0;
  for (const std::uint32_t of_tensor : keeps) memories |= of_tensor;
  const AlikeChoices::Numbers& alike = alike_(memories);
  if (alike.empty()) return false;
  std::vector<std::uint32_t> numbers{node.placement};
  for (std::size_t d = 0; d < order_.size(); ++d) {
    const std::size_t g = order_[d];
    numbers.push_back(alike[g][d < node.depth ? chosen_[g] : choice]);
  }
  return !seen.insert(std::move(numbers)).second;
}

Node SpreadTree::child(const Node& node, std::size_t choice) {
  Node next = node;
  ++next.depth;
  next.last = steps_.size();
  steps_.push_back({node.last, static_cast<std::uint32_t>(choice)});
  return next;
}

}  // namespace tileloom::mapper::product

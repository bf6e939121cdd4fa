#include "tileloom/target/x86_vnni/channels_last.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace tileloom::x86_vnni {
namespace {

/// Outermost first: batch, positions, group, output channels, filter, input channels.
constexpr std::array<const char*, 11> kOrder = {"N", "O", "P", "Q", "G",    "K",
                                                "T", "R", "S", "C", nullptr};

std::size_t place(const std::string& name) {
  std::size_t i = 0;
  while (kOrder.at(i) != nullptr && name != kOrder.at(i)) ++i;
  return i;
}

}  // namespace

Operator channels_last(const Operator& op) {
  const bool known =
      std::ranges::any_of(op.ranks, [](const Rank& rank) { return rank.name == "C"; });
  if (!known) return op;
  std::vector<std::size_t> order(op.ranks.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return place(op.ranks[i].name); });
  std::vector<RankId> moved(op.ranks.size());
  Operator last = op;
  for (std::size_t i = 0; i < order.size(); ++i) {
    last.ranks[i] = op.ranks[order[i]];
    moved[order[i]] = static_cast<RankId>(i);
  }
  const auto reorder = [&](Operand& operand) {
    for (Axis& axis : operand.axes) {
      for (Term& term : axis.terms) term.rank = moved[index(term.rank)];
    }
    std::ranges::stable_sort(operand.axes, {}, [](const Axis& axis) {
      return axis.terms.empty() ? std::size_t{0} : index(axis.terms.front().rank);
    });
  };
  for (Operand& input : last.inputs) reorder(input);
  reorder(last.output);
  return last;
}

}  // namespace tileloom::x86_vnni

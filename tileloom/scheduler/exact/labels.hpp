#pragma once
// Chains of steps with the least cost, by labels that no other label beats.

#include <optional>
#include <vector>

#include "tileloom/cost/objective.hpp"
#include "tileloom/scheduler/exact/stack_choice.hpp"

namespace tileloom::scheduler::exact {

/// From cut `from` to cut `to`: operators from … to − 1 as one part.
struct Step {
  std::size_t from = 0;
  std::size_t to = 0;
  Cycles latency{};
  Picojoules energy{};
  std::optional<std::size_t> choice;  ///< of the stack; absent for an operator on its own
};

/// Cost of the operators before a cut, and how it was reached.
struct Label {
  Cycles latency{};
  Picojoules energy{};
  std::size_t step = 0;
  std::size_t before = 0;  ///< the label at the step's beginning
};

/// Adds `item` unless another is as good in latency and energy both, and removes those it beats.
template <class Item>
void keep_best(std::vector<Item>& items, const Item& item) {
  for (const Item& other : items) {
    if (other.latency <= item.latency && other.energy <= item.energy) return;
  }
  std::erase_if(items, [&](const Item& other) {
    return item.latency <= other.latency && item.energy <= other.energy;
  });
  items.push_back(item);
}

/// The chains of steps from cut 0 to cut `cuts` that no other beats in the sums of latency and energy
/// both, least energy first. Latencies and energies add up, so a label beaten in both is part of no
/// best chain, whatever the objective. Empty if no chain arrives.
std::vector<std::vector<Step>> best_chains(std::size_t cuts, const std::vector<Step>& steps);

/// The chain of steps from cut 0 to cut `cuts` with the best score of the sums.
/// Steps lead from every cut to the next.
std::vector<Step> best_chain(std::size_t cuts, const std::vector<Step>& steps,
                             const cost::Objective& objective);

}  // namespace tileloom::scheduler::exact

#pragma once
// Chains of steps with the least cost, by labels that no other label beats.

#include <cstdint>
#include <optional>
#include <vector>

#include "tileloom/cost/objective.hpp"

namespace tileloom::scheduler::chains {

/// What is minimised before the objective in latency and energy.
enum class Aim : std::uint8_t {
  none,
  dram_traffic,  ///< bits through the outermost memory, Σ over the parts
  peak_memory    ///< bits in memories inside it, all instances together, the most of any part
};

/// From cut `from` to cut `to`: operators from … to − 1 as one part.
struct Step {
  std::size_t from = 0;
  std::size_t to = 0;
  Cycles latency{};
  Picojoules energy{};
  std::optional<std::size_t> choice;  ///< of the stack; absent for an operator on its own
  double aimed = 0;                   ///< the part's share in the aim
  std::size_t first = 0;  ///< operators first … end − 1, where `from` and `to` are nodes
  std::size_t end = 0;
  double beside = 0;  ///< what fronts weigh besides: the part's memory
};

/// Cost of the operators before a cut, and how it was reached.
struct Label {
  Cycles latency{};
  Picojoules energy{};
  std::size_t step = 0;
  std::size_t before = 0;  ///< the label at the step's beginning
};

/// Whether `a` is as good as `b` in latency and energy both.
template <class Item>
bool as_good(const Item& a, const Item& b) {
  return a.latency <= b.latency && a.energy <= b.energy;
}
/// Adds `item` unless another is as good, and removes those it beats.
template <class Item>
void keep_best(std::vector<Item>& items, const Item& item) {
  for (const Item& other : items) {
    if (as_good(other, item)) return;
  }
  std::erase_if(items, [&](const Item& other) { return as_good(item, other); });
  items.push_back(item);
}

/// The steps of the chains from cut 0 to cut `cuts` that are best in `aim`: every chain of them is.
/// All if there is no aim. Sums must be exact.
std::vector<Step> best_in_aim(std::size_t cuts, const std::vector<Step>& steps, Aim aim);

/// The aim of a whole chain.
double aim_of(const std::vector<Step>& chain, Aim aim);

/// The chains of steps from cut 0 to cut `cuts` that no other beats in the sums of latency and
/// energy both, least energy first. Latencies and energies add up, so a label beaten in both is
/// part of no best chain, whatever the objective. Empty if no chain arrives.
std::vector<std::vector<Step>> best_chains(std::size_t cuts, const std::vector<Step>& steps);

/// The chain of steps from cut 0 to cut `cuts` with the best score of the sums.
/// Steps lead from every cut to the next.
std::vector<Step> best_chain(std::size_t cuts, const std::vector<Step>& steps,
                             const cost::Objective& objective);

}  // namespace tileloom::scheduler::chains

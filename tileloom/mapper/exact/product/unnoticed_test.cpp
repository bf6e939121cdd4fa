#include "tileloom/mapper/exact/product/unnoticed.hpp"

#include <gtest/gtest.h>

#include "tileloom/mapper/exact/product/choices_test.hpp"
#include "tileloom/support/effort_test.hpp"

namespace tileloom::mapper::product {
namespace {

/// The least of the choices with a Store less; infinite if these have no mapping.
double cycles_with_less(const std::map<Choice, Least>& best, const Choice& choice) {
  double cycles = INFINITY;
  for (std::size_t o = 0; o < choice.first.size(); ++o) {
    for (std::uint32_t rest = choice.first[o]; rest != 0; rest &= rest - 1) {
      Choice less = choice;
      less.first[o] &= ~(rest & -rest);
      const auto item = best.find(less);
      if (item != best.end()) cycles = std::min(cycles, item->second.cycles);
    }
  }
  return cycles;
}

struct Compared {
  int choices = 0;
  int with_windows = 0;
};

Compared compare(std::uint64_t seed, int problems) {
  Compared compared;
  Random random(seed);
  for (int problem = 0; problem < problems; ++problem) {
    Architecture arch = random_machine(random);
    for (Memory& memory : arch.memories) {
      if (random.below(2) == 0) memory.ports = {};
    }
    const Workload workload = random_work(random);
    const Constraints none;
    const MapSpace space = make_map_space(workload, OperatorId{0}, arch, none);
    const std::optional<Terrain> terrain = survey(space);
    if (!terrain) continue;
    const std::map<Choice, Least> best = best_of_choices(workload, *terrain);
    for (const auto& [choice, least] : best) {
      if (!latency_needs_less(*terrain, make_placement(*terrain, choice.first))) continue;
      EXPECT_LE(cycles_with_less(best, choice), least.cycles)
          << "seed " << seed << " problem " << problem;
      ++compared.choices;
      compared.with_windows += terrain->axes.empty() ? 0 : 1;
    }
  }
  return compared;
}

TEST(Unnoticed, AMappingWithAStoreLessTakesNoMoreCycles) {
  const Compared compared = compare(1, effort(600));
  EXPECT_GT(compared.choices, effort(1000));
  EXPECT_GT(compared.with_windows, effort(200));
}

}  // namespace
}  // namespace tileloom::mapper::product

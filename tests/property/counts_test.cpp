// The closed form of every count equals executing the tree, on random small legal trees.

#include "tileloom/cost/counts.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "shrink.hpp"
#include "tileloom/reference/interpret.hpp"

namespace tileloom::reference {
namespace {

std::string to_text(const RandomCase& c, const cost::PathCounts& counts) {
  std::string text =
      fmt::format("{} points, {} steps, {} lanes\n", counts.points, counts.steps, counts.lanes);
  for (const cost::StoreCounts& s : counts.stores) {
    text += fmt::format(
        "  {} in {}: fills {} reads {} updates {} update_reads {} drains {} deliveries {} tile {} "
        "instances {}\n",
        c.workload.tensors[s.store.tensor].name, c.arch.memories[s.store.memory].name, s.fills,
        s.reads, s.updates, s.update_reads, s.drains, s.deliveries, s.tile, s.instances);
  }
  return text;
}

cost::PathCounts executed(const RandomCase& c) {
  return interpret_path(c.op(), c.arch, c.tree.path, sample_values(c.op())).counts;
}
cost::PathCounts computed(const RandomCase& c) {
  return cost::count_path(c.op(), c.arch, c.tree.path);
}
bool differ(const RandomCase& c) { return computed(c) != executed(c); }

TEST(Counts, ClosedFormEqualsExecutionOnRandomLegalTrees) {
  Random random(20261121);
  for (int i = 0; i < TILELOOM_PROPERTY_CASES; ++i) {
    const RandomCase drawn = random_case(random, i % 4 == 0 ? 400 : 60);
    if (!differ(drawn)) continue;
    const RandomCase small = shrink(drawn, differ);
    FAIL() << "case " << i << ", made smaller:\n"
           << describe(small) << "executed: " << to_text(small, executed(small))
           << "closed form: " << to_text(small, computed(small));
  }
}

}  // namespace
}  // namespace tileloom::reference

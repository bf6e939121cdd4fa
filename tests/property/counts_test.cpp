// The closed form of every count equals executing the tree, on random small legal trees.

#include "tileloom/cost/counts.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tileloom/reference/interpret.hpp"
#include "tileloom/reference/random_tree.hpp"

namespace tileloom::reference {
namespace {

std::string to_text(const cost::PathCounts& counts) {
  std::string text =
      fmt::format("points {} steps {} lanes {}\n", counts.points, counts.steps, counts.lanes);
  for (const cost::StoreCounts& s : counts.stores) {
    text += fmt::format(
        "  tensor {} memory {}: fills {} reads {} updates {} update_reads {} drains {} "
        "deliveries {} tile {} instances {}\n",
        index(s.store.tensor), index(s.store.memory), s.fills, s.reads, s.updates, s.update_reads,
        s.drains, s.deliveries, s.tile, s.instances);
  }
  return text;
}

std::string to_text(const RandomCase& c) {
  std::string text;
  const Operator& op = c.op();
  for (const Rank& r : op.ranks) text += fmt::format("rank {} {}\n", r.name, r.extent);
  for (const Operand* o : operands(op)) {
    text += fmt::format("operand {} {}:", index(o->tensor), to_string(o->role));
    for (const Axis& a : o->axes) {
      text += fmt::format(" [{} +", a.offset);
      for (const Term& t : a.terms)
        text += fmt::format(" {}*{}", t.coefficient, op.rank(t.rank).name);
      text += fmt::format(" < {}]", a.extent);
    }
    text += "\n";
  }
  for (const SpatialAxis& a : c.arch.axes)
    text += fmt::format("axis {} size {} multicast {} reduce {} below {}\n", a.name, a.size,
                        a.multicast, a.reduce, a.below);
  for (const Memory& m : c.arch.memories) {
    text += fmt::format("memory {} shared along", m.name);
    for (AxisId a : m.shared_along) text += fmt::format(" {}", index(a));
    text += "\n";
  }
  for (const PathNode& n : c.tree.path) {
    if (const Loop* l = std::get_if<Loop>(&n)) {
      text += fmt::format("for {} in {}{}\n", op.rank(l->rank).name, l->tile,
                          l->axis ? fmt::format(" on {}", index(*l->axis)) : "");
    } else {
      const Store& s = std::get<Store>(n);
      text += fmt::format("store {} in {}{}\n", index(s.tensor), index(s.memory),
                          s.keep == Keep::same ? " same" : "");
    }
  }
  return text;
}

bool agree(const RandomCase& c) {
  return cost::count_path(c.op(), c.arch, c.tree.path) ==
         interpret_path(c.op(), c.arch, c.tree.path, sample_values(c.op())).counts;
}

TEST(Counts, ClosedFormEqualsExecutionOnRandomLegalTrees) {
  Random random(20261121);
  int failures = 0;
  RandomCase smallest;
  std::size_t least = 0;
  for (int i = 0; i < TILELOOM_PROPERTY_CASES; ++i) {
    const RandomCase c = random_case(random, i % 4 == 0 ? 400 : 60);
    if (agree(c)) continue;
    ++failures;
    const std::size_t size = c.tree.path.size() * 1000 + static_cast<std::size_t>(points(c.op()));
    if (least == 0 || size < least) {
      least = size;
      smallest = c;
    }
  }
  if (failures == 0) return;
  FAIL() << failures << " differ\n"
         << to_text(smallest) << "interpreter\n"
         << to_text(interpret_path(smallest.op(), smallest.arch, smallest.tree.path,
                                   sample_values(smallest.op()))
                        .counts)
         << "closed form\n"
         << to_text(cost::count_path(smallest.op(), smallest.arch, smallest.tree.path));
}

}  // namespace
}  // namespace tileloom::reference

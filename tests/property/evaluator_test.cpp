// The evaluator that searches use equals the one that reports, and no mapping beats the lower
// bounds, on random small legal trees with random energies, bandwidths and capacities.

#include "tileloom/cost/evaluator.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tileloom/cost/bounds.hpp"
#include "tileloom/cost/evaluate.hpp"
#include "tileloom/reference/random_tree.hpp"

namespace tileloom::cost {
namespace {

void draw_figures(Random& random, Architecture& arch) {
  for (Memory& memory : arch.memories) {
    memory.word = Bits{random.between(1, 32)};
    memory.block = random.between(1, 4);
    memory.read.value = {random.unit() * 10};
    memory.write.value = {random.unit() * 10};
    memory.double_buffered = random.below(2) == 0;
    if (random.below(2) == 0) memory.capacity = Bits{random.between(1, 4000)};
    if (random.below(2) == 0) memory.ports.read = 1 + random.unit() * 20;
    if (random.below(2) == 0) memory.ports.write = 1 + random.unit() * 20;
    if (random.below(3) == 0) memory.ports.shared = 1 + random.unit() * 20;
  }
  for (SpatialAxis& axis : arch.axes) axis.hop.value = {random.unit()};
  arch.compute.mac.value = {random.unit()};
  arch.compute.other.value = {random.unit()};
  arch.compute.cycles_per_operation = random.below(2) == 0 ? 1.0 : 0.5;
}

struct DrawnCase {
  reference::RandomCase random_case;
  Operator op;
};

DrawnCase draw(Random& random) {
  DrawnCase drawn{reference::random_case(random, 200), {}};
  draw_figures(random, drawn.random_case.arch);
  drawn.op = drawn.random_case.op();
  drawn.op.output.partial_bits = drawn.op.output.bits + random.between(0, 16);
  return drawn;
}

TEST(Evaluator, EqualsTheReportingEvaluationOnRandomLegalTrees) {
  Random random(7);
  for (int i = 0; i < TILELOOM_PROPERTY_CASES; ++i) {
    const DrawnCase drawn = draw(random);
    const Architecture& arch = drawn.random_case.arch;
    // One object for two mappings in turn: nothing of the one may reach the other.
    const std::vector<std::vector<PathNode>> paths{
        drawn.random_case.tree.path,
        reference::random_path(random, drawn.random_case.workload, OperatorId{0}, arch).path};
    Evaluator evaluator(drawn.op, arch);
    for (const std::size_t p : {0U, 1U, 0U}) {  // the last from remembered sums
      const Evaluation full = evaluate(drawn.op, arch, paths[p]);
      const QuickCost quick = evaluator(paths[p]);
      ASSERT_EQ(quick.cycles, static_cast<double>(full.latency.total.value)) << "case " << i;
      ASSERT_NEAR(quick.picojoules, full.energy.value, 1e-9 * full.energy.value) << "case " << i;
      ASSERT_EQ(quick.fits, std::ranges::all_of(full.occupancy, &Occupancy::fits)) << "case " << i;
    }
  }
}

/// True if every tensor's home is the outermost memory that may hold it, as the bounds assume.
bool homes_are_outermost(const DrawnCase& drawn) {
  const Architecture& arch = drawn.random_case.arch;
  for (const Operand* operand : operands(drawn.op)) {
    const auto role = static_cast<std::size_t>(operand->role);
    const auto outermost = std::ranges::find_if(
        arch.memories, [&](const Memory& memory) { return memory.holds[role]; });
    for (const PathNode& node : drawn.random_case.tree.path) {
      const Store* store = std::get_if<Store>(&node);
      if (store == nullptr || store->tensor != operand->tensor) continue;
      if (&arch.memories[store->memory] != &*outermost) return false;
      break;
    }
  }
  return true;
}

TEST(LowerBound, IsBeatenByNoRandomLegalTree) {
  Random random(8);
  int compared = 0;
  for (int i = 0; i < TILELOOM_PROPERTY_CASES; ++i) {
    const DrawnCase drawn = draw(random);
    if (!homes_are_outermost(drawn)) continue;
    ++compared;
    const Architecture& arch = drawn.random_case.arch;
    const LowerBound bound = lower_bound(drawn.op, arch);
    const Evaluation found = evaluate(drawn.op, arch, drawn.random_case.tree.path);
    ASSERT_LE(bound.latency.value, found.latency.total.value) << "case " << i;
    ASSERT_LE(bound.energy.value, found.energy.value * (1 + 1e-12)) << "case " << i;
  }
  EXPECT_GT(compared, TILELOOM_PROPERTY_CASES / 4);
}

}  // namespace
}  // namespace tileloom::cost

// Every mapping of the carried Timeloop figures, scored by our cost model, against the exact mapper
// on the same machine, with the tensors kept where the machine allows it: none is better.

#include "carried_figures.hpp"
#include "tileloom/cost/profiles/timeloop/to_tileloom.hpp"
#include "tileloom/loop_tree/check.hpp"
#include "tileloom/mapper/registry.hpp"
#include "tileloom/support/effort_test.hpp"

namespace {

using namespace tileloom;
namespace model = cost::timeloop;

TEST_F(CarriedFigures, NoMappingBeatsTheExactMapper) {
  const mapper::Constraints none;
  const auto exact = *mapper::make_mapper("exact", {});
  constexpr int kCompared = 3 * effort(26);
  int compared = 0;
  for (const auto& item : reference_.cases) {
    if (compared == kCompared) break;
    const model::Problem& problem = reference_.problems.at(item.problem);
    const model::Arch& arch = reference_.archs.at(item.arch);
    model::Reasons notes;
    const Architecture machine = model::architecture_of(arch, &problem, notes);
    const auto workload = model::workload_of(problem, model::widths_of(arch, problem));
    ASSERT_TRUE(workload) << item.id;
    const LoopTree tree = model::tree_of(arch, problem, item.mapping, machine);
    EXPECT_TRUE(check(*workload, machine, tree).empty()) << item.id;
    const auto leaf = leaf_paths(tree).at(0);
    const cost::Evaluation given =
        cost::evaluate(workload->operators[leaf.op], machine, leaf.path);
    for (const char* word : {"edp", "energy", "latency"}) {
      const cost::Objective objective = *cost::parse_objective(word);
      const mapper::MapResult best = exact->map({*workload, leaf.op, machine, objective, none},
                                                {.evaluations = 20'000}, nullptr);
      ASSERT_TRUE(best.evaluation) << item.id;
      const double theirs = cost::score(objective, given.latency.total, given.energy).first;
      const double ours =
          cost::score(objective, best.evaluation->latency.total, best.evaluation->energy).first;
      EXPECT_LE(best.lower_bound.first, theirs * (1 + 1e-9)) << item.id << " " << word;
      EXPECT_LE(ours, theirs * (1 + 1e-9)) << item.id << " " << word;
      ++compared;
    }
  }
  EXPECT_EQ(compared, kCompared);
}

}  // namespace

#pragma once
// A stack of scheduler/exact is legal, and right in what it computes.

#include <gtest/gtest.h>

#include "tileloom/loop_tree/check.hpp"
#include "tileloom/loop_tree/text.hpp"
#include "tileloom/reference/interpret_tree.hpp"
#include "tileloom/scheduler/exact/stack_choice.hpp"

namespace tileloom::scheduler {

/// The network in one stack, executed.
inline void expect_computes(const NetworkProblem& problem, const exact::StackSpace& space,
                            const exact::Range& range, const exact::Tiling& tiling) {
  LoopTree network;
  for (const Store& home : space.frames().home_stores(range, 0)) network.path.push_back(home);
  network.tail = Sequence{{*space.tree(range, tiling)}};
  const std::string text = print_tree(problem.workload, problem.arch, network);
  const std::vector<Violation> violations = check(problem.workload, problem.arch, network);
  ASSERT_TRUE(violations.empty()) << violations.front().what << "\n" << text;
  const reference::TensorValues values = reference::sample_values(problem.workload);
  const reference::TensorValues truth = reference::evaluate_workload(problem.workload, values);
  const TensorId result =
      problem.workload.operators[static_cast<OperatorId>(range.last)].output.tensor;
  ASSERT_EQ(
      reference::interpret_tree(problem.workload, problem.arch, network, values).tensors.at(result),
      truth.at(result))
      << text;
}

}  // namespace tileloom::scheduler

#include "tileloom/reference/interpret.hpp"

#include <gtest/gtest.h>

#include "tileloom/reference/random_tree.hpp"

namespace tileloom::reference {
namespace {

TEST(Interpret, EveryLegalPathComputesWhatTheOperatorMeans) {
  Random random(1);
  for (int i = 0; i < 2000; ++i) {
    const RandomCase c = random_case(random);
    const TensorValues values = sample_values(c.op());
    ASSERT_EQ(interpret_path(c.op(), c.arch, c.tree.path, values).output,
              evaluate_operator(c.op(), values))
        << "case " << i;
  }
}

}  // namespace
}  // namespace tileloom::reference

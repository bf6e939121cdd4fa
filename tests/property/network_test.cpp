// Layer-by-layer schedules of random networks are legal, compute what the network means, and count
// what their layers count.

#include <gtest/gtest.h>

#include "tileloom/cost/counts.hpp"
#include "tileloom/loop_tree/check.hpp"
#include "tileloom/loop_tree/text.hpp"
#include "tileloom/reference/interpret_tree.hpp"
#include "tileloom/reference/random_tree.hpp"

namespace tileloom::reference {
namespace {

TEST(Network, LayerByLayerSchedulesAreLegalAndComputeWhatTheNetworkMeans) {
  Random random(5);
  for (int i = 0; i < TILELOOM_PROPERTY_CASES / 20; ++i) {
    const RandomNetwork n = random_network(random);
    const std::string text = print_tree(n.workload, n.arch, n.tree);
    ASSERT_TRUE(check(n.workload).empty()) << to_string(check(n.workload));
    for (const Violation& v : check(n.workload, n.arch, n.tree)) FAIL() << v.what << "\n" << text;
    const Result<LoopTree> read = parse_tree(text, "text", n.workload, n.arch);
    ASSERT_TRUE(read) << to_string(read.error()) << text;
    ASSERT_EQ(*read, n.tree) << text;

    const TensorValues values = sample_values(n.workload);
    const TreeInterpretation run = interpret_tree(n.workload, n.arch, n.tree, values);
    ASSERT_EQ(run.tensors, evaluate_workload(n.workload, values)) << text;
    for (const LeafInterpretation& leaf : run.leaves) {
      ASSERT_EQ(leaf.counts, cost::count_path(n.workload.operators[leaf.op], n.arch, leaf.path))
          << text;
    }
  }
}

}  // namespace
}  // namespace tileloom::reference

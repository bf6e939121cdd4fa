#pragma once
// Small random machines and legal trees on them, for tests against the interpreter.

#include "tileloom/loop_tree/loop_tree.hpp"
#include "tileloom/support/random.hpp"

namespace tileloom::reference {

/// One operator, a machine, and a single path that is legal (docs/cost_model.md 1.6).
struct RandomCase {
  Workload workload;
  Architecture arch;
  LoopTree tree;

  const Operator& op() const { return workload.operators[OperatorId{0}]; }
};

/// 1 to 4 unlimited memories and up to 3 axes, their abilities, sharing and roles drawn freely.
Architecture random_architecture(Random& random);

/// Every feature a path may have is drawn with good probability: imperfect tiles, repeated and
/// interleaved loops, several loops on one axis, uneven and missing Stores, both ways to keep,
/// memories shared along an axis.
LoopTree random_path(Random& random, const Workload& workload, OperatorId op,
                     const Architecture& arch);

RandomCase random_case(Random& random, std::int64_t max_points = 400);

/// Two to four operators that read each other's results through other views, and a layer-by-layer
/// schedule of random paths below homes in the outermost memory, which holds everything.
struct RandomNetwork {
  Workload workload;
  Architecture arch;
  LoopTree tree;
};
RandomNetwork random_network(Random& random);

/// Two to five operators that pass feature maps on (convolutions with stride, dilation and padding,
/// depthwise ones, pooling, activations, sums of two branches, concatenations, other views), and a
/// fused tree of them: loops over ranks of the last, Stores between the loops, both ways to keep.
/// Legal but for chance: an intermediate result that is needed afterwards is always stored whole.
RandomNetwork random_stack(Random& random);

}  // namespace tileloom::reference

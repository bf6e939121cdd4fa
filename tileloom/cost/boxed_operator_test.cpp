#include "tileloom/cost/boxed_operator.hpp"

#include <gtest/gtest.h>

#include "tileloom/workload/make.hpp"

namespace tileloom::cost {
namespace {

MulticoreMachine unit_machine() {
  MulticoreMachine m;
  m.cores = 2;
  m.channel_bandwidth = 8;
  m.port = 1e9;
  m.overlap = true;
  m.lanes = {{1, 1, 1}};
  m.launch = 100;
  m.sync = 10;
  return m;
}

Workload typed(Workload net) {
  net.tensors[TensorId{0}].kind = TensorKind::input;
  net.tensors[TensorId{1}].kind = TensorKind::constant;
  net.tensors[TensorId{2}].kind = TensorKind::output;
  for (Tensor& tensor : net.tensors) tensor.bits = 8;
  return net;
}

BoxedWork work_of(const Workload& net, const RankLengths& box) {
  const Operator& op = net.operators[OperatorId{0}];
  return boxed_work(unit_machine(), net, op, network_field(net).operators[OperatorId{0}], box);
}

// 4 x 6 results of sums over 8, in boxes of 2 x 6 and two steps of 4: the left-hand side is read
// once (32 elements), the right-hand side for each of the two boxes (2 · 48), 24 are written.
TEST(BoxedOperator, a_product_reads_its_weights_for_every_box_of_rows) {
  const Workload net = typed(one_matmul("c", {.m = 4, .n = 6, .k = 8}, {}));
  const BoxedWork work = work_of(net, {2, 6, 4});
  EXPECT_EQ(work.boxes, 2);
  EXPECT_EQ(work.steps, 2);
  EXPECT_DOUBLE_EQ(work.in, 8 * 32);
  EXPECT_DOUBLE_EQ(work.weights, 8 * 96);
  EXPECT_DOUBLE_EQ(work.out, 8 * 24);
  EXPECT_DOUBLE_EQ(work.largest_in, 8 * 2 * 4);
  EXPECT_DOUBLE_EQ(work.largest_weights, 8 * 6 * 4);
  EXPECT_DOUBLE_EQ(work.compute, 4 * 6 * 8);
}

// 7 outputs of a window of 3 in boxes of 3, 3 and 1: they read 5, 5 and 3 of the 9 inputs; with one
// zero before the image 4 (of 8), 5 and 3.
TEST(BoxedOperator, windows_overlap_between_boxes_and_padding_is_not_read) {
  for (const std::int64_t pad : {0, 1}) {
    const Workload net =
        typed(one_conv("c", {.axes = {{.output = 7, .filter = 3, .pad_before = pad}}}, {}));
    RankLengths box = whole_box(net.operators[OperatorId{0}]);
    for (std::size_t r = 0; r < box.size(); ++r) {
      if (box[r] == 7) box[r] = 3;
    }
    EXPECT_DOUBLE_EQ(work_of(net, box).in, 8.0 * static_cast<double>(13 - pad)) << pad;
  }
}

// One core, 2 boxes of 2 steps: r = (32 + 96)/4 = 32 cycles, c = 192/4 = 48, w = 12.
// 100 + 32 + 32 + 3 · max(48, 32 + 12/2) + 48 + 12 = 368.
TEST(BoxedOperator, cycles_by_hand) {
  const Workload net = typed(one_matmul("c", {.m = 4, .n = 6, .k = 8}, {}));
  BlockCost cost;
  add_boxed(unit_machine(), work_of(net, {2, 6, 4}), 1, cost);
  EXPECT_DOUBLE_EQ(cost.cycles, 368);
  EXPECT_DOUBLE_EQ(cost.dram_bits, 8 * (32 + 96 + 24));
  EXPECT_DOUBLE_EQ(cost.room, 8 * 2 * (8 + 24 + 12));
}

}  // namespace
}  // namespace tileloom::cost

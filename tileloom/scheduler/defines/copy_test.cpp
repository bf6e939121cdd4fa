#include "tileloom/scheduler/defines/copy.hpp"

#include <gtest/gtest.h>

namespace tileloom::scheduler::defines {
namespace {

using cost::defines2022::Link;
using cost::defines2022::Port;

constexpr MemoryOperand I = MemoryOperand::I1, O = MemoryOperand::O;

Memory memory(const char* name, int i_level, int o_level, std::int64_t width, double energy) {
  Memory m;
  m.name = name;
  m.operands = {I, O};
  m.level[I] = i_level;
  m.level[O] = o_level;
  m.size = {1 << 20};
  m.read_width = m.write_width = {width};
  m.read_energy = {energy};
  m.write_energy = {2 * energy};
  m.least_read = m.least_write = {8};
  return m;
}

/// A small buffer below a large one below DRAM with one port for everything.
Machine machine() {
  Machine m;
  Memory low = memory("low", 0, 0, 32, 1);
  low.ports = {{"r", {{I, 0, Link::to_low}, {O, 0, Link::to_high}}},
               {"w", {{I, 0, Link::from_high}, {O, 0, Link::from_low}}}};
  Memory high = memory("high", 1, 1, 64, 10);
  high.ports = {{"r", {{I, 1, Link::to_low}, {O, 1, Link::to_high}}},
                {"w", {{I, 1, Link::from_high}, {O, 1, Link::from_low}}}};
  Memory dram = memory("dram", 2, 2, 16, 100);
  dram.ports = {{"rw", {{I, 2, Link::to_low}, {O, 2, Link::from_low}}}};
  for (const Memory& each : {low, high, dram}) m.memories.push_back(each);
  return m;
}

TEST(Copy, DownTheHierarchyByHand) {
  // 100 bits from dram to low: dram → high → low.
  // dram reads ⌈100/8⌉·8/16 = 6.5 words of 100, high writes 13·8/64 = 1.625 words of 20;
  // high reads 1.625 words of 10, low writes 13·8/32 = 3.25 words of 2.
  // Cycles: max(⌈100/16⌉, ⌈100/64⌉) = 7, then max(⌈100/64⌉, ⌈100/32⌉) = 4.
  const Machine m = machine();
  const CopyAction action =
      cost_of(m, Hierarchy(m), {CopyKind::stack_input, {100}, {I, 2}, {I, 0}});
  EXPECT_DOUBLE_EQ(action.energy.value, 650 + 32.5 + 16.25 + 6.5);
  ASSERT_EQ(action.hops.size(), 2u);
  EXPECT_EQ(action.hops[0].cycles, Cycles{7});
  EXPECT_EQ(action.hops[1].cycles, Cycles{4});
}

TEST(Copy, TurnsAtTheLowestMemoryThatBothOperandsShare) {
  const Machine m = machine();
  const CopyAction across =
      cost_of(m, Hierarchy(m), {CopyKind::output_to_input, {64}, {O, 1}, {I, 0}});
  EXPECT_EQ(across.chain, (std::vector{MemoryIndex{1}, MemoryIndex{0}}));
  const CopyAction up =
      cost_of(m, Hierarchy(m), {CopyKind::output_to_h_cache, {64}, {O, 0}, {O, 2}});
  EXPECT_EQ(up.chain, (std::vector{MemoryIndex{0}, MemoryIndex{1}, MemoryIndex{2}}));
}

TEST(Copy, WithinOneMemoryNothingMoves) {
  const Machine m = machine();
  const CopyAction action =
      cost_of(m, Hierarchy(m), {CopyKind::output_to_input, {64}, {O, 1}, {I, 1}});
  EXPECT_EQ(action.energy, Picojoules{0});
  EXPECT_TRUE(action.hops.empty());
}

TEST(CopyLayer, CopiesOnOnePortWaitForEachOtherOthersRunSideBySide) {
  const Machine m = machine();
  const Hierarchy hierarchy(m);
  const Copy in{CopyKind::stack_input, {160}, {I, 2}, {I, 1}};         // 10 cycles, dram and high.w
  const Copy out{CopyKind::output_to_h_cache, {160}, {O, 1}, {O, 2}};  // 10 cycles, high.r and dram
  const Copy down{CopyKind::h_cache_to_input, {160}, {I, 1}, {I, 0}};  // 5 cycles, high.r and low.w
  EXPECT_EQ(run_together(m, hierarchy, {in}).latency, Cycles{10});
  EXPECT_EQ(run_together(m, hierarchy, {in, out}).latency, Cycles{20});  // both need dram
  EXPECT_EQ(run_together(m, hierarchy, {in, down}).latency, Cycles{10});
  EXPECT_EQ(run_together(m, hierarchy, {out, down}).latency, Cycles{15});
}

TEST(CopyLayer, TheHopsOfOneCopyFollowEachOther) {
  const Machine m = machine();
  const Copy down{CopyKind::stack_input, {160}, {I, 2}, {I, 0}};  // 10 cycles, then 5
  EXPECT_EQ(run_together(m, Hierarchy(m), {down}).latency, Cycles{15});
}

}  // namespace
}  // namespace tileloom::scheduler::defines

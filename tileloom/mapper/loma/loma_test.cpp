#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tileloom/mapper/loma/allocation.hpp"
#include "tileloom/mapper/loma/loops.hpp"
#include "tileloom/mapper/loma/map_layer.hpp"
#include "tileloom/mapper/loma/prefix_shifts.hpp"

namespace {

using namespace tileloom;
using namespace tileloom::cost::defines2022;
using namespace tileloom::mapper::loma;

std::vector<std::vector<int>> all_orders(const std::vector<int>& items) {
  std::vector<std::vector<int>> orders;
  PrefixShifts shifts(items);
  do {
    orders.push_back(shifts.order());
  } while (shifts.next());
  return orders;
}

TEST(PrefixShifts, FourItemsInTheOrderOfThePaper) {
  // Williams 2009, the multiset {1, 1, 2, 2}: each order shifts a prefix of the one before.
  EXPECT_EQ(
      all_orders({2, 2, 1, 1}),
      (std::vector<std::vector<int>>{
          {2, 2, 1, 1}, {1, 2, 2, 1}, {2, 1, 2, 1}, {1, 2, 1, 2}, {1, 1, 2, 2}, {2, 1, 1, 2}}));
}

TEST(PrefixShifts, VisitsEveryOrderOnce) {
  for (const std::vector<int>& items :
       {std::vector<int>{}, {0}, {1, 0}, {0, 0, 0}, {3, 2, 1, 0}, {4, 4, 2, 2, 2, 0}}) {
    const auto orders = all_orders(items);
    EXPECT_EQ(std::set(orders.begin(), orders.end()).size(), orders.size());
    EXPECT_EQ(static_cast<std::int64_t>(orders.size()), count_orders(items));
  }
}

/// One operand pair on a machine of a register and a memory: K·C multiplications.
struct Small {
  Machine machine;
  Layer layer;
  Sizes tile;
};

Memory memory(const std::string& name, std::int64_t bits, PerOperand<std::optional<int>> level,
              double energy) {
  Memory m;
  m.name = name;
  m.level = level;
  for (const MemoryOperand operand : kMemoryOperands)
    if (level[operand]) m.operands.push_back(operand);
  m.size = {bits};
  m.read_width = m.write_width = m.least_read = m.least_write = {8};
  m.read_energy = m.write_energy = {energy};
  m.latency = {1};
  Port port{.name = "rw", .serves = {}};
  for (const MemoryOperand operand : m.operands)
    for (const Link link : {Link::to_low, Link::from_high, Link::from_low, Link::to_high})
      port.serves.push_back({operand, *level[operand], link});
  m.ports.push_back(port);
  return m;
}

Small small(std::int64_t k, std::int64_t c, std::int64_t register_bits) {
  Small s;
  s.machine.mac_energy = {1};
  s.machine.pe_dims = {{"D1", 1}};
  s.machine.memories.push_back(memory("reg", register_bits, {{std::nullopt, 0, std::nullopt}}, 1));
  s.machine.memories.push_back(memory("top", 1 << 20, {{0, 1, 0}}, 10));
  s.layer.loops = {Dim::K, Dim::C};
  s.layer.sizes[Dim::K] = s.tile[Dim::K] = k;
  s.layer.sizes[Dim::C] = s.tile[Dim::C] = c;
  s.layer.output = {.name = "O", .memory = MemoryOperand::O, .dims = {Dim::K}, .bits = {16}};
  s.layer.inputs = {{.name = "W",
                     .memory = MemoryOperand::I2,
                     .dims = {Dim::K, Dim::C},
                     .bits = {8},
                     .constant = true},
                    {.name = "I", .memory = MemoryOperand::I1, .dims = {Dim::C}, .bits = {8}}};
  return s;
}

TEST(Loma, LoopsAreMergedUntilThereAreFewEnough) {
  const Small s = small(12, 8, 8);  // K 2·2·3, C 2·2·2
  const Prepared prepared = prepare(s.machine, s.layer, {}, s.tile);
  EXPECT_EQ(temporal_loops(prepared, 6),
            (std::vector<TemporalLoop>{
                {Dim::K, 3}, {Dim::K, 2}, {Dim::K, 2}, {Dim::C, 2}, {Dim::C, 2}, {Dim::C, 2}}));
  // Equally many: the first loop of the file, K, merges 2·2; then C has most and merges 2·2.
  EXPECT_EQ(temporal_loops(prepared, 4),
            (std::vector<TemporalLoop>{{Dim::K, 4}, {Dim::K, 3}, {Dim::C, 4}, {Dim::C, 2}}));
  // A loop of one factor stays, whatever the limit.
  EXPECT_EQ(temporal_loops(prepared, 1), (std::vector<TemporalLoop>{{Dim::K, 12}, {Dim::C, 8}}));
}

TEST(Loma, AHandWorkedLayer) {
  // 2 outputs × 3 inputs, 6 MACs; every weight is used once. In words of 8 bits:
  //   W: register written 6, read 6; memory read 6                           → 6 + 6 + 60
  //   I: memory read by the MAC every cycle, 6                               → 60
  //   O: C inside K or not, the memory is the MAC's: 6 updates of 16 bits (2 words each), read and
  //      written                                                            → 2·6·2·10 = 240
  // MACs 6. Together 72 + 60 + 240 + 6 = 378 pJ.
  const Small s = small(2, 3, 8);
  const auto mapped = map_layer(s.machine, s.layer, {}, s.tile, {.as_published = true});
  ASSERT_TRUE(mapped);
  EXPECT_EQ(mapped->evaluations, 2);
  EXPECT_DOUBLE_EQ(mapped->cost.energy.value, 378);
  EXPECT_EQ(mapped->cost.temporal, Cycles{6});
  EXPECT_EQ(mapped->cost.ideal, Cycles{6});
}

TEST(Loma, ATopThatIsTooSmallMakesEveryOrderIllegal) {
  Small s = small(2, 3, 8);
  s.machine.memories[MemoryIndex{1}].size = {16};
  EXPECT_FALSE(map_layer(s.machine, s.layer, {}, s.tile, {}));
}

/// The allocation as the text states it: every combination, one by one.
struct Literal {
  const Prepared& prepared;
  const Tables& tables;
  std::vector<Below> below;

  std::int64_t bits(std::size_t o, int level, int entry, int p) const {
    const PreparedOperand& operand = prepared.operands[o];
    const bool wide =
        !operand.is_output || tables.reduces_above(below[static_cast<std::size_t>(entry)]);
    return tables.elements(static_cast<int>(o), level, below[static_cast<std::size_t>(p)]) *
           (wide ? operand.bits : operand.final_bits);
  }

  std::optional<std::vector<std::vector<int>>> boundaries() const {
    std::vector<std::vector<int>> result(3);
    const int loops = static_cast<int>(below.size()) - 1;
    for (const PreparedMemory& memory : prepared.memories) {
      std::vector<std::vector<int>> choices;
      for (const auto& [o, level] : memory.tenants) {
        const int entry = result[o].empty() ? 0 : result[o].back();
        std::vector<int> fit;
        for (int p = entry; p <= loops && bits(o, level, entry, p) <= memory.size; ++p)
          fit.push_back(p);
        if (fit.empty()) return std::nullopt;
        if (level + 1 == prepared.operands[o].levels()) {
          if (fit.back() != loops) return std::nullopt;
          fit = {loops};
        }
        choices.push_back(fit);
      }
      std::vector<std::vector<int>> combinations{{}};
      for (const std::vector<int>& fit : choices) {
        std::vector<std::vector<int>> longer;
        for (const auto& combination : combinations)
          for (const int p : fit) {
            longer.push_back(combination);
            longer.back().push_back(p);
          }
        combinations = longer;
      }
      std::optional<std::int64_t> least;
      std::vector<int> best;
      for (const auto& combination : combinations) {
        std::int64_t used = 0;
        std::int64_t accesses = 0;
        for (std::size_t t = 0; t < combination.size(); ++t) {
          const auto [o, level] = memory.tenants[t];
          const int entry = result[o].empty() ? 0 : result[o].back();
          const std::int64_t held = bits(o, level, entry, combination[t]);
          used += held;
          if (level + 1 < prepared.operands[o].levels())
            accesses += held * (tables.total() /
                                tables.iterations(below[static_cast<std::size_t>(combination[t])]));
        }
        if (used > memory.size || (least && accesses > *least)) continue;
        least = accesses;
        best = combination;
      }
      if (!least) return std::nullopt;
      for (std::size_t t = 0; t < best.size(); ++t)
        result[memory.tenants[t].operand].push_back(best[t]);
    }
    return result;
  }
};

/// K·C·OX·FX with a window, three levels, the middle one shared by inputs and outputs.
Small windowed(std::int64_t shared_bits) {
  Small s = small(6, 4, 8);
  s.machine.memories = {};
  s.machine.memories.push_back(memory("reg", 24, {{std::nullopt, 0, 0}}, 1));
  s.machine.memories.push_back(memory("mid", shared_bits, {{0, std::nullopt, 1}}, 3));
  s.machine.memories.push_back(memory("top", 1 << 20, {{1, 1, 2}}, 10));
  s.layer.loops = {Dim::K, Dim::C, Dim::OX, Dim::FX};
  s.layer.sizes[Dim::OX] = s.tile[Dim::OX] = 4;
  s.layer.sizes[Dim::FX] = s.tile[Dim::FX] = 3;
  s.layer.relations = {{Axis::x, Dim::OX, 1, Dim::FX, 1}};
  s.layer.output.dims = {Dim::K, Dim::OX};
  s.layer.inputs[0].dims = {Dim::K, Dim::C, Dim::FX};
  s.layer.inputs[1].dims = {Dim::C};
  s.layer.inputs[1].windows = {Axis::x};
  return s;
}

TEST(Loma, AllocationIsThatOfTryingEveryCombination) {
  int legal = 0;
  for (const std::int64_t shared_bits : {40, 64, 100, 160, 300, 1000}) {
    const Small s = windowed(shared_bits);
    const Prepared prepared = prepare(s.machine, s.layer, {}, s.tile);
    const Tables tables(prepared, 6);
    ASSERT_TRUE(tables.monotone());
    const Allocator allocator(prepared, tables, Rules::exact);
    PrefixShifts orders(tables.items());
    do {
      Literal literal{prepared, tables, {0}};
      for (const int kind : orders.order())
        literal.below.push_back(literal.below.back() +
                                tables.kinds()[static_cast<std::size_t>(kind)].stride);
      const auto expected = literal.boundaries();
      Allocation allocation;
      SizeRanges tested(prepared.memories.size());
      ASSERT_EQ(allocator.allocate(orders.order(), literal.below.data(), allocation, tested),
                expected.has_value());
      if (!expected) continue;
      ++legal;
      for (std::size_t o = 0; o < 3; ++o)
        for (std::size_t k = 0; k < (*expected)[o].size(); ++k)
          ASSERT_EQ(allocation.boundary[o][k], (*expected)[o][k]) << shared_bits;
    } while (orders.next());
  }
  EXPECT_GT(legal, 1000);
}

TEST(Loma, ExtentsAreRoundedAsPublishedOnlyWhereAsked) {
  // 251 iterations on 4 PEs: 63 = 9·7 steps of 251/63, in doubles 251/63·9·7 > 251 > 251/63·7·9.
  Small s = small(251, 1, 8);
  s.machine.pe_dims = {{"D1", 4}};
  Memory& top = s.machine.memories[MemoryIndex{1}];
  top.served_dims = {"D1"};
  top.size = {251 * 8 + 251 * 8 + 8};  // W, O and I
  s.layer.output.bits = {8};
  const SpatialMapping unrolling{{"D1", Dim::K, 4}};
  const auto exact = map_layer(s.machine, s.layer, unrolling, s.tile, {.loop_limit = 2});
  const auto published =
      map_layer(s.machine, s.layer, unrolling, s.tile, {.loop_limit = 2, .as_published = true});
  ASSERT_TRUE(exact && published);
  EXPECT_EQ(exact->evaluations, 2);
  EXPECT_EQ(published->evaluations, 1);  // 252 + 252 elements do not fit
}

}  // namespace

#include "tileloom/report/schedule/table.hpp"

#include <gtest/gtest.h>

#include "tileloom/report/schedule/example_schedule_test.hpp"

namespace tileloom::report {
namespace {

// Per layer: 20 of 296 cycles twice, 256 once; 4680 of 50784 pJ twice, 41424 once; gaps are 100 %
// because the example's bounds are half of what was found. Bounds: 8 + 8 + 192 cycles, 3 · 1000 pJ.
TEST(Table, SaysEverythingOfASmallSchedule) {
  const Example small = example();
  EXPECT_EQ(schedule_table(small.workload, small.arch, small.schedule, {.width = 120}),
            R"(tiny on toy, least edp, mapper random

layer  kind    n   MACs  cycles    time    util    energy   share  EDP pJ*cyc  bound by       gap  status
-------------------------------------------------------------------------------------------------------------
fc1    MatMul  x2    32      20  13.5 %  40.0 %  4.680 nJ  18.4 %     93.60 k  DRAM read  100.0 %  feasible
wide   MatMul       768     256  86.5 %  75.0 %  41.42 nJ  81.6 %     10.60 M  compute    100.0 %  feasible
huge   MatMul      2000       -       -       -         -       -           -  -                -  infeasible
-------------------------------------------------------------------------------------------------------------
total          4   2832     296          70.3 %  50.78 nJ             15.03 M                      infeasible

What bounds each layer, and what would relieve it
fc1 x2 (13.5 % of the time): DRAM read port
  - 2.5x more DRAM read bandwidth (16 to 40 bits per cycle) makes it compute-bound
  - W.fc1 is 80.0 % of the bits through it, every element passing once: only fewer bits per element reduce that
wide (86.5 % of the time): compute
  - 25.0 % of the lanes idle because K=3 fills 3 of 4 positions of pe
  - next limit: DRAM read port, busy 59.4 % of the time
huge: no mapping
  - Buffer needs 9000 bits, but holds 8192

Energy by memory and tensor
memory     input    weight    output  network     total   share
---------------------------------------------------------------
DRAM    27.20 nJ  11.20 nJ  5.600 nJ     0 pJ  44.00 nJ  86.6 %
Buffer  544.0 pJ  944.0 pJ  4.880 nJ     0 pJ  6.368 nJ  12.5 %
mac                                            416.0 pJ   0.8 %
---------------------------------------------------------------
total   27.74 nJ  12.14 nJ  10.48 nJ     0 pJ  50.78 nJ

Coverage of the model
nodes     number  MACs  of MACs  bytes moved  of bytes
------------------------------------------------------
mapped         4  2832  100.0 %      4.3 KiB    94.9 %
folded         1     0    0.0 %          0 B     0.0 %
unmapped       1     0    0.0 %        238 B     5.1 %
unmapped: odd (NonZero): its output has no fixed size

296 cycles = 296.0 ns at 1000 MHz
50.78 nJ
1 of 4 layers have no mapping: the totals leave them out
1 of 6 nodes are unmapped: the totals leave them out
)");
}

std::string layers_part(const Example& example, const TableOptions& options) {
  const std::string text =
      schedule_table(example.workload, example.arch, example.schedule, options);
  const std::size_t begin = text.find("\n\n") + 2;
  return text.substr(begin, text.find("\n\n", begin) + 1 - begin);
}

TEST(Table, ANarrowTerminalLosesTheLeastNeededColumns) {
  EXPECT_EQ(layers_part(example(), {.width = 70}),
            R"(layer  n   cycles    util    energy  bound by       gap  status
-------------------------------------------------------------------
fc1    x2      20  40.0 %  4.680 nJ  DRAM read  100.0 %  feasible
wide          256  75.0 %  41.42 nJ  compute    100.0 %  feasible
huge            -       -         -  -                -  infeasible
-------------------------------------------------------------------
total  4      296  70.3 %  50.78 nJ                      infeasible
)");
}

TEST(Table, LayersCanBeListedOneByOne) {
  const std::string text = layers_part(example(), {.width = 0, .group = false});
  EXPECT_NE(text.find("\nfc2 "), std::string::npos);
  EXPECT_EQ(text.find("x2"), std::string::npos);
}

TEST(Table, ColourOnlyMarksTitles) {
  const std::string text =
      schedule_table(example().workload, example().arch, example().schedule, {.colour = true});
  EXPECT_NE(text.find("\n\x1b[1mlayer"), std::string::npos);
  EXPECT_EQ(schedule_table(example().workload, example().arch, example().schedule).find('\x1b'),
            std::string::npos);
}

TEST(Table, ALayerNameCannotSendEscapeSequencesToTheTerminal) {
  Example small = example();
  small.workload.operators[OperatorId{0}].name = "\x1b[2J";
  const std::string text = schedule_table(small.workload, small.arch, small.schedule);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_NE(text.find("?[2J"), std::string::npos);
}

}  // namespace
}  // namespace tileloom::report

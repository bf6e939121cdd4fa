#include "tileloom/report/schedule/csv.hpp"

#include <gtest/gtest.h>

#include "tileloom/report/schedule/example_schedule_test.hpp"

namespace tileloom::report {
namespace {

constexpr const char* kTitles =
    "layer,kind,same_as,macs,points,cycles,compute_cycles,dispatch_cycles,utilisation,energy_pj,"
    "edp_pj_cycles,compute_pj,bound_by,relief,status,gap,bound_cycles,bound_energy_pj,evaluations,from_cache,"
    "reason,DRAM_input_pj,DRAM_weight_pj,DRAM_output_pj,Buffer_input_pj,Buffer_weight_pj,"
    "Buffer_output_pj\r\n";

TEST(Csv, OneLinePerLayerWithEveryFigure) {
  EXPECT_EQ(
      schedule_csv(example().workload, example().arch, example().schedule),
      std::string(kTitles) +
          "fc1,MatMul,,32,32,20,8,0,0.4,4680,93600,16,DRAM read port,\"2.5x more DRAM read bandwidth "
          "(16 to 40 bits per cycle) makes it compute-bound; W.fc1 is 80.0 % of the bits through "
          "it, every element passing once: only fewer bits per element reduce that\",feasible,1,8,"
          "1000,7,false,,800,3200,400,16,64,184\r\n"
          "fc2,MatMul,fc1,32,32,20,8,0,0.4,4680,93600,16,DRAM read port,\"2.5x more DRAM read "
          "bandwidth (16 to 40 bits per cycle) makes it compute-bound; W.fc2 is 80.0 % of the bits "
          "through it, every element passing once: only fewer bits per element reduce "
          "that\",feasible,1,8,1000,7,false,,800,3200,400,16,64,184\r\n"
          "wide,MatMul,,768,768,256,256,0,0.75,41424,10604544,384,compute,\"25.0 % of the lanes idle "
          "because K=3 fills 3 of 4 positions of pe; next limit: DRAM read port, busy 59.4 % of "
          "the "
          "time\",feasible,1,192,1000,7,false,,25600,4800,4800,512,816,4512\r\n"
          "huge,MatMul,,2000,2000,,,,,,,,,,infeasible,,0,0,0,false,\"Buffer needs 9000 bits, but "
          "holds 8192\",,,,,,\r\n");
}

TEST(Csv, CommasQuotesAndLineBreaksInNamesAreQuoted) {
  Example small = example();
  small.schedule.layers.resize(1);
  small.workload.operators[OperatorId{0}].name = "a,\"b\"\n<c>";
  const std::string text = schedule_csv(small.workload, small.arch, small.schedule);
  EXPECT_EQ(text.substr(std::string(kTitles).size(), 22), "\"a,\"\"b\"\"\n<c>\",MatMul,,");
}

}  // namespace
}  // namespace tileloom::report

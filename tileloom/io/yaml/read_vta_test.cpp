#include "tileloom/io/yaml/read_vta.hpp"

#include <gtest/gtest.h>

namespace tileloom {
namespace {


TEST(ReadVta, what_a_file_leaves_out_is_as_usual) {
  const Result<target::vta::Machine> machine = parse_vta(R"(name: small
source: made up
vta: {batch: 4, block_in: 16, block_out: 16}
buffers: {inp: 16 KiB, acc: 64 KiB}
timing: {port_bytes: 16, read_latency: 40}
)",
                                            "small.yaml");
  ASSERT_TRUE(machine) << to_string(machine.error());
  target::vta::Machine expected;
  expected.config.log_batch = 2;
  expected.config.log_inp_buff_size = 14;
  expected.config.log_acc_buff_size = 16;
  expected.timing.port_bytes = 16;
  expected.timing.read_latency = 40;
  EXPECT_EQ(*machine, expected);
}

TEST(ReadVta, a_core_alone_is_the_usual_machine) {
  const Result<target::vta::Machine> machine =
      parse_vta("name: m\nsource: s\nvta: {batch: 1, block_in: 16, block_out: 16}\n", "m.yaml");
  ASSERT_TRUE(machine);
  EXPECT_EQ(*machine, target::vta::Machine{});
}

TEST(ReadVta, every_mistake_is_named_with_its_place) {
  const Result<target::vta::Machine> machine = parse_vta(R"(name: odd
vta: {batch: 3, block_in: 16, blok_out: 16}
buffers: {inp: 30 KiB, wgt: 1 GiB, out: 32 KiB}
timing: {port_bytes: 0, latency: 5, sync: soon}
)",
                                            "odd.yaml");
  ASSERT_FALSE(machine);
  EXPECT_EQ(
      to_string(machine.error()),
      "odd.yaml:1:1: the machine has no 'source': add 'source: where the figures come from'\n"
      "odd.yaml:2:6: the GEMM core has no 'block_out': add 'block_out: 16'\n"
      "odd.yaml:2:14: 'batch' is 3, no power of two: give a power of two, such as 16\n"
      "odd.yaml:2:31: unknown key 'blok_out' in the GEMM core: did you mean 'block_out'?\n"
      "odd.yaml:3:16: 'inp' is 30720, no power of two: give a power of two, such as 32 KiB\n"
      "odd.yaml:3:29: 'wgt' has 8589934592 bit: give whole bytes, at most 256 MiB\n"
      "odd.yaml:3:36: unknown key 'out' in the list of buffers: known: inp, wgt, acc, uop\n"
      "odd.yaml:4:22: 'port_bytes' is 0: it must be at least 1\n"
      "odd.yaml:4:25: unknown key 'latency' in the timing: known: port_bytes, read_latency, "
      "burst_bytes, burst_gap, write_burst, pipeline, sync, micro_op_write, token, first_dispatch, "
      "fetch_instructions\n"
      "odd.yaml:4:43: 'sync' is 'soon', not a whole number: write digits only, such as 16\n");
}

TEST(ReadVta, buffers_that_no_instruction_can_address_are_refused_where_they_stand) {
  const Result<target::vta::Machine> machine = parse_vta(
      "name: m\nsource: s\nvta: {batch: 1, block_in: 16, block_out: 16}\nbuffers: {acc: 64 B}\n",
      "m.yaml");
  ASSERT_FALSE(machine);
  EXPECT_EQ(to_string(machine.error()),
            "m.yaml:4:10: the acc buffer of 64 bytes has no two entries of 64 bytes: use other "
            "buffers or another GEMM core\n");
}

TEST(ReadVta, only_a_map_with_the_key_describes_one) {
  EXPECT_TRUE(describes_vta("vta: [1]\n"));
  EXPECT_FALSE(describes_vta("name: gemm\nlanes: {x: 1}\n"));
  EXPECT_FALSE(describes_vta("- vta\n"));
  EXPECT_FALSE(describes_vta("vta: [1\n"));
}

}  // namespace
}  // namespace tileloom

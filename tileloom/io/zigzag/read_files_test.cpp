#include <gtest/gtest.h>

#include "tileloom/io/zigzag/read_machine.hpp"
#include "tileloom/io/zigzag/read_network.hpp"

namespace {

using namespace tileloom;
using namespace tileloom::io::zigzag;
using namespace tileloom::cost::defines2022;

TEST(ZigzagFiles, AllShippedMachinesAndNetworksAreRead) {
  EXPECT_EQ(machine_names().size(), 10U);
  for (const std::string& name : machine_names()) {
    const Result<Machine> machine = load_machine(name);
    ASSERT_TRUE(machine) << to_string(machine.error());
    EXPECT_EQ(machine->name, name);
    EXPECT_EQ(pe_count(*machine), 1024) << name;
  }
  EXPECT_EQ(network_names(),
            (std::vector<std::string>{"dmcnnvd", "fsrcnn", "mccnn", "mobilenetv1", "resnet18"}));
  for (const std::string& name : network_names()) {
    const Result<Network> network = load_network(name);
    ASSERT_TRUE(network) << to_string(network.error());
    for (const std::string& machine : machine_names())
      EXPECT_NE(spatial_mapping_family(*network, machine), "") << name << " " << machine;
  }
}

TEST(ZigzagFiles, AMachineKeepsItsMemoriesInOrderAndItsLevels) {
  const Machine machine = load_machine("meta_prototype_df").value();
  EXPECT_EQ(machine.memories[MemoryIndex{4}].name, "sram_64KB");
  EXPECT_EQ(levels(machine, MemoryOperand::I2), 4);
  EXPECT_EQ(machine.memories[memory_at(machine, MemoryOperand::O, 2)].name, "sram_1MB_A");
  EXPECT_EQ(machine.memories[top_memory(machine, MemoryOperand::I1)].name, "dram");
}

TEST(ZigzagFiles, CuttingTakesAwayWhatLiesAboveAndItsLinks) {
  const Machine whole = load_machine("Meta_prototype_DF").value();
  PerOperand<int> top;
  top[MemoryOperand::I1] = 0;
  top[MemoryOperand::I2] = 2;
  top[MemoryOperand::O] = 2;
  const Machine rest = cut(whole, top);
  EXPECT_EQ(rest.memories.size(), 6U);  // dram is gone
  EXPECT_EQ(levels(rest, MemoryOperand::I1), 1);
  const Memory& shared = rest.memories[memory_at(rest, MemoryOperand::O, 2)];
  EXPECT_EQ(shared.operands, std::vector{MemoryOperand::O});
  EXPECT_EQ(shared.ports[0].serves.size(), 2U);  // of three links, I1's went
}

TEST(ZigzagFiles, AnAdditionReadsTwoActivations) {
  const Machine twin = with_twin_input(load_machine("TPU_like_DF").value());
  EXPECT_EQ(twin.memories.size(), 4U);  // rf_64B and sram_1MB_W served only I2
  EXPECT_EQ(levels(twin, MemoryOperand::I2), 3);
  EXPECT_EQ(memory_at(twin, MemoryOperand::I2, 1), memory_at(twin, MemoryOperand::I1, 1));
}

TEST(ZigzagFiles, ALayerKeepsTheOrderOfItsLoopsAndItsWindows) {
  const Network network = load_network("resnet18").value();
  const Layer& pooling = network.layers[LayerIndex{2}];
  EXPECT_EQ(pooling.loops, (std::vector{Dim::B, Dim::G, Dim::OY, Dim::OX, Dim::FX, Dim::FY}));
  EXPECT_EQ(pooling.relations[0], (Relation{Axis::x, Dim::OX, 2, Dim::FX, 1}));
  EXPECT_EQ(pooling.inputs[0].bits, Bits{0});
  const Layer& sum = network.layers[LayerIndex{5}];
  EXPECT_TRUE(sum.is_addition());
  EXPECT_EQ(sum.inputs[1].memory, MemoryOperand::I2);
  EXPECT_EQ(sum.inputs[1].producers, std::vector{LayerIndex{4}});
}

TEST(ZigzagFiles, AnUnknownNameListsTheKnownOnes) {
  EXPECT_EQ(to_string(load_network("vgg").error()),
            "unknown workload \"vgg\": known: dmcnnvd, fsrcnn, mccnn, mobilenetv1, resnet18; or "
            "give the path of a JSON file\n");
}

TEST(ZigzagFiles, MistakesAreAllReportedWithTheirPlaces) {
  const std::string text = R"({"name": "n", "layers": [
  {"id": -1, "dims": {"K": 3, "OY": 8, "OX": 8}, "bits": 8},
  {"id": 0, "equation": "O[k][oy]+=W[k][z]*I[ix]", "relations": ["ix=ox"],
   "dims": {"K": 4, "OY": 6, "Q": 2}, "inputs": {"I": [7]}, "constant_operands": ["W"],
   "precision": {"O": 16, "O_final": 8, "W": 8, "I": 8}}],
  "spatial_mapping_per_arch": {}})";
  const auto json = io::parse_json("n.json", text);
  io::Reading reading(*json);
  read_network(reading, reading.root(), "n");
  EXPECT_EQ(to_string(reading.mistakes()),
            "n.json:4:35: unknown loop \"Q\": known: B, C, FX, FY, G, K, OX, OY\n"
            "n.json:3:66: cannot read the relation \"ix=ox\": write ix=STRIDE*ox+DILATION*fx\n"
            "n.json:3:25: unknown loop \"Z\": known: B, C, FX, FY, G, K, OX, OY\n"
            "n.json:4:56: no earlier layer has the id 7: a layer reads layers that stand before it "
            "in the file\n");
}

TEST(ZigzagFiles, LoopsOfTooManyIterationsAreAMistake) {
  const auto json = io::parse_json("d.json", R"({"K": 100000000, "C": 100000000})");
  io::Reading reading(*json);
  read_loops(reading, reading.root());
  EXPECT_EQ(to_string(reading.mistakes()),
            "d.json:1:1: the loops have 1e+16 iterations: at most 1e15 are supported\n");
}

TEST(ZigzagFiles, DistinctInputsOfAWindow) {
  EXPECT_EQ(distinct_inputs({Axis::x, Dim::OX, 1, Dim::FX, 1}, 4, 3), 6);
  EXPECT_EQ(distinct_inputs({Axis::x, Dim::OX, 2, Dim::FX, 1}, 4, 3), 9);  // (4−1)·2 + 3
  EXPECT_EQ(distinct_inputs({Axis::x, Dim::OX, 2, Dim::FX, 1}, 4, 1), 4);  // every second index
  EXPECT_EQ(distinct_inputs({Axis::x, Dim::OX, 1, Dim::FX, 2}, 4, 3), 8);  // 0…7 (4 + 2·2)
}

}  // namespace

// Layer-tiles of the DeFiNES artifact: the same mapping, energy to 1e-9, latency exactly.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tileloom/io/zigzag/read_machine.hpp"
#include "tileloom/io/zigzag/read_network.hpp"
#include "tileloom/mapper/loma/map_layer.hpp"
#include "tileloom/support/file.hpp"

namespace {

using namespace tileloom;
using namespace tileloom::cost::defines2022;
using mapper::loma::LomaOptions;
using mapper::loma::MappedLayer;
using nlohmann::json;

json layer_tiles() {
  return json::parse(
      read_file(TILELOOM_SOURCE_DIR "/tests/papers/defines/layer_tiles.json").value())["tiles"];
}

/// A recorded tile as the mapper is asked for it.
struct Question {
  Machine machine;
  Layer layer;
  SpatialMapping unrolling;
  Sizes tile;
  std::vector<std::string> operands;
};

Question question(const json& recorded) {
  const Machine whole = io::zigzag::load_machine(recorded["arch"]).value();
  const Network network = io::zigzag::load_network(recorded["workload"]).value();
  Question q;
  for (const LayerIndex i : ids<LayerIndex>(network.layers.size())) {
    if (network.layers[i].id != recorded["layer"]) continue;
    q.layer = network.layers[i];
    q.unrolling = network.spatial_mappings.at(spatial_mapping_family(network, whole.name))[i];
  }
  PerOperand<int> top;
  q.operands = {q.layer.output.name, q.layer.inputs[0].name, q.layer.inputs[1].name};
  const auto level_of = [&](MemoryOperand operand, const std::string& name) {
    for (int level = 0; level < levels(whole, operand); ++level)
      if (whole.memories[memory_at(whole, operand, level)].name == recorded["top"][name])
        top[operand] = level;
  };
  level_of(MemoryOperand::O, q.operands[0]);
  for (std::size_t i = 0; i < 2; ++i) level_of(q.layer.inputs[i].memory, q.operands[i + 1]);
  q.machine = mapper::loma::machine_for(whole, q.layer, top);
  for (const Dim dim : q.layer.loops) q.tile[dim] = recorded["loop_dims"][std::string(name(dim))];
  return q;
}

json temporal(const MappedLayer& mapped, const Question& q) {
  json all;
  for (std::size_t o = 0; o < q.operands.size(); ++o) {
    std::size_t below = 0;
    for (const int boundary : mapped.mapping.boundary[o]) {
      json loops = json::array();
      for (; below < static_cast<std::size_t>(boundary); ++below)
        loops.push_back({name(mapped.mapping.order[below].dim), mapped.mapping.order[below].size});
      all[q.operands[o]].push_back(loops);
    }
  }
  return all;
}

TEST(LayerTiles, MappingEnergyAndLatencyAreTheArtifacts) {
  int compared = 0;
  for (const json& recorded : layer_tiles()) {
    SCOPED_TRACE(recorded["arch"].dump() + recorded["workload"].dump() + recorded["layer"].dump() +
                 recorded["loop_dims"].dump());
    const Question q = question(recorded);
    const auto mapped =
        mapper::loma::map_layer(q.machine, q.layer, q.unrolling, q.tile,
                                {.loop_limit = recorded["lpf_limit"], .as_published = true});
    ASSERT_TRUE(mapped);
    EXPECT_EQ(temporal(*mapped, q), recorded["temporal"]);
    const double energy = recorded["energy"];
    EXPECT_NEAR(mapped->cost.energy.value, energy, 1e-9 * energy);
    EXPECT_EQ(mapped->cost.latency0.value, recorded["latency0"]);
    EXPECT_EQ(mapped->cost.latency1.value, recorded["latency1"]);
    EXPECT_EQ(mapped->cost.latency2.value, recorded["latency2"]);
    for (std::size_t o = 0; o < q.operands.size(); ++o) {
      EXPECT_EQ(json(mapped->cost.double_buffered[o]), recorded["double_buffer"][q.operands[o]]);
      const json& levels = recorded["energy_by_op_level"][q.operands[o]];
      ASSERT_EQ(mapped->cost.energy_by_level[o].size(), levels.size());
      for (std::size_t k = 0; k < levels.size(); ++k)
        EXPECT_NEAR(mapped->cost.energy_by_level[o][k].value, levels[k].get<double>(),
                    1e-9 * levels[k].get<double>());
    }
    ++compared;
  }
  EXPECT_GE(compared, 50);
}

/// Of equal energies the repaired rules take the least latency. Their energy is the same, except
/// that exact extents may let the greedy allocation take one loop more, here for 0.01 %.
TEST(LayerTiles, TheDefaultRulesLoseNoLatencyAtEqualEnergy) {
  int faster = 0;
  for (const json& recorded : layer_tiles()) {
    const Question q = question(recorded);
    const auto repaired = mapper::loma::map_layer(q.machine, q.layer, q.unrolling, q.tile,
                                                  {.loop_limit = recorded["lpf_limit"]});
    ASSERT_TRUE(repaired);
    EXPECT_LE(repaired->cost.energy.value, recorded["energy"].get<double>() * 1.0002);
    if (repaired->cost.energy.value > recorded["energy"].get<double>() * (1 - 1e-9) &&
        repaired->cost.energy.value < recorded["energy"].get<double>() * (1 + 1e-9)) {
      EXPECT_LE(repaired->cost.latency1.value, recorded["latency1"].get<std::int64_t>());
      faster += int{repaired->cost.latency1.value < recorded["latency1"].get<std::int64_t>()};
    }
  }
  EXPECT_GT(faster, 0);
}

}  // namespace

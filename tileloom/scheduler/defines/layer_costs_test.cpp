// The memo of layer-tiles: whatever is reserved, its answer is that of a fresh search.

#include "tileloom/scheduler/defines/layer_costs.hpp"

#include <gtest/gtest.h>

#include "tileloom/io/zigzag/read_machine.hpp"
#include "tileloom/io/zigzag/read_network.hpp"
#include "tileloom/support/random.hpp"

namespace tileloom::scheduler::defines {
namespace {

/// A tile of a random layer on random levels, some of each memory taken.
LayerTile random_tile(Random& random, const Network& network, const Machine& machine) {
  LayerTile tile;
  do {
    tile.layer = static_cast<LayerIndex>(
        random.between(0, static_cast<std::int64_t>(network.layers.size()) - 1));
  } while (network.layers[tile.layer].is_input);
  const std::int64_t side = random.between(0, 1) == 0 ? 4 : 14;
  tile.output = {side, side};
  for (const MemoryOperand operand : cost::defines2022::kMemoryOperands)
    tile.top[operand] = cost::defines2022::levels(machine, operand) - 1;
  for (const Memory& memory : machine.memories)
    tile.reserved.push_back(memory.size.value * random.between(0, 19) / 20);
  return tile;
}

TEST(LayerCosts, TheMemoAnswersAsAFreshSearchWhateverIsReserved) {
  const Network network = io::zigzag::load_network("resnet18").value();
  const Machine machine = io::zigzag::load_machine("Meta_prototype_DF").value();
  const Options options;
  LayerCosts memo(network, machine, options);
  Random random(11);
  std::size_t asked = 0, impossible = 0;
  for (int i = 0; i < 250; ++i) {
    const LayerTile tile = random_tile(random, network, machine);
    LayerCosts fresh(network, machine, options);
    const auto truth = fresh.cost(tile);
    const auto known = memo.cost(tile);
    ++asked;
    ASSERT_EQ(truth == nullptr, known == nullptr) << "case " << i;
    if (!truth) {
      ++impossible;
      continue;
    }
    ASSERT_EQ(known->cost.energy, truth->cost.energy) << "case " << i;
    ASSERT_EQ(known->cost.latency1, truth->cost.latency1) << "case " << i;
    ASSERT_EQ(known->mapping, truth->mapping) << "case " << i;
  }
  EXPECT_LT(memo.solved(), asked);
  EXPECT_LT(impossible, asked);
}

}  // namespace
}  // namespace tileloom::scheduler::defines

// The joint search under DeFiNES' model on random small networks and machines: equal to running
// every list of cuts with every tile and mode, stack by stack, as DeFiNES itself evaluates them.

#include <gtest/gtest.h>

#include <map>

#include "tileloom/io/zigzag/read_machine.hpp"
#include "tileloom/scheduler/defines/joint.hpp"
#include "tileloom/scheduler/defines/small_network_test.hpp"
#include "tileloom/support/random.hpp"

namespace tileloom::scheduler {
namespace {

using namespace defines;
using defines::testing::NetworkMaker;

constexpr int kJointCases = TILELOOM_PROPERTY_CASES >= 20000 ? 300 : 30;

/// Two or three convolutions, some strided, some joined with what an earlier one made, on maps of
/// up to 12 outputs.
Network random_network(Random& random, const std::string& machine) {
  struct Made {
    LayerIndex layer;
    std::int64_t channels, side;
  };
  NetworkMaker maker(random.between(1, 4), 40, 40);
  std::int64_t side = random.between(9, 12);
  std::vector<Made> made{{LayerIndex{0}, 4, side}};
  const std::int64_t convolutions = random.between(2, 3);
  for (std::int64_t i = 0; i < convolutions; ++i) {
    const std::int64_t kernel = random.between(0, 2) == 0 ? 1 : 3;
    if (side > kernel) side -= kernel - 1;
    const std::int64_t channels = 4 * random.between(1, 3);
    const LayerIndex layer = maker.conv(made.back().layer, made.back().channels, channels, kernel,
                                        random.between(0, 3) == 0 ? 2 : 1, side, side);
    made.push_back({layer, channels, side});
    if (i > 0 && random.between(0, 2) == 0)
      made.push_back(
          {maker.add(made[made.size() - 2].layer, layer, channels, side, side), channels, side});
  }
  Network network = maker.take();
  auto& unrollings = network.spatial_mappings[machine];
  for (std::size_t i = 0; i < network.layers.size(); ++i) unrollings.push_back({});
  return network;
}

/// One of DeFiNES' machines with memories on the chip up to 2,000 times smaller, so that small
/// networks do not all fit.
Machine random_machine(Random& random) {
  const std::vector<std::string> names = io::zigzag::machine_names();
  Machine machine = io::zigzag::load_machine(names[static_cast<std::size_t>(random.between(
                                                 0, static_cast<std::int64_t>(names.size()) - 1))])
                        .value();
  const std::int64_t by = std::int64_t{1} << random.between(0, 11);
  for (Memory& memory : machine.memories)
    if (memory.size.value < (std::int64_t{1} << 32))
      memory.size.value = std::max<std::int64_t>(64, memory.size.value / by);
  return machine;
}

/// All schedules, one by one: every subset of the cuts, then every point for every stack.
class EveryJointSchedule {
 public:
  EveryJointSchedule(const Network& network, const Machine& machine, const Options& options,
                     const std::vector<Extent>& tiles)
      : machine_(machine),
        options_(options),
        tiles_(tiles),
        hierarchy_(machine),
        graph_(graph_of(network)),
        costs_(network, machine_, options_) {}

  /// The least energy, least latency and least product.
  std::optional<std::array<double, 3>> best() {
    const std::size_t places = graph_.nodes.size() - 1;
    for (std::size_t subset = 0; subset < (std::size_t{1} << places); ++subset) {
      std::vector<std::int64_t> cuts;
      for (std::size_t i = 0; i < places; ++i)
        if ((subset >> i) % 2 == 1)
          cuts.push_back(std::stoll(graph_.nodes[static_cast<NodeId>(i)].id));
      if (is_closed(subset)) combine(stacks(graph_, cuts, options_.repairs), 0, {}, {});
    }
    return best_;
  }

 private:
  /// No reader lies behind a cut but those of the node before it.
  bool is_closed(std::size_t subset) const {
    for (const NodeId reader : ids<NodeId>(graph_.nodes.size()))
      for (const Edge& edge : graph_.nodes[reader].edges) {
        const std::size_t made = index(edge.producer);
        bool crossed = false;
        for (std::size_t cut = made; cut < index(reader); ++cut)
          crossed = crossed || (subset >> cut) % 2 == 1;
        if (crossed && (subset >> made) % 2 == 0) return false;
      }
    return true;
  }

  void combine(const std::vector<Graph>& parts, std::size_t i, Picojoules energy, Cycles latency) {
    if (i == parts.size()) {
      const double e = energy.value, l = static_cast<double>(latency.value);
      if (!best_) best_ = {e, l, e * l};
      *best_ = {std::min((*best_)[0], e), std::min((*best_)[1], l), std::min((*best_)[2], e * l)};
      return;
    }
    for (const auto& [e, l] : outcomes(parts[i])) combine(parts, i + 1, energy + e, latency + l);
  }

  /// Of one stack with every tile and mode. Combining all of them for all stacks would take hours:
  /// of outcomes equal in latency only the frugal one is kept.
  const std::vector<std::pair<Picojoules, Cycles>>& outcomes(const Graph& stack) {
    std::string key;
    for (const Node& node : stack.nodes) key += node.id + "," + std::to_string(node.full.x) + " ";
    const auto [at, is_new] = outcomes_.try_emplace(key);
    if (!is_new) return at->second;
    std::map<Cycles, Picojoules> by_latency;
    std::vector<Extent> all = tiles_;
    all.push_back(stack.nodes[stack.end()].full);
    for (const Extent tile : all)
      for (const Mode mode : kModes) {
        const auto run =
            run_stack(machine_, hierarchy_, stack, {mode, tile}, options_.repairs, costs_);
        if (!run) continue;
        const Totals totals = totals_of(*run);
        const auto [known, first] = by_latency.emplace(totals.latency1, totals.energy);
        if (!first) known->second = std::min(known->second, totals.energy);
      }
    for (const auto& [latency, energy] : by_latency) at->second.emplace_back(energy, latency);
    return at->second;
  }

  const Machine& machine_;
  const Options& options_;
  std::vector<Extent> tiles_;
  Hierarchy hierarchy_;
  Graph graph_;
  LayerCosts costs_;
  std::optional<std::array<double, 3>> best_;
  std::map<std::string, std::vector<std::pair<Picojoules, Cycles>>> outcomes_;
};

TEST(JointFusion, IsAsGoodAsEveryPartitionTileAndModeAndNeverWorseThanDefines) {
  Random random(2026);
  const std::vector<Extent> tiles{{2, 2}, {5, 3}};
  int cut = 0, fused = 0, infeasible = 0, better = 0;
  for (int i = 0; i < kJointCases; ++i) {
    const Machine machine = random_machine(random);
    const Network network = random_network(random, machine.name);
    Options options;
    options.lpf_limit = 3;
    const defines::JointSpace space(network, machine, options);
    const defines::JointResult found =
        best_joint(space, {.tiles = tiles, .beside = false, .budget = {.threads = 1}});
    const auto truth = EveryJointSchedule(network, machine, options, tiles).best();
    ASSERT_EQ(truth.has_value(), !found.front.empty()) << "case " << i;
    if (!truth) {
      ++infeasible;
      continue;
    }
    const auto energy = best_of(found, {cost::Metric::energy, {}});
    const auto latency = best_of(found, {cost::Metric::latency, {}});
    const auto edp = best_of(found, {cost::Metric::edp, {}});
    ASSERT_NEAR(energy.energy.value, (*truth)[0], 1e-9 * (*truth)[0]) << "case " << i;
    ASSERT_EQ(static_cast<double>(latency.latency.value), (*truth)[1]) << "case " << i;
    ASSERT_NEAR(edp.energy.value * static_cast<double>(edp.latency.value), (*truth)[2],
                1e-9 * (*truth)[2])
        << "case " << i;
    if (i % 10 == 0) {
      const defines::JointResult beside = best_joint(space, {.tiles = tiles, .budget = {}});
      ASSERT_EQ(beside.least_energy, energy.energy);
      ASSERT_EQ(beside.least_latency, latency.latency);
      ASSERT_LE(beside.front.front().energy, energy.energy) << "case " << i;
      ASSERT_LE(beside.front.back().latency, latency.latency) << "case " << i;
      better += beside.front.front().energy < energy.energy ? 1 : 0;
    }
    cut += energy.stacks.size() > 1 ? 1 : 0;
    fused += energy.stacks.size() + 1 < space.nodes() ? 1 : 0;
    const Exploration exploration(network, machine, options);
    for (const Extent tile : tiles)
      for (const Mode mode : kModes) {
        const auto point = exploration.evaluate({mode, tile});
        if (!point) continue;
        ASSERT_LE(energy.energy.value, point->totals.energy.value * (1 + 1e-12)) << "case " << i;
        ASSERT_LE(latency.latency, point->totals.latency1) << "case " << i;
      }
  }
  EXPECT_GT(cut, kJointCases / 20);
  EXPECT_GT(fused, kJointCases / 2);
  EXPECT_GT(better, 0);
  EXPECT_LT(infeasible, kJointCases / 4);
}

}  // namespace
}  // namespace tileloom::scheduler

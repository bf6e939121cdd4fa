// Random trees are worth something only if every feature occurs often, alone and with others.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "tileloom/loop_tree/boxes.hpp"
#include "tileloom/reference/interpret.hpp"
#include "tileloom/reference/random_tree.hpp"

namespace tileloom::reference {
namespace {

using Features = std::set<std::string>;

void loop_features(const RandomCase& c, Features& features) {
  std::map<RankId, std::vector<std::size_t>> by_rank;
  std::map<AxisId, int> by_axis;
  std::map<RankId, std::set<bool>> ways;
  std::vector<std::int64_t> chunk;
  for (const Rank& rank : c.op().ranks) chunk.push_back(rank.extent);
  std::size_t count = 0;
  for (const PathNode& node : c.tree.path) {
    const Loop* loop = std::get_if<Loop>(&node);
    if (loop == nullptr) continue;
    std::int64_t& enclosing = chunk[index(loop->rank)];
    const bool trips = loop->tile < enclosing;
    if (!trips) features.insert("loop of one trip");
    if (enclosing % loop->tile != 0) features.insert("imperfect tile");
    if (enclosing % loop->tile != 0 && loop->axis) features.insert("imperfect tile in space");
    enclosing = loop->tile;
    by_rank[loop->rank].push_back(count++);
    ways[loop->rank].insert(loop->axis.has_value());
    if (!loop->axis || !trips) continue;
    const SpatialAxis& axis = c.arch.axes[*loop->axis];
    const bool reduces = !relevant(c.op().output, loop->rank);
    ++by_axis[*loop->axis];
    features.insert(axis.multicast ? "space with multicast" : "space without multicast");
    if (reduces) {
      features.insert(axis.reduce ? "reduction in space, able" : "reduction in space, not able");
    }
  }
  for (const auto& [rank, at] : by_rank) {
    if (at.size() > 1) features.insert("rank in several loops");
    if (at.size() > 1 && at.back() - at.front() >= at.size()) features.insert("ranks interleaved");
    if (ways[rank].size() > 1) features.insert("rank in time and space");
  }
  if (by_axis.size() > 1) features.insert("several axes");
  for (const auto& [axis, loops] : by_axis) {
    if (loops > 1) features.insert("several loops on one axis");
  }
}

void store_features(const RandomCase& c, Features& features) {
  std::map<TensorId, int> chain;
  std::map<MemoryId, std::set<std::size_t>> places;
  std::map<MemoryId, std::set<Keep>> keeps;
  std::size_t loops = 0;
  for (const PathNode& node : c.tree.path) {
    if (std::holds_alternative<Loop>(node)) ++loops;
    const Store* store = std::get_if<Store>(&node);
    if (store == nullptr) continue;
    if (++chain[store->tensor] == 3) features.insert("three Stores of a tensor");
    places[store->memory].insert(loops);
    if (loops == 0) continue;
    keeps[store->memory].insert(store->keep);
    features.insert(store->keep == Keep::same ? "keep same" : "keep overlap");
    for (const PathNode& above : c.tree.path) {
      if (&above == &node) break;
      const Loop* loop = std::get_if<Loop>(&above);
      if (loop != nullptr && !narrows(c.arch, *loop, store->memory))
        features.insert("shared memory");
    }
  }
  for (const auto& [memory, at] : places) {
    if (at.size() > 1) features.insert("uneven Stores");
    if (keeps[memory].size() > 1) features.insert("both ways to keep in one memory");
  }
  const auto [fewest, most] = std::ranges::minmax_element(
      chain, {}, [](const auto& tensor_and_stores) { return tensor_and_stores.second; });
  if (fewest->second < most->second) features.insert("bypass");
}

void operator_features(const RandomCase& c, Features& features) {
  features.insert(c.op().kind);
  features.insert(c.op().reduction == Reduction::sum   ? "sum"
                  : c.op().reduction == Reduction::max ? "maximum"
                                                       : "no reduction");
  for (const Operand* operand : operands(c.op())) {
    const bool output = operand->role == Role::output;
    for (const Axis& axis : operand->axes) {
      std::int64_t reach = axis.offset;
      for (const Term& term : axis.terms) {
        const std::int64_t extent = c.op().rank(term.rank).extent;
        reach += term.coefficient * (extent - 1);
        if (!output && term.coefficient > 1 && extent > 1) features.insert("stride or dilation");
        if (!output && axis.terms.size() == 1 && term.coefficient > 1) features.insert("gaps");
      }
      if (axis.terms.size() > 1) {
        features.insert(output ? "sum of ranks in the output" : "sum of ranks in an input");
      }
      if (axis.offset < 0 || reach >= axis.extent) {
        features.insert(output ? "padding of the output" : "padding of an input");
      }
      if (axis.terms.empty()) features.insert("constant axis");
    }
  }
}

void run_features(const RandomCase& c, Features& features) {
  const cost::PathCounts counts =
      interpret_path(c.op(), c.arch, c.tree.path, sample_values(c.op())).counts;
  if (counts.steps * counts.lanes > counts.points) features.insert("idle lanes");
  for (const cost::StoreCounts& store : counts.stores) {
    if (store.role == Role::output && store.fills > 0) features.insert("sums handed down");
    if (store.role == Role::output && store.drains > 0) features.insert("drains");
    if (store.role != Role::output && store.fills > store.tile * store.instances) {
      features.insert("refetched inputs");
    }
  }
}

/// Least share of the trees that have the feature, in percent.
const std::map<std::string, int> kLeast = {{"Conv", 17},
                                           {"ConvTranspose", 3},
                                           {"Copy", 8},
                                           {"Einsum", 10},
                                           {"Elementwise", 9},
                                           {"MatMul", 9},
                                           {"Pool", 8},
                                           {"Reduce", 7},
                                           {"both ways to keep in one memory", 9},
                                           {"bypass", 39},
                                           {"constant axis", 13},
                                           {"drains", 35},
                                           {"gaps", 12},
                                           {"idle lanes", 23},
                                           {"imperfect tile", 42},
                                           {"imperfect tile in space", 17},
                                           {"keep overlap", 33},
                                           {"keep same", 18},
                                           {"loop of one trip", 42},
                                           {"maximum", 9},
                                           {"no reduction", 17},
                                           {"padding of an input", 24},
                                           {"padding of the output", 9},
                                           {"rank in several loops", 60},
                                           {"rank in time and space", 32},
                                           {"ranks interleaved", 38},
                                           {"reduction in space, able", 9},
                                           {"reduction in space, not able", 6},
                                           {"refetched inputs", 22},
                                           {"several axes", 14},
                                           {"several loops on one axis", 14},
                                           {"shared memory", 6},
                                           {"space with multicast", 28},
                                           {"space without multicast", 20},
                                           {"stride or dilation", 35},
                                           {"sum", 47},
                                           {"sum of ranks in an input", 31},
                                           {"sum of ranks in the output", 7},
                                           {"sums handed down", 4},
                                           {"three Stores of a tensor", 21},
                                           {"uneven Stores", 18}};

TEST(Coverage, EveryFeatureOccursOftenAndTogetherWithOthers) {
  constexpr int kDrawn = 2000;  // fewer would miss the rarest by chance
  std::map<std::string, int> seen;
  int features_of_all = 0;
  Random random(20261121);
  for (int i = 0; i < kDrawn; ++i) {
    const RandomCase c = random_case(random, 100);
    Features features;
    loop_features(c, features);
    store_features(c, features);
    operator_features(c, features);
    run_features(c, features);
    for (const std::string& feature : features) ++seen[feature];
    features_of_all += static_cast<int>(features.size());
  }
  for (const auto& [feature, least] : kLeast) {
    EXPECT_GE(seen[feature] * 100, least * kDrawn) << feature;
  }
  for (const auto& [feature, times] : seen) EXPECT_TRUE(kLeast.contains(feature)) << feature;
  EXPECT_GE(features_of_all, 10 * kDrawn);
}

}  // namespace
}  // namespace tileloom::reference

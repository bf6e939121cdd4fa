// The checker accepts every tree the generator draws, refuses each kind of damage by the rule it
// breaks, and whatever it accepts can be executed and computes the right result.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "shrink.hpp"
#include "tileloom/cost/counts.hpp"
#include "tileloom/loop_tree/boxes.hpp"
#include "tileloom/loop_tree/check.hpp"
#include "tileloom/loop_tree/text.hpp"
#include "tileloom/reference/interpret.hpp"

namespace tileloom::reference {
namespace {

constexpr int kLegalityCases = TILELOOM_PROPERTY_CASES / 4;

std::string violations(const RandomCase& c) {
  std::string text;
  for (const Violation& v : check(c.workload, c.arch, c.tree)) text += v.what + "\n";
  return text;
}

TEST(Legality, WhatTheGeneratorDrawsIsLegal) {
  Random random(1);
  for (int i = 0; i < kLegalityCases; ++i) {
    const RandomCase c = random_case(random, 100);
    ASSERT_EQ(to_string(check(c.workload)), "") << describe(c);
    ASSERT_EQ(to_string(check(c.arch)), "") << describe(c);
    ASSERT_EQ(violations(c), "") << describe(c);
  }
}

TEST(Legality, TreesComeBackFromTheirText) {
  Random random(2);
  for (int i = 0; i < kLegalityCases; ++i) {
    const RandomCase c = random_case(random, 100);
    const std::string text = print_tree(c.workload, c.arch, c.tree);
    const Result<LoopTree> read = parse_tree(text, "text", c.workload, c.arch);
    ASSERT_TRUE(read) << text << to_string(read.error());
    ASSERT_EQ(*read, c.tree) << text;
  }
}

TEST(Legality, ATreeFitsExactlyTheCapacityThatItsBoxesNeed) {
  Random random(3);
  for (int i = 0; i < kLegalityCases; ++i) {
    RandomCase c = random_case(random, 60);
    const cost::PathCounts counts =
        interpret_path(c.op(), c.arch, c.tree.path, sample_values(c.op())).counts;
    PerId<MemoryId, std::int64_t> used(c.arch.memories.size());
    std::size_t next = 0;
    for (std::size_t node = 0; node < c.tree.path.size(); ++node) {
      const Store* store = std::get_if<Store>(&c.tree.path[node]);
      if (store == nullptr) continue;
      used[store->memory] += counts.stores[next++].tile * element_bits(c.op(), c.tree.path, node);
    }
    for (const MemoryId id : ids<MemoryId>(used.size()))
      c.arch.memories[id].capacity = Bits{used[id]};
    ASSERT_EQ(violations(c), "") << describe(c);
    for (const MemoryId id : ids<MemoryId>(used.size())) {
      if (used[id] == 0) continue;
      c.arch.memories[id].capacity = Bits{used[id] - 1};
      const std::vector<Violation> found = check(c.workload, c.arch, c.tree);
      ASSERT_EQ(found.size(), 1U) << describe(c);
      ASSERT_EQ(found.front().kind, Violation::Kind::capacity) << describe(c);
      c.arch.memories[id].capacity = Bits{used[id]};
    }
  }
}

/// Damages a tree in one way; false if it has nothing to damage in this way.
using Damage = std::function<bool(Random&, RandomCase&)>;

std::optional<std::size_t> pick_node(Random& random, const RandomCase& c,
                                     const std::function<bool(std::size_t)>& fits) {
  std::vector<std::size_t> nodes;
  for (std::size_t i = 0; i < c.tree.path.size(); ++i) {
    if (fits(i)) nodes.push_back(i);
  }
  if (nodes.empty()) return std::nullopt;
  return nodes[random.below(nodes.size())];
}

const Loop* loop_at(const RandomCase& c, std::size_t i) {
  return std::get_if<Loop>(&c.tree.path[i]);
}
const Store* store_at(const RandomCase& c, std::size_t i) {
  return std::get_if<Store>(&c.tree.path[i]);
}
void erase(RandomCase& c, std::size_t i) {
  c.tree.path.erase(c.tree.path.begin() + static_cast<std::ptrdiff_t>(i));
}
void move(RandomCase& c, std::size_t from, std::size_t to) {
  const PathNode node = c.tree.path[from];
  erase(c, from);
  c.tree.path.insert(c.tree.path.begin() + static_cast<std::ptrdiff_t>(to > from ? to - 1 : to),
                     node);
}

/// The chunk of the loop's rank around node i.
std::int64_t enclosing(const RandomCase& c, std::size_t i) {
  std::int64_t chunk = c.op().rank(loop_at(c, i)->rank).extent;
  for (std::size_t j = 0; j < i; ++j) {
    if (loop_at(c, j) != nullptr && loop_at(c, j)->rank == loop_at(c, i)->rank) {
      chunk = loop_at(c, j)->tile;
    }
  }
  return chunk;
}

bool enlarge_a_tile(Random& random, RandomCase& c) {
  const auto i = pick_node(random, c, [&](std::size_t n) { return loop_at(c, n) != nullptr; });
  if (i) std::get<Loop>(c.tree.path[*i]).tile = enclosing(c, *i) + random.between(1, 3);
  return i.has_value();
}

bool leave_out_a_division(Random& random, RandomCase& c) {
  const auto last = [&](std::size_t i) {
    if (loop_at(c, i) == nullptr || enclosing(c, i) == 1) return false;
    for (std::size_t j = i + 1; j < c.tree.path.size(); ++j) {
      if (loop_at(c, j) != nullptr && loop_at(c, j)->rank == loop_at(c, i)->rank) return false;
    }
    return true;
  };
  const auto i = pick_node(random, c, last);
  if (i) erase(c, *i);
  return i.has_value();
}

bool leave_out_an_operand(Random& random, RandomCase& c) {
  const std::vector<const Operand*> all = operands(c.op());
  const TensorId tensor = all[random.below(all.size())]->tensor;
  std::erase_if(c.tree.path, [&](const PathNode& node) {
    return std::holds_alternative<Store>(node) && std::get<Store>(node).tensor == tensor;
  });
  return true;
}

bool lower_a_home(Random& random, RandomCase& c) {
  const auto first = pick_node(random, c, [&](std::size_t i) { return loop_at(c, i) != nullptr; });
  if (!first) return false;
  const Store home = std::get<Store>(c.tree.path.front());
  const PathNode above = c.tree.path[*first];
  std::erase_if(c.tree.path, [&](const PathNode& node) {
    return std::holds_alternative<Store>(node) && std::get<Store>(node).tensor == home.tensor;
  });
  c.tree.path.insert(std::ranges::find(c.tree.path, above) + 1, home);
  return true;
}

bool forbid_a_role(Random& random, RandomCase& c) {
  const auto i = pick_node(random, c, [&](std::size_t n) { return store_at(c, n) != nullptr; });
  const Role role = find_operand(c.op(), store_at(c, *i)->tensor)->role;
  c.arch.memories[store_at(c, *i)->memory].holds[static_cast<std::size_t>(role)] = false;
  return true;
}

bool store_twice(Random& random, RandomCase& c) {
  const auto i = pick_node(random, c, [&](std::size_t n) { return store_at(c, n) != nullptr; });
  c.tree.path.insert(c.tree.path.begin() + static_cast<std::ptrdiff_t>(*i), c.tree.path[*i]);
  return true;
}

bool lift_a_spatial_loop_above_the_homes(Random& random, RandomCase& c) {
  const auto i = pick_node(
      random, c, [&](std::size_t n) { return loop_at(c, n) != nullptr && loop_at(c, n)->axis; });
  if (i) move(c, *i, 0);
  return i.has_value();
}

bool lower_a_spatial_loop_below_an_inner_store(Random& random, RandomCase& c) {
  std::size_t last = 0;
  const auto i = pick_node(random, c, [&](std::size_t n) {
    if (loop_at(c, n) == nullptr || !loop_at(c, n)->axis) return false;
    for (std::size_t j = n + 1; j < c.tree.path.size(); ++j) {
      if (store_at(c, j) != nullptr) last = j;
    }
    return last > n;
  });
  if (i) move(c, *i, last + 1);
  return i.has_value();
}

bool shrink_an_axis(Random& random, RandomCase& c) {
  const auto i = pick_node(random, c, [&](std::size_t n) {
    return loop_at(c, n) != nullptr && loop_at(c, n)->axis && loop_at(c, n)->tile < enclosing(c, n);
  });
  if (i) c.arch.axes[*loop_at(c, *i)->axis].size = 1;
  return i.has_value();
}

/// A loop in time of one trip below a loop in space along which a memory is shared.
bool separate_a_shared_memory(Random& random, RandomCase& c) {
  const auto shared = [&](std::size_t i) {
    if (loop_at(c, i) == nullptr || !loop_at(c, i)->axis) return false;
    for (std::size_t j = i + 1; j < c.tree.path.size(); ++j) {
      if (store_at(c, j) == nullptr) continue;
      if (!replicated(c.arch, store_at(c, j)->memory, *loop_at(c, i)->axis)) return true;
    }
    return false;
  };
  const auto i = pick_node(random, c, shared);
  if (!i) return false;
  Loop loop = *loop_at(c, *i);
  loop.axis.reset();
  c.tree.path.insert(c.tree.path.begin() + static_cast<std::ptrdiff_t>(*i) + 1, loop);
  return true;
}

TEST(Legality, EveryDamageIsRefusedByItsRule) {
  struct Kind {
    Damage damage;
    const char* message;
  };
  const Kind kinds[] = {{enlarge_a_tile, "has tile "},
                        {leave_out_a_division, "rank "},
                        {leave_out_an_operand, "is never stored"},
                        {lower_a_home, "but stands below"},
                        {forbid_a_role, "may not hold"},
                        {store_twice, "stands inside"},
                        {lift_a_spatial_loop_above_the_homes, "lies outside"},
                        {lower_a_spatial_loop_below_an_inner_store, "lies inside"},
                        {shrink_an_axis, "has 1 positions"},
                        {separate_a_shared_memory, "is shared along"}};
  for (std::size_t k = 0; k < std::size(kinds); ++k) {
    Random random(k);
    int damaged = 0;
    for (int i = 0; i < kLegalityCases / 5; ++i) {
      RandomCase c = random_case(random, 60);
      if (!kinds[k].damage(random, c)) continue;
      ++damaged;
      ASSERT_NE(violations(c).find(kinds[k].message), std::string::npos)
          << kinds[k].message << "\n"
          << violations(c) << describe(c);
    }
    EXPECT_GT(damaged, kLegalityCases / 100) << kinds[k].message;
  }
}

/// Any change of one node, legal or not.
void disturb(Random& random, RandomCase& c) {
  const std::size_t size = c.tree.path.size();
  const std::size_t i = random.below(size);
  const std::size_t other = random.below(size);
  switch (random.below(5)) {
    case 0:
      return std::swap(c.tree.path[i], c.tree.path[other]);
    case 1:
      return move(c, i, other);
    case 2:
      return erase(c, i);
    case 3:
      if (Loop* loop = std::get_if<Loop>(&c.tree.path[i])) {
        loop->tile = random.between(1, 5);
      } else if (Store& store = std::get<Store>(c.tree.path[i]); random.below(2) == 0) {
        store.keep = store.keep == Keep::same ? Keep::overlap : Keep::same;
      } else {
        store.memory = static_cast<MemoryId>(random.below(c.arch.memories.size()));
      }
      return;
    default:
      if (Loop* loop = std::get_if<Loop>(&c.tree.path[i]);
          loop != nullptr && !c.arch.axes.empty()) {
        loop->axis = static_cast<AxisId>(random.below(c.arch.axes.size()));
      }
  }
}

TEST(Legality, WhateverIsAcceptedComputesTheRightResultAtTheRightCounts) {
  Random random(4);
  int accepted = 0;
  for (int i = 0; i < kLegalityCases; ++i) {
    RandomCase c = random_case(random, 60);
    const LoopTree before = c.tree;
    for (std::uint64_t n = 1 + random.below(3); n > 0; --n) disturb(random, c);
    if (c.tree == before || !violations(c).empty()) continue;
    ++accepted;
    const TensorValues values = sample_values(c.op());
    const Interpretation run = interpret_path(c.op(), c.arch, c.tree.path, values);
    ASSERT_EQ(run.output, evaluate_operator(c.op(), values)) << describe(c);
    ASSERT_EQ(run.counts, cost::count_path(c.op(), c.arch, c.tree.path)) << describe(c);
  }
  EXPECT_GT(accepted, kLegalityCases / 10);
}

}  // namespace
}  // namespace tileloom::reference

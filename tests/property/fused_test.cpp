// Fused trees of random small networks: legal, come back from their text, compute what the network
// means in every overlap mode, and count what the closed form counts.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "tileloom/cost/fused_counts.hpp"
#include "tileloom/cost/fused_evaluate.hpp"
#include "tileloom/loop_tree/boxes.hpp"
#include "tileloom/loop_tree/check.hpp"
#include "tileloom/loop_tree/fused_occupancy.hpp"
#include "tileloom/loop_tree/fused_run.hpp"
#include "tileloom/loop_tree/text.hpp"
#include "tileloom/reference/fused_peaks.hpp"
#include "tileloom/reference/interpret_fused.hpp"
#include "tileloom/reference/interpret_tree.hpp"
#include "tileloom/reference/random_tree.hpp"
#include "tileloom/reference/replay_fused.hpp"

namespace tileloom::reference {
namespace {

constexpr int kReplayCases = TILELOOM_PROPERTY_CASES / 10;

std::string to_text(const RandomNetwork& n, const std::vector<cost::StoreCounts>& stores) {
  std::string text;
  for (const cost::StoreCounts& s : stores) {
    text += fmt::format(
        "  {} in {}: fills {} reads {} updates {} update_reads {} drains {} deliveries {} tile {} "
        "instances {}\n",
        n.workload.tensors[s.store.tensor].name, n.arch.memories[s.store.memory].name, s.fills,
        s.reads, s.updates, s.update_reads, s.drains, s.deliveries, s.tile, s.instances);
  }
  return text;
}

std::string describe(const RandomNetwork& n) {
  std::string text;
  for (const Operator& op : n.workload.operators) {
    text += op.name + ":";
    for (const Rank& rank : op.ranks) text += fmt::format(" {}={}", rank.name, rank.extent);
    for (const Operand* operand : operands(op)) {
      text += " " + n.workload.tensors[operand->tensor].name + "[";
      for (const Axis& axis : operand->axes) {
        text += fmt::format("({}){:+} of {}, ", formula(op, axis), axis.offset, axis.extent);
      }
      text += "]";
    }
    text += "\n";
  }
  return text + print_tree(n.workload, n.arch, n.tree);
}

/// The closed form of a stack with ports of the given speeds against its replay: the bits through
/// every port are the same, and the machine is never faster than (F7), nor slower than without any
/// overlap of copies.
void compare_in_time(const RandomNetwork& n, Architecture arch, Random& random,
                     const FusedStack& stack, const FusedInterpretation& run) {
  for (Memory& memory : arch.memories) {
    if (random.below(3) > 0) memory.ports.read = static_cast<double>(random.between(4, 200));
    if (random.below(3) > 0) memory.ports.write = static_cast<double>(random.between(4, 200));
    if (random.below(4) == 0) memory.ports.shared = static_cast<double>(random.between(4, 200));
  }
  const cost::FusedEvaluation cost = cost::evaluate_fused(n.workload, arch, stack);
  const FusedReplay replay = replay_fused(n.workload, arch, stack, run);
  double all = 0;
  for (const cost::PortTime& port : cost.ports) {
    const auto at = replay.bits.find({port.memory, port.kind});
    const double bits = at == replay.bits.end() ? 0 : at->second;
    ASSERT_NEAR(bits, port.bits, 1e-6 * port.bits) << arch.memories[port.memory].name;
    all += static_cast<double>(port.cycles.value);
  }
  // (L1) to (L3) round up once per child and port.
  const double least = static_cast<double>(cost.latency.value);
  ASSERT_GE(replay.cycles, least - 1.0 * static_cast<double>(cost.children.size())) << describe(n);
  for (const cost::FusedChild& child : cost.children) {
    all += static_cast<double>(child.latency.compute.value);
  }
  ASSERT_LE(replay.cycles, all + 1) << describe(n);
}

/// How many cases show what; a generator that loses a feature fails the test.
struct Seen {
  int tiled = 0, recomputed = 0, spilled = 0, returned = 0, pieces = 0, kept_outside = 0;

  void look(const RandomNetwork& n, const FusedPlan& made, const cost::FusedCounts& counts) {
    tiled += made.iterations > 1 ? 1 : 0;
    bool more = false;
    for (std::size_t c = 0; c + 1 < counts.children.size(); ++c) {
      more |= counts.children[c].points > points(n.workload.operators[static_cast<OperatorId>(c)]);
    }
    recomputed += more ? 1 : 0;
    bool spill = false;
    bool back = false;
    for (const cost::StoreCounts& s : counts.stores) {
      const auto at = std::ranges::find(made.tensors, s.store.tensor, &StackTensor::tensor);
      spill |= at->role == StackRole::internal && s.drains > 0 && s.fills > 0;
      back |= at->role == StackRole::result && s.fills > 0;
      kept_outside += at->role == StackRole::internal && at->used_outside ? 1 : 0;
    }
    spilled += spill ? 1 : 0;
    returned += back ? 1 : 0;
    bool split = false;
    for (const auto& by_child : made.runs) {
      for (const auto& runs : by_child) split |= runs.size() > 1;
    }
    pieces += split ? 1 : 0;
  }
};

TEST(Fused, RandomStacksComputeWhatTheNetworkMeansAndCountAsTheClosedForm) {
  Random random(20261122);
  Seen seen;
  for (int i = 0; i < kReplayCases; ++i) {
    const RandomNetwork n = random_stack(random);
    const std::string text = print_tree(n.workload, n.arch, n.tree);
    ASSERT_TRUE(check(n.workload).empty()) << to_string(check(n.workload)) << describe(n);
    for (const Violation& v : check(n.workload, n.arch, n.tree))
      FAIL() << v.what << "\n" << describe(n);
    const Result<LoopTree> read = parse_tree(text, "text", n.workload, n.arch);
    ASSERT_TRUE(read) << to_string(read.error()) << text;
    ASSERT_EQ(*read, n.tree) << text;

    const FusedStack stack = fused_stack(n.workload, n.tree, {});
    const TensorValues values = sample_values(n.workload);
    const TensorValues truth = evaluate_workload(n.workload, values);
    FusedInterpretation run;
    try {
      run = interpret_fused(n.workload, n.arch, stack, values);
    } catch (const std::logic_error& error) {
      FAIL() << "case " << i << ": " << error.what() << "\n" << describe(n);
    } catch (const std::bad_optional_access& error) {
      FAIL() << "case " << i << ": " << error.what() << "\n" << describe(n);
    }
    for (const TensorId id : ids<TensorId>(n.workload.tensors.size())) {
      if (n.workload.tensors[id].kind != TensorKind::output) continue;
      ASSERT_EQ(run.tensors.at(id), truth.at(id)) << "case " << i << "\n" << describe(n);
    }

    const FusedPlan made = plan(n.workload, stack);
    const cost::FusedCounts counts = cost::count_fused(n.workload, n.arch, stack, made);
    seen.look(n, made, counts);
    ASSERT_EQ(counts.stores, run.stores) << "case " << i << "\n"
                                         << describe(n) << "executed\n"
                                         << to_text(n, run.stores) << "closed form\n"
                                         << to_text(n, counts.stores);
    for (std::size_t c = 0; c < counts.children.size(); ++c) {
      ASSERT_EQ(counts.children[c], run.children[c])
          << "case " << i << " child " << c << "\n"
          << describe(n) << "executed\n"
          << to_text(n, run.children[c].stores) << "closed form\n"
          << to_text(n, counts.children[c].stores);
    }

    compare_in_time(n, n.arch, random, stack, run);
    if (testing::Test::HasFatalFailure()) FAIL() << "case " << i << "\n" << describe(n);

    std::map<MemoryId, std::int64_t> most =
        fused_peaks(n.workload, n.arch, stack, fused_sets(n.workload, stack), run);
    for (const StackPeak& peak : stack_peaks(n.workload, n.arch, stack, made)) {
      ASSERT_EQ(peak.bits, most[peak.memory])
          << "case " << i << " " << n.arch.memories[peak.memory].name << "\n"
          << describe(n);
    }
  }
  EXPECT_GT(seen.tiled, kReplayCases * 8 / 10);
  EXPECT_GT(seen.recomputed, kReplayCases / 6);
  EXPECT_GT(seen.spilled, kReplayCases / 20);
  EXPECT_GT(seen.returned, kReplayCases / 100);
  EXPECT_GT(seen.pieces, kReplayCases / 50);
  EXPECT_GT(seen.kept_outside, kReplayCases / 20);
}

}  // namespace
}  // namespace tileloom::reference

#include "tileloom/target/vta/simulator/simulate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "tileloom/target/vta/simulator/execution.hpp"
#include "tileloom/target/vta/simulator/order.hpp"
#include "tileloom/target/vta/simulator/token_queues.hpp"

namespace tileloom::target::vta {
namespace {

/// The sequence in which a scheduler executes the program that tries the units in a fixed cyclic
/// order, each as long as its tokens are there. Requires a program without deadlock.
std::vector<std::size_t> sequence(const std::vector<Instruction>& program, Unit start) {
  constexpr std::array<Unit, kUnits> kRound{Unit::compute, Unit::load, Unit::store};
  const auto first = static_cast<std::size_t>(
      std::find(kRound.begin(), kRound.end(), start) - kRound.begin());
  std::array<std::vector<std::size_t>, kUnits> queues;
  for (std::size_t i = 0; i < program.size(); ++i) {
    queues[static_cast<std::size_t>(unit_of(program[i]))].push_back(i);
  }
  std::array<std::size_t, kUnits> next{};
  std::array<std::int64_t, kQueues + 1> tokens{};
  tokens[kQueues] = INT32_MAX;  // stands for "no queue", which never runs dry
  const auto count = [&](const std::optional<TokenQueue>& queue) -> std::int64_t& {
    return tokens[queue ? static_cast<std::size_t>(*queue) : kQueues];
  };
  std::vector<std::size_t> result;
  while (result.size() < program.size()) {
    const std::size_t before = result.size();
    for (std::size_t turn = 0; turn < kUnits; ++turn) {
      const Unit unit = kRound[(first + turn) % kUnits];
      const auto u = static_cast<std::size_t>(unit);
      while (next[u] < queues[u].size()) {
        const std::size_t i = queues[u][next[u]];
        const QueuePair wanted = pops(unit, program[i].tokens);
        if (count(wanted.first) == 0 || count(wanted.second) == 0) break;
        --count(wanted.first);
        --count(wanted.second);
        result.push_back(i);
        ++next[u];
        const QueuePair given = pushes(unit, program[i].tokens);
        ++count(given.first);
        ++count(given.second);
      }
    }
    if (result.size() == before) break;
  }
  return result;
}

Comparison compare(const Image& image, const std::vector<std::string>& regions,
                   const Expectation& expected) {
  Comparison comparison{expected.region, static_cast<std::int64_t>(expected.content.size())};
  const std::size_t region =
      static_cast<std::size_t>(find_region(image, expected.region) - image.regions.data());
  for (std::size_t i = 0; i < expected.content.size(); ++i) {
    if (regions[region][static_cast<std::size_t>(expected.offset) + i] == expected.content[i])
      continue;
    if (comparison.first < 0) comparison.first = static_cast<std::int64_t>(i);
    ++comparison.mismatches;
  }
  return comparison;
}

void note_tokens(const Order& order, std::vector<std::string>& warnings) {
  if (order.tokens_left > 0) warnings.emplace_back("tokens left over in a dependency queue");
  if (order.most_outstanding > 255) {
    warnings.push_back(fmt::format("{} outstanding tokens in a dependency queue: hardware counts 255",
                                   order.most_outstanding));
  }
}

}  // namespace

std::string to_string(RunStatus status) {
  static constexpr std::array<const char*, 5> names{"ok", "mismatch", "invalid", "unordered",
                                                    "failed"};
  return names[static_cast<std::size_t>(status)];
}

RunResult simulate(const Image& image, const SimulateOptions& options) {
  RunResult result;
  RunReport& report = result.report;
  report.errors = violations(image);
  if (!report.errors.empty()) {
    report.status = RunStatus::invalid;
    return result;
  }
  const Order instruction_order = order(image.program);
  if (instruction_order.deadlock) report.errors = {"deadlock; " + *instruction_order.deadlock};
  if (instruction_order.finish_unordered) report.errors = {*instruction_order.finish_unordered};
  if (!report.errors.empty()) {
    report.warnings = instruction_order.underflows;
    report.status = RunStatus::unordered;
    return result;
  }
  Execution execution(image, instruction_order, options.races);
  bool inside = true;
  for (std::size_t i : sequence(image.program, options.start)) {
    if (!inside) break;
    inside = execution.execute(i);
    if (inside) continue;
    report.status = RunStatus::failed;
    report.errors = {fmt::format("insn {}: an index exceeds its scratchpad", i)};
  }
  report.instructions = execution.counts().instructions;
  report.profile = execution.counts().profile;
  report.close_reuse = execution.counts().close_reuse;
  note_tokens(instruction_order, report.warnings);
  for (std::string& sentence : execution.suspicions().sentences()) {
    report.warnings.push_back(std::move(sentence));
  }
  if (report.close_reuse > 0) {
    report.warnings.push_back(
        fmt::format("an accumulator is added to again within 3 steps x{}: wrong on HLS bitstreams",
                    report.close_reuse));
  }
  report.races = execution.suspicions().races();
  result.regions = execution.take_regions();
  for (const Expectation& expected : image.expected) {
    report.comparisons.push_back(compare(image, result.regions, expected));
    if (report.comparisons.back().mismatches > 0 && report.status == RunStatus::ok) {
      report.status = RunStatus::mismatch;
    }
  }
  return result;
}

std::string output_bytes(const Image& image, const RunResult& result, const OutputFile& output) {
  const std::size_t region =
      static_cast<std::size_t>(find_region(image, output.region) - image.regions.data());
  return result.regions[region].substr(static_cast<std::size_t>(output.offset),
                                       static_cast<std::size_t>(output.size));
}

}  // namespace tileloom::target::vta

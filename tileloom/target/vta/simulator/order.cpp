#include "tileloom/target/vta/simulator/order.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tileloom/target/vta/simulator/token_queues.hpp"

namespace tileloom::target::vta {
namespace {

/// Works through the three queues of instructions, each as far as tokens let it.
class Walk {
 public:
  explicit Walk(const std::vector<Instruction>& program) : program_(program) {
    result_.before.resize(program.size());
    result_.ordinal.resize(program.size());
    for (std::size_t i = 0; i < program.size(); ++i) {
      std::vector<std::size_t>& queue = queues_[index_of(unit_of(program[i]))];
      result_.ordinal[i] = static_cast<std::int64_t>(queue.size());
      queue.push_back(i);
    }
  }

  Order run() {
    for (bool moved = true; moved;) {
      moved = false;
      for (std::size_t unit = 0; unit < kUnits; ++unit) {
        while (advance(unit)) moved = true;
      }
    }
    note_deadlock();
    note_underflows();
    note_finish();
    for (std::size_t q = 0; q < kQueues; ++q) {
      result_.tokens_left += static_cast<std::int64_t>(pushed_[q].size() - popped_[q]);
    }
    return std::move(result_);
  }

 private:
  static std::size_t index_of(Unit unit) { return static_cast<std::size_t>(unit); }

  bool available(const std::optional<TokenQueue>& queue) const {
    if (!queue) return true;
    const auto q = static_cast<std::size_t>(*queue);
    return popped_[q] < pushed_[q].size();
  }

  void pop(const std::optional<TokenQueue>& queue, Clock& clock) {
    if (!queue) return;
    const auto q = static_cast<std::size_t>(*queue);
    const Clock& pusher = pushed_[q][popped_[q]++];
    for (std::size_t u = 0; u < kUnits; ++u) clock[u] = std::max(clock[u], pusher[u]);
  }

  void push(const std::optional<TokenQueue>& queue, const Clock& clock) {
    if (!queue) return;
    const auto q = static_cast<std::size_t>(*queue);
    pushed_[q].push_back(clock);
    result_.most_outstanding =
        std::max(result_.most_outstanding, static_cast<std::int64_t>(pushed_[q].size() - popped_[q]));
  }

  bool advance(std::size_t unit) {
    if (next_[unit] == queues_[unit].size()) return false;
    const std::size_t i = queues_[unit][next_[unit]];
    const QueuePair wanted = pops(static_cast<Unit>(unit), program_[i].tokens);
    if (!available(wanted.first) || !available(wanted.second)) return false;
    Clock& clock = clocks_[unit];
    pop(wanted.first, clock);
    pop(wanted.second, clock);
    result_.before[i] = clock;
    ++next_[unit];
    clock[unit] = static_cast<std::int64_t>(next_[unit]);
    const QueuePair given = pushes(static_cast<Unit>(unit), program_[i].tokens);
    push(given.first, clock);
    push(given.second, clock);
    return true;
  }

  void note_deadlock() {
    std::string waiting;
    for (Unit unit : {Unit::compute, Unit::load, Unit::store}) {
      const std::size_t u = index_of(unit);
      if (next_[u] == queues_[u].size()) continue;
      waiting += fmt::format(" {}@{}", to_string(unit), queues_[u][next_[u]]);
    }
    if (!waiting.empty()) result_.deadlock = "waiting:" + waiting;
  }

  /// For every queue the first pop beyond all its pushes.
  void note_underflows() {
    std::array<std::int64_t, kQueues> pushed{};
    std::array<std::int64_t, kQueues> popped{};
    const auto count = [](const QueuePair& pair, auto each) {
      if (pair.first) each(static_cast<std::size_t>(*pair.first));
      if (pair.second) each(static_cast<std::size_t>(*pair.second));
    };
    for (const Instruction& instruction : program_) {
      count(pushes(unit_of(instruction), instruction.tokens), [&](std::size_t q) { ++pushed[q]; });
    }
    for (std::size_t i = 0; i < program_.size(); ++i) {
      const Unit unit = unit_of(program_[i]);
      count(pops(unit, program_[i].tokens), [&](std::size_t q) {
        if (++popped[q] != pushed[q] + 1) return;
        result_.underflows.push_back(
            fmt::format("token underflow: insn {} pops token {} of {}, the program pushes {}", i,
                        popped[q], kQueueNames[q], pushed[q]));
      });
    }
  }

  void note_finish() {
    if (result_.deadlock || program_.empty() ||
        !std::holds_alternative<Finish>(program_.back().operation)) {
      return;
    }
    const Clock& clock = result_.before.back();
    for (Unit unit : {Unit::load, Unit::store}) {
      const std::size_t u = index_of(unit);
      if (clock[u] == static_cast<std::int64_t>(queues_[u].size())) continue;
      result_.finish_unordered =
          fmt::format("FINISH does not wait for the last {} (insn {}): hand it a token of that "
                      "instruction, directly or along a chain",
                      to_string(unit), queues_[u].back());
    }
  }

  const std::vector<Instruction>& program_;
  std::array<std::vector<std::size_t>, kUnits> queues_;
  std::array<std::size_t, kUnits> next_{};
  std::array<Clock, kUnits> clocks_{};
  std::array<std::vector<Clock>, kQueues> pushed_;
  std::array<std::size_t, kQueues> popped_{};
  Order result_;
};

}  // namespace

Order order(const std::vector<Instruction>& program) { return Walk(program).run(); }

}  // namespace tileloom::target::vta

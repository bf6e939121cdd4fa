#pragma once
// Which instruction is ordered after which, by the tokens of the four dependency queues.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tileloom/target/vta/isa/isa.hpp"

namespace tileloom::target::vta {

/// For every unit the number of its first instructions that have ended before this one begins
/// (vector clock; Fidge 1988, Mattern 1988). Instructions of the own unit count too.
using Clock = std::array<std::int64_t, kUnits>;

/// Queues are first in, first out, and units work in order, so the n-th pop of a queue takes the
/// n-th push whatever the speed of the units: the order below holds for every run.
struct Order {
  std::vector<Clock> before;            ///< per instruction of the program
  std::vector<std::int64_t> ordinal;    ///< its position in its unit's queue
  std::optional<std::string> deadlock;  ///< "waiting: compute@5 load@10": who waits at which insn
  std::optional<std::string> finish_unordered;  ///< what FINISH does not wait for
  std::vector<std::string> underflows;  ///< pops of tokens that no instruction pushes
  std::int64_t tokens_left = 0;                 ///< pushed and never popped
  /// Most tokens in one queue at once where every unit in turn runs as far as the tokens let it.
  std::int64_t most_outstanding = 0;
};

Order order(const std::vector<Instruction>& program);

}  // namespace tileloom::target::vta

#pragma once
// An embedding says which scalar multiply-accumulate of an operator each lane of an instruction
// computes, for every step: a role flag and, per lane dimension, digits.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tileloom/embedding/instruction.hpp"
#include "tileloom/workload/operator.hpp"

namespace tileloom {

/// `lanes` consecutive values of a rank stand side by side.
struct Digit {
  RankId rank{};
  std::int64_t lanes = 1;
  bool operator==(const Digit&) const = default;
  auto operator<=>(const Digit&) const = default;
};

/// What the lanes of one dimension of extent E hold. Digits are outermost first, P_d is the product
/// of the lanes of the digits inside digit d.
///  - a box: lane i computes rank_d = lanes_d · trip_d + (i div P_d) mod lanes_d. A value beyond
///  the
///    rank's extent is padding; lanes i ≥ Π lanes_d are idle.
///  - fused: the digits are whole ranks (lanes_d = extent of the rank), and lane i computes element
///    l = E · trip + i of their product: rank_d = (l div P_d) mod lanes_d; l ≥ Π lanes_d is
///    padding.
/// Digits of one lane are left out of a box; a fused map has at least two digits.
struct LaneMap {
  std::vector<Digit> digits;
  bool fused = false;
  bool operator==(const LaneMap&) const = default;
  auto operator<=>(const LaneMap&) const = default;
};

struct Embedding {
  /// False: input 0 of the operator is the instruction's data, input 1 its weights. True: the other
  /// way round.
  bool swapped = false;
  std::vector<LaneMap> lanes;  ///< by LaneDimId
  bool operator==(const Embedding&) const = default;
  auto operator<=>(const Embedding&) const = default;
};

/// A loop around the instruction: the quotient of a rank by its lanes, or of a fused product.
struct OuterLoop {
  std::vector<RankId> ranks;     ///< one, or the fused ranks, outermost first
  std::int64_t tile = 1;         ///< values (of the rank, or of the product) that one trip covers
  std::int64_t extent = 1;       ///< of the rank, or of the product
  std::int64_t trips = 1;        ///< ⌈extent / tile⌉
  std::optional<LaneDimId> dim;  ///< whose lanes hold the remainder; absent: none (tile = 1)
  bool operator==(const OuterLoop&) const = default;
};

/// One loop per rank, fused ranks sharing one (where the outermost of them stands), in the order of
/// the operator's ranks; loops of one trip included. Any order of them computes the same.
std::vector<OuterLoop> outer_loops(const Operator& op, const Instruction& instruction,
                                   const Embedding& embedding);

/// Instructions executed, Π trips.
std::int64_t steps(std::span<const OuterLoop> loops);

/// Share of the lanes that do useful work: points / (steps · lanes).
double utilisation(const Operator& op, const Instruction& instruction, const Embedding& embedding);

/// The point of the operator's iteration space (a value per rank) that lane `lane` (a value per
/// lane dimension) computes in the step given by a trip per outer loop; absent: padding or idle.
std::optional<std::vector<std::int64_t>> point_at(const Operator& op, const Embedding& embedding,
                                                  std::span<const OuterLoop> loops,
                                                  std::span<const std::int64_t> trip,
                                                  std::span<const std::int64_t> lane);

/// The operator's operand that plays an operand of the instruction.
const Operand& data_operand(const Operator& op, const Embedding& embedding);
const Operand& weights_operand(const Operator& op, const Embedding& embedding);

/// "y = K·16, z = fused(R, S), roles swapped": the embedding on one line.
std::string to_text(const Operator& op, const Instruction& instruction, const Embedding& embedding);

}  // namespace tileloom

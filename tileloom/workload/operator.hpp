#pragma once
// An operator is an Einsum: ranks with extents, operands whose axes are affine in the ranks, a
// function of one point, and a reduction over the ranks that the output does not have.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tileloom/support/id.hpp"

namespace tileloom {

/// One loop variable, 0 ≤ value < extent.
struct Rank {
  std::string name;
  std::int64_t extent = 1;
  bool operator==(const Rank&) const = default;
};

/// coefficient · rank, coefficient ≥ 1.
struct Term {
  RankId rank{};
  std::int64_t coefficient = 1;
  bool operator==(const Term&) const = default;
};

/// One axis of an operand: index = offset + Σ coefficient·rank. Only 0 ≤ index < extent exists:
/// an index outside is padding (an input reads zero there, an output writes nothing), at no access.
/// An axis without terms has the constant index `offset`.
struct Axis {
  std::vector<Term> terms;
  std::int64_t offset = 0;
  std::int64_t extent = 1;
  bool operator==(const Axis&) const = default;
};

/// What a tensor is to an operator. Memories say which roles they may hold.
enum class Role : std::uint8_t { input, weight, output };
inline constexpr std::size_t kRoles = 3;
std::string to_string(Role role);

/// How an operator sees one of its tensors. The axes are a row-major view: Π extent equals the
/// number of elements of the tensor (a grouped convolution sees [N, C, H, W] as [N, G, C/G, H, W]).
/// A rank occurs in at most one axis of an operand.
struct Operand {
  TensorId tensor{};
  Role role = Role::input;
  std::vector<Axis> axes;
  std::int64_t bits = 8;          ///< of one element
  std::int64_t partial_bits = 8;  ///< of one partial sum (outputs; elsewhere equal to bits)
  bool operator==(const Operand&) const = default;
};

/// What one point of the iteration space computes from its inputs, before the reduction.
enum class PointFunction : std::uint8_t {
  copy,      ///< moves its only input
  multiply,  ///< product of the inputs (with Reduction::sum: a multiply-accumulate)
  add,
  subtract,
  divide,
  maximum,
  minimum,
  activation,  ///< any function of one element (relu, erf, exp, ...); the name is in Operator::kind
};

enum class Reduction : std::uint8_t { none, sum, max };

struct Operator {
  std::string name;  ///< unique in the workload
  std::string kind;  ///< the ONNX type or a part of it: "Conv", "MatMul", "Softmax.max", ...
  std::vector<Rank> ranks;
  std::vector<Operand> inputs;
  Operand output;
  PointFunction function = PointFunction::multiply;
  Reduction reduction = Reduction::sum;
  bool operator==(const Operator&) const = default;

  const Rank& rank(RankId id) const { return ranks[index(id)]; }
};

/// Points of the iteration space, Π extent.
std::int64_t points(const Operator& op);

/// Multiply-accumulates: points of a multiply-sum operator, else 0. Positions that fall on padding
/// count.
std::int64_t macs(const Operator& op);

/// True if `operand` depends on `rank`.
bool relevant(const Operand& operand, RankId rank);

/// Elements of the operand that exist (its view's Π extent).
std::int64_t elements(const Operand& operand);

/// Inputs in order, then the output.
std::vector<const Operand*> operands(const Operator& op);

/// The terms of the axis in words: "2·P + R"; empty for a constant index.
std::string formula(const Operator& op, const Axis& axis);

/// Why no mapping of the operator is legal: some axis of its output skips indices between those it
/// writes, so that even the whole output is no box (docs/cost_model.md, 1.6 rule 7). Absent if the
/// output is dense.
std::optional<std::string> holes_in_output(const Operator& op);

}  // namespace tileloom

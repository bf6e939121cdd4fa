#include "tileloom/embedding/packing.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "tileloom/embedding/overlap.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom {
namespace {

/// One operand being packed: which of its axes are shared.
struct Sharing {
  const Operand* operand = nullptr;
  std::vector<bool> shared;  ///< by axis
};

std::optional<std::size_t> axis_of(const Operand& operand, RankId rank) {
  for (std::size_t a = 0; a < operand.axes.size(); ++a) {
    for (const Term& term : operand.axes[a].terms) {
      if (term.rank == rank) return a;
    }
  }
  return std::nullopt;
}

std::size_t loop_of(std::span<const OuterLoop> loops, RankId rank) {
  for (std::size_t l = 0; l < loops.size(); ++l) {
    if (std::ranges::find(loops[l].ranks, rank) != loops[l].ranks.end()) return l;
  }
  return loops.size();
}

/// Moves of an axis' index per trip of its loops; empty if a fused loop is among them.
std::vector<PackedTerm> moves_along(const Axis& axis, std::span<const OuterLoop> loops) {
  std::vector<PackedTerm> moves;
  for (const Term& term : axis.terms) {
    const std::size_t l = loop_of(loops, term.rank);
    if (loops[l].ranks.size() > 1) return {};
    moves.push_back({l, checked_mul(term.coefficient, loops[l].tile)});
  }
  return moves;
}

/// The axis stored once: unit = gcd of the moves, extent = what they reach.
PackedAxis shared_packed_axis(const Axis& axis, std::size_t a, std::span<const OuterLoop> loops) {
  PackedAxis packed;
  packed.shared_axis = a;
  packed.unit = 0;
  for (const PackedTerm& move : moves_along(axis, loops)) {
    if (loops[move.loop].trips == 1) continue;
    packed.unit = std::gcd(packed.unit, move.step);
    packed.terms.push_back(move);
  }
  packed.unit = std::max<std::int64_t>(packed.unit, 1);
  for (PackedTerm& move : packed.terms) {
    move.step /= packed.unit;
    packed.extent += move.step * (loops[move.loop].trips - 1);
  }
  return packed;
}

std::int64_t trips_along(const PackedAxis& axis, std::span<const OuterLoop> loops) {
  std::int64_t product = 1;
  for (const PackedTerm& term : axis.terms) product = checked_mul(product, loops[term.loop].trips);
  return product;
}

/// True if padded values of every rank of the axis still meet a zero, or are cropped, elsewhere.
bool guarded_elsewhere(const Axis& axis, const Sharing& self, std::span<const Sharing> all,
                       std::span<const OuterLoop> loops) {
  return std::ranges::all_of(axis.terms, [&](const Term& term) {
    if (!is_padded(loops[loop_of(loops, term.rank)])) return true;
    return std::ranges::any_of(all, [&](const Sharing& other) {
      if (other.operand == self.operand) return false;
      const auto own = axis_of(*other.operand, term.rank);
      return own && other.operand->axes[*own].terms.size() == 1;
    });
  });
}

void decide(const Operator& op, std::span<const OuterLoop> loops, bool is_result,
            std::vector<Sharing>& all, Sharing& self) {
  for (std::size_t a = 0; a < self.operand->axes.size(); ++a) {
    const Axis& axis = self.operand->axes[a];
    if (axis.terms.size() < 2 || moves_along(axis, loops).empty()) continue;
    const PackedAxis packed = shared_packed_axis(axis, a, loops);
    self.shared[a] = is_result ? !overlaps(op, axis).empty()
                               : packed.extent < trips_along(packed, loops) &&
                                     guarded_elsewhere(axis, self, all, loops);
  }
}

/// Coordinates at the axis' ends where every lane's index lies outside the tensor.
void find_zeros(const Axis& axis, std::int64_t unit, std::span<const OuterLoop> loops,
                PackedAxis& packed) {
  std::int64_t reach = 0;  // of the lanes beyond the block's first index
  for (const Term& term : axis.terms) {
    reach += term.coefficient * (loops[loop_of(loops, term.rank)].tile - 1);
  }
  const auto outside = [&](std::int64_t coordinate) {
    const std::int64_t first = axis.offset + unit * coordinate;
    return first + reach < 0 || first >= axis.extent;
  };
  while (packed.zero_before < packed.extent && outside(packed.zero_before)) ++packed.zero_before;
  while (packed.zero_before + packed.zero_after < packed.extent &&
         outside(packed.extent - 1 - packed.zero_after)) {
    ++packed.zero_after;
  }
}

/// The trips of one loop. Its zeros are known where no other loop moves along the tensor's axis.
PackedAxis own_packed_axis(const Axis& axis, std::size_t l, std::span<const OuterLoop> loops) {
  PackedAxis packed;
  packed.terms = {{l, 1}};
  packed.extent = loops[l].trips;
  const std::vector<PackedTerm> moves = moves_along(axis, loops);
  std::int64_t unit = 0;
  for (const PackedTerm& move : moves) {
    if (move.loop == l) {
      unit = move.step;
    } else if (loops[move.loop].trips > 1) {
      return packed;
    }
  }
  if (unit > 0) find_zeros(axis, unit, loops, packed);
  return packed;
}

PackedOperand lay_out(const Instruction& instruction, std::span<const OuterLoop> loops, Part part,
                      const Sharing& sharing) {
  PackedOperand packed;
  packed.part = part;
  packed.dims = instruction_operand(instruction, part).dims;
  for (const LaneDimId dim : packed.dims) packed.lanes.push_back(instruction.dim(dim).extent);
  std::vector<bool> placed(loops.size(), false);
  for (std::size_t a = 0; a < sharing.operand->axes.size(); ++a) {
    const Axis& axis = sharing.operand->axes[a];
    if (sharing.shared[a]) {
      packed.axes.push_back(shared_packed_axis(axis, a, loops));
      find_zeros(axis, packed.axes.back().unit, loops, packed.axes.back());
      continue;
    }
    for (const Term& term : axis.terms) {
      const std::size_t l = loop_of(loops, term.rank);
      if (placed[l]) continue;
      placed[l] = true;
      packed.axes.push_back(own_packed_axis(axis, l, loops));
    }
  }
  return packed;
}

}  // namespace

std::string to_string(Part part) {
  switch (part) {
    case Part::data:
      return "data";
    case Part::weights:
      return "weights";
    case Part::result:
      return "result";
  }
  return {};
}

const InstructionOperand& instruction_operand(const Instruction& instruction, Part part) {
  if (part == Part::result) return instruction.result;
  return part == Part::data ? instruction.data : instruction.weights;
}

const Operand& tensor_operand(const Operator& op, const Embedding& embedding, Part part) {
  if (part == Part::result) return op.output;
  return part == Part::data ? data_operand(op, embedding) : weights_operand(op, embedding);
}

bool is_padded(const OuterLoop& loop) { return loop.trips * loop.tile != loop.extent; }

std::vector<PackedOperand> packed_operands(const Operator& op, const Instruction& instruction,
                                           const Embedding& embedding,
                                           std::span<const OuterLoop> loops) {
  constexpr std::array<Part, kParts> kAll = {Part::data, Part::weights, Part::result};
  std::vector<Sharing> sharing;
  for (const Part part : kAll) {
    const Operand& operand = tensor_operand(op, embedding, part);
    sharing.push_back({&operand, std::vector<bool>(operand.axes.size(), false)});
  }
  // The result first: its sharing is a need, that of the inputs an economy.
  for (const Part part : {Part::result, Part::data, Part::weights}) {
    decide(op, loops, part == Part::result, sharing, sharing[static_cast<std::size_t>(part)]);
  }
  std::vector<PackedOperand> packed;
  for (const Part part : kAll) {
    packed.push_back(lay_out(instruction, loops, part, sharing[static_cast<std::size_t>(part)]));
  }
  return packed;
}

std::int64_t blocks(const PackedOperand& packed) {
  std::int64_t product = 1;
  for (const PackedAxis& axis : packed.axes) product = checked_mul(product, axis.extent);
  return product;
}

std::int64_t stored_blocks(const PackedOperand& packed) {
  std::int64_t product = 1;
  for (const PackedAxis& axis : packed.axes) {
    product = checked_mul(product, axis.extent - axis.zero_before - axis.zero_after);
  }
  return product;
}

std::int64_t block_elements(const PackedOperand& packed) {
  std::int64_t product = 1;
  for (const std::int64_t extent : packed.lanes) product *= extent;
  return product;
}

std::vector<std::int64_t> loop_strides(const PackedOperand& packed, std::size_t loops) {
  std::vector<std::int64_t> strides(loops, 0);
  std::int64_t inner = 1;
  for (std::size_t a = packed.axes.size(); a-- > 0;) {
    if (packed.axes[a].extent > 1) {
      for (const PackedTerm& term : packed.axes[a].terms) strides[term.loop] += term.step * inner;
    }
    inner = checked_mul(inner, packed.axes[a].extent);
  }
  return strides;
}

}  // namespace tileloom

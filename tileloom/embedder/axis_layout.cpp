// Constraints on where the elements of an operand lie.

#include <algorithm>
#include <cstdlib>

#include "tileloom/embedder/axis_nodes.hpp"
#include "tileloom/support/factors.hpp"

namespace tileloom::embedder {
namespace {

using Gecode::BoolVar;
using Gecode::IntArgs;
using Gecode::IntSet;
using Gecode::IntVar;
using Gecode::IntVarArgs;

}  // namespace

void AxisNodes::post_layout(Part part) {
  const InstructionOperand& role = instruction_operand(q_->instruction, part);
  if (part == Part::result) {
    post_layout(q_->op.output, role, BoolVar(*this, 1, 1), true);
    return;
  }
  for (const std::size_t i : {0U, 1U}) {
    post_layout(q_->op.inputs[i], role, plays(i, part), false);
  }
}

void AxisNodes::post_layout(const Operand& operand, const InstructionOperand& role, BoolVar applies,
                            bool is_result) {
  if (role.layout == Layout::replicated) return;
  for (const LaneDimId dim : role.dims) {
    const std::size_t t = index(dim);
    if (q_->lanes(t) == 1) continue;
    for (const Difference& difference : overlaps(q_->op, operand)) {
      post_no_lane_change(t, difference, applies, is_result);
    }
    if (role.layout == Layout::strided) continue;
    for (const Axis& axis : operand.axes) {
      for (const Term& term : axis.terms) {
        if (term.coefficient == 1 || q_->op.rank(term.rank).extent == 1) continue;
        rel(*this, radix(t, index(term.rank)), Gecode::IRT_EQ, 1, imp(applies));
      }
    }
  }
}

/// Points that meet one element do so in one lane: m_d | Δ_d for all d. (Per dimension, as a digit
/// of the lane number is one of the rank.) A result's fused loop may not move at all.
void AxisNodes::post_no_lane_change(std::size_t t, const Difference& difference, BoolVar applies,
                                    bool is_result) {
  const BoolVar boxed = both(*this, applies, negated(fused(t)));
  const BoolVar fusing = both(*this, applies, fused(t));
  for (std::size_t d = 0; d < q_->ranks(); ++d) {
    if (difference[d] == 0) continue;
    std::vector<int> keep;
    for (const std::int64_t tile : divisors(std::abs(difference[d]))) {
      if (tile <= q_->lanes(t)) keep.push_back(static_cast<int>(tile));
    }
    dom(*this, radix(t, d), IntSet(IntArgs(keep)), imp(boxed));
    if (is_result) rel(*this, part(t, d), Gecode::IRT_EQ, 0, imp(fusing));
  }
  if (!is_result) post_fused_lane_kept(t, difference, fusing);
}

/// Σ_d P_d · Δ_d ≡ 0 (mod E) over the ranks that take part, P_d = Π N of those inside.
void AxisNodes::post_fused_lane_kept(std::size_t t, const Difference& difference, BoolVar applies) {
  const int lanes = q_->lanes(t);
  const IntVar modulus(*this, lanes, lanes);
  IntVar place(*this, 1 % lanes, 1 % lanes);
  IntVar sum(*this, 0, 0);
  for (std::size_t d = q_->ranks(); d-- > 0;) {
    const int step = static_cast<int>(((difference[d] % lanes) + lanes) % lanes);
    const int size = static_cast<int>(q_->extent(d) % lanes);
    IntVar factor(*this, 0, lanes);  // N_d mod E, or 1 where d takes no part
    IntVar weight(*this, 0, lanes);  // Δ_d mod E, or 0
    ite(*this, part(t, d), IntVar(*this, size, size), IntVar(*this, 1, 1), factor);
    ite(*this, part(t, d), IntVar(*this, step, step), IntVar(*this, 0, 0), weight);
    IntVar term(*this, 0, lanes * lanes);
    mult(*this, place, weight, term);
    IntVar total(*this, 0, 2 * lanes * lanes);
    linear(*this, IntArgs({1, 1, -1}), IntVarArgs() << sum << term << total, Gecode::IRT_EQ, 0);
    IntVar reduced(*this, 0, lanes - 1);
    mod(*this, total, modulus, reduced);
    sum = reduced;
    IntVar grown(*this, 0, lanes * lanes);
    mult(*this, place, factor, grown);
    IntVar next(*this, 0, lanes - 1);
    mod(*this, grown, modulus, next);
    place = next;
  }
  rel(*this, sum, Gecode::IRT_EQ, 0, imp(applies));
}

/// The maps of the operand's dimensions are given.
void AxisNodes::post_fixed(const FixedLayout& fixed) {
  const InstructionOperand& role = instruction_operand(q_->instruction, fixed.part);
  for (std::size_t k = 0; k < role.dims.size(); ++k) {
    const std::size_t t = index(role.dims[k]);
    const LaneMap& map = fixed.lanes[k];
    rel(*this, fused(t), Gecode::IRT_EQ, map.fused);
    for (std::size_t d = 0; d < q_->ranks(); ++d) {
      std::int64_t lanes = 1;
      for (const Digit& digit : map.digits) {
        if (index(digit.rank) == d) lanes = digit.lanes;
      }
      if (map.fused) {
        rel(*this, part(t, d), Gecode::IRT_EQ, lanes > 1);
      } else {
        rel(*this, radix(t, d), Gecode::IRT_EQ, static_cast<int>(lanes));
      }
    }
  }
}

}  // namespace tileloom::embedder

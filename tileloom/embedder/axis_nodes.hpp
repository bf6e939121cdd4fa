#pragma once
// The constraint model as a Gecode space; for the files of this folder only.
//
// Variables (d runs over ranks, t over lane dimensions of extent E, i over lanes):
//   swapped          input 0 plays the weights
//   fused_t, idle_t  what kind of map the dimension has; neither: a box that fills it
//   part_td          rank d takes part in the fused product of t
//   m_td             radix of d's digit in t, capped at E (a larger one has the same first lanes)
//   c_tid            coordinate of the axis node i of t, relative to node 0:  (i div P_td) mod m_td
//                    with P_td the product of the radices inside it
// All other nodes are sums of axis nodes, one per dimension.

#include <gecode/int.hh>
#include <vector>

#include "tileloom/embedder/axis_model.hpp"
#include "tileloom/embedding/overlap.hpp"

namespace tileloom::embedder {

/// What the model is about; shared by all copies of the space.
struct Question {
  const Operator& op;
  const Instruction& instruction;
  const AxisSearch& search;

  std::size_t ranks() const { return op.ranks.size(); }
  std::size_t dims() const { return instruction.dims.size(); }
  int lanes(std::size_t t) const { return static_cast<int>(instruction.dims[t].extent); }
  std::int64_t extent(std::size_t d) const { return op.ranks[d].extent; }
};

class AxisNodes final : public Gecode::Space {
 public:
  explicit AxisNodes(const Question& q);
  AxisNodes(AxisNodes& other) : Space(other), q_(other.q_) {
    swapped_.update(*this, other.swapped_);
    fused_.update(*this, other.fused_);
    idle_.update(*this, other.idle_);
    part_.update(*this, other.part_);
    digits_.update(*this, other.digits_);
    radix_.update(*this, other.radix_);
  }
  Space* copy() override { return new AxisNodes(*this); }

  Embedding embedding() const;

 private:
  using Coordinates = std::vector<Gecode::IntVarArgs>;  // [lane][idle digit, then ranks]

  int at(std::size_t t, std::size_t d) const { return static_cast<int>(t * q_->ranks() + d); }
  Gecode::IntVar radix(std::size_t t, std::size_t d) const { return radix_[at(t, d)]; }
  Gecode::BoolVar part(std::size_t t, std::size_t d) const { return part_[at(t, d)]; }
  Gecode::BoolVar fused(std::size_t t) const { return fused_[static_cast<int>(t)]; }
  Gecode::BoolVar idle(std::size_t t) const { return idle_[static_cast<int>(t)]; }
  Gecode::BoolVar negated(Gecode::BoolVar b) {
    Gecode::BoolVar n(*this, 0, 1);
    rel(*this, b, Gecode::IRT_NQ, n);
    return n;
  }
  /// True where input `i` plays the part.
  Gecode::BoolVar plays(std::size_t i, Part part) {
    return (i == 1) == (part == Part::data) ? swapped_ : negated(swapped_);
  }

  void post_dimension(std::size_t t);
  void post_box(std::size_t t);
  void post_fusion(std::size_t t);
  Coordinates post_coordinates(std::size_t t);
  void post_order(const Coordinates& c);
  void post_sharing(std::size_t t, const Coordinates& c);
  void post_sharing(const Operand& operand, std::size_t t, const Coordinates& c,
                    Gecode::Reify applies);
  void post_trips(std::size_t t);
  void post_one_dimension_per_rank();
  void post_layout(Part part);
  void post_layout(const Operand& operand, const InstructionOperand& role, Gecode::BoolVar applies,
                   bool is_result);
  void post_no_lane_change(std::size_t t, const Difference& difference, Gecode::BoolVar applies,
                           bool is_result);
  void post_fused_lane_kept(std::size_t t, const Difference& difference, Gecode::BoolVar applies);
  void post_fixed(const FixedLayout& fixed);
  void post_branching();

  const Question* q_;
  Gecode::BoolVar swapped_;
  Gecode::BoolVarArray fused_;
  Gecode::BoolVarArray idle_;
  Gecode::BoolVarArray part_;
  Gecode::BoolVarArray digits_;  // m_td > 1
  Gecode::IntVarArray radix_;
};

/// True if both hold.
Gecode::BoolVar both(Gecode::Space& home, Gecode::BoolVar a, Gecode::BoolVar b);

}  // namespace tileloom::embedder

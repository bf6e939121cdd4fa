#include "tileloom/embedder/axis_nodes.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "tileloom/embedder/radix.hpp"
#include "tileloom/support/checked.hpp"
#include "tileloom/support/factors.hpp"

namespace tileloom::embedder {
namespace {

using Gecode::BoolVar;
using Gecode::BoolVarArgs;
using Gecode::BoolVarArray;
using Gecode::IntArgs;
using Gecode::IntSet;
using Gecode::IntVar;
using Gecode::IntVarArgs;
using Gecode::IntVarArray;

/// Radices a box digit may have: tiles of the lanes, or (idle) the least lanes per number of trips.
IntSet box_radices(const Question& q, std::size_t t, std::size_t d) {
  const EmbedOptions& options = q.search.options;
  std::set<int> radices{1};
  for (const std::int64_t tile : divisors(q.lanes(t))) {
    if (options.tiles == Tiles::within && tile > q.extent(d)) continue;
    if (options.tiles == Tiles::exact && q.extent(d) % tile != 0) continue;
    radices.insert(static_cast<int>(tile));
  }
  for (std::int64_t tile = 2;
       q.search.idle && tile <= std::min<std::int64_t>(q.lanes(t), q.extent(d)); ++tile) {
    const bool least = ceil_div(q.extent(d), ceil_div(q.extent(d), tile)) == tile;
    const bool whole = q.extent(d) % tile == 0;
    if (options.tiles == Tiles::exact ? whole : least) radices.insert(static_cast<int>(tile));
  }
  const std::vector<int> list(radices.begin(), radices.end());
  return IntSet(IntArgs(list));
}

int capped_extent(const Question& q, std::size_t t, std::size_t d) {
  return static_cast<int>(std::min<std::int64_t>(q.extent(d), q.lanes(t)));
}

}  // namespace

AxisNodes::AxisNodes(const Question& q)
    : q_(&q),
      swapped_(*this, 0, 1),
      fused_(*this, static_cast<int>(q.dims()), 0, 1),
      idle_(*this, static_cast<int>(q.dims()), 0, 1),
      part_(*this, static_cast<int>(q.dims() * q.ranks()), 0, 1),
      digits_(*this, static_cast<int>(q.dims() * q.ranks()), 0, 1),
      radix_(*this, static_cast<int>(q.dims() * q.ranks()), 1, 1) {
  if (q.search.options.swapped) rel(*this, swapped_, Gecode::IRT_EQ, *q.search.options.swapped);
  for (std::size_t t = 0; t < q.dims(); ++t) post_dimension(t);
  post_one_dimension_per_rank();
  for (const Part part : {Part::data, Part::weights, Part::result}) post_layout(part);
  for (const FixedLayout& fixed : q.search.options.fixed) post_fixed(fixed);
  if (q.search.idle) linear(*this, BoolVarArgs(idle_), Gecode::IRT_GQ, 1);
  post_branching();
}

BoolVar both(Gecode::Space& home, BoolVar a, BoolVar b) {
  BoolVar result(home, 0, 1);
  rel(home, a, Gecode::BOT_AND, b, result);
  return result;
}

void AxisNodes::post_dimension(std::size_t t) {
  if (q_->lanes(t) == 1) {
    rel(*this, fused(t), Gecode::IRT_EQ, 0);
    rel(*this, idle(t), Gecode::IRT_EQ, 0);
    for (std::size_t d = 0; d < q_->ranks(); ++d) {
      rel(*this, part(t, d), Gecode::IRT_EQ, 0);
      rel(*this, digits_[at(t, d)], Gecode::IRT_EQ, 0);
    }
    return;
  }
  for (std::size_t d = 0; d < q_->ranks(); ++d) {
    radix_[at(t, d)] = IntVar(*this, 1, q_->lanes(t));
    rel(*this, radix(t, d), Gecode::IRT_GR, 1, eqv(digits_[at(t, d)]));
  }
  const bool may_fuse = q_->search.options.fused && q_->search.options.tiles != Tiles::exact;
  if (!may_fuse) rel(*this, fused(t), Gecode::IRT_EQ, 0);
  if (!q_->search.idle) rel(*this, idle(t), Gecode::IRT_EQ, 0);
  rel(*this, fused(t), Gecode::BOT_AND, idle(t), 0);
  post_box(t);
  post_fusion(t);
  const Coordinates c = post_coordinates(t);
  post_order(c);
  post_sharing(t, c);
  if (q_->search.idle) post_trips(t);
}

/// A box fills the lanes: Π m_d = E; with idle lanes Π m_d < E. A dimension for which no rank
/// qualifies may be all padding.
void AxisNodes::post_box(std::size_t t) {
  const BoolVar box = negated(fused(t));
  IntVar product(*this, 1, 1);
  for (std::size_t d = 0; d < q_->ranks(); ++d) {
    dom(*this, radix(t, d), box_radices(*q_, t, d), imp(box));
    IntVar next(*this, 1, (q_->lanes(t) + 1) * q_->lanes(t));
    IntVar capped(*this, 1, q_->lanes(t) + 1);
    mult(*this, product, radix(t, d), next);
    min(*this, next, IntVar(*this, q_->lanes(t) + 1, q_->lanes(t) + 1), capped);
    product = capped;
  }
  BoolVar empty(*this, 0, 1);
  for (const bool swapped : {false, true}) {
    const bool none =
        q_->search.options.tiles == Tiles::padded &&
        eligible_ranks(q_->op, q_->instruction, swapped, static_cast<LaneDimId>(t)).empty();
    rel(*this, empty, Gecode::IRT_EQ, none, imp(swapped ? swapped_ : negated(swapped_)));
  }
  const BoolVar filled = both(*this, box, both(*this, negated(idle(t)), negated(empty)));
  rel(*this, product, Gecode::IRT_EQ, q_->lanes(t), imp(filled));
  rel(*this, product, Gecode::IRT_EQ, 1, imp(empty));
  rel(*this, empty, Gecode::BOT_AND, idle(t), 0);
  rel(*this, product, Gecode::IRT_LE, q_->lanes(t), imp(idle(t)));
  rel(*this, product, Gecode::IRT_GR, 1, imp(idle(t)));
}

/// A fused product has two or more whole ranks, N_d > 1; its outermost digit runs on past its rank.
///     m_d = N_d for those that take part, 1 for the others
void AxisNodes::post_fusion(std::size_t t) {
  BoolVar outer(*this, 0, 0);  // some rank further out takes part
  BoolVarArgs parts;
  for (std::size_t d = 0; d < q_->ranks(); ++d) {
    const BoolVar p = part(t, d);
    parts << p;
    rel(*this, p, Gecode::IRT_LQ, fused(t));
    if (q_->extent(d) == 1) rel(*this, p, Gecode::IRT_EQ, 0);
    const BoolVar leads = both(*this, p, negated(outer));
    const BoolVar follows = both(*this, p, outer);
    rel(*this, radix(t, d), Gecode::IRT_EQ, q_->lanes(t), imp(leads));
    rel(*this, radix(t, d), Gecode::IRT_EQ, capped_extent(*q_, t, d), imp(follows));
    rel(*this, radix(t, d), Gecode::IRT_EQ, 1, imp(both(*this, fused(t), negated(p))));
    BoolVar next(*this, 0, 1);
    rel(*this, outer, Gecode::BOT_OR, p, next);
    outer = next;
  }
  linear(*this, parts, Gecode::IRT_GQ, 2, imp(fused(t)));
}

/// The digits of every lane number, innermost first; what is left over counts idle lanes:
///     c_id = q_id mod m_d,  q_i,d−1 = q_id div m_d,  q of the innermost rank = i
AxisNodes::Coordinates AxisNodes::post_coordinates(std::size_t t) {
  Coordinates c;
  for (int i = 0; i < q_->lanes(t); ++i) {
    IntVarArgs node(static_cast<int>(q_->ranks()) + 1);
    IntVar quotient(*this, i, i);
    for (std::size_t d = q_->ranks(); d-- > 0;) {
      IntVar next(*this, 0, i);
      IntVar coordinate(*this, 0, i);
      divmod(*this, quotient, radix(t, d), next, coordinate);
      node[static_cast<int>(d) + 1] = coordinate;
      quotient = next;
    }
    node[0] = quotient;
    c.push_back(node);
  }
  return c;
}

/// Distinct nodes to distinct nodes, and no reordered copies: c_i <_lex c_{i+1}.
void AxisNodes::post_order(const Coordinates& c) {
  for (std::size_t i = 0; i + 1 < c.size(); ++i) rel(*this, c[i], Gecode::IRT_LE, c[i + 1]);
}

/// Lanes along a dimension that an operand of the instruction does not have read, or add into, one
/// element:  Σ_d coefficient_d · c_id = 0  for each axis of the tensor that plays it. A rank with a
/// digit moves by one, at the lane of its place value or (fused) in some trip.
void AxisNodes::post_sharing(const Operand& operand, std::size_t t, const Coordinates& c,
                             Gecode::Reify applies) {
  for (const Axis& axis : operand.axes) {
    if (axis.terms.empty()) continue;
    IntArgs coefficients;
    BoolVarArgs moves;
    for (const Term& term : axis.terms) {
      coefficients << static_cast<int>(std::min<std::int64_t>(term.coefficient, 1 << 20));
      moves << digits_[at(t, index(term.rank))];
    }
    for (std::size_t i = 1; i < c.size(); ++i) {
      IntVarArgs node;
      for (const Term& term : axis.terms) node << c[i][static_cast<int>(index(term.rank)) + 1];
      linear(*this, coefficients, node, Gecode::IRT_EQ, 0, applies);
    }
    linear(*this, coefficients, moves, Gecode::IRT_EQ, 0, applies);
  }
}

void AxisNodes::post_sharing(std::size_t t, const Coordinates& c) {
  const auto dim = static_cast<LaneDimId>(t);
  for (const Part part : {Part::data, Part::weights}) {
    if (has_dim(instruction_operand(q_->instruction, part), dim)) continue;
    for (const std::size_t i : {0U, 1U}) {
      post_sharing(q_->op.inputs[i], t, c, imp(plays(i, part)));
    }
  }
  if (has_dim(q_->instruction.result, dim)) return;
  post_sharing(q_->op.output, t, c, imp(BoolVar(*this, 1, 1)));
}

/// Idle lanes may not cost trips:  Σ_d log2 ⌈N_d / m_d⌉ ≤ the best box without any.
void AxisNodes::post_trips(std::size_t t) {
  IntVarArgs logs;
  for (std::size_t d = 0; d < q_->ranks(); ++d) {
    IntArgs table;
    for (int m = 0; m <= q_->lanes(t); ++m) {
      table << (m == 0 ? 0 : trip_log(q_->extent(d), m));
    }
    IntVar log(*this, 0, trip_log(q_->extent(d), 1));
    element(*this, table, radix(t, d), log);
    logs << log;
  }
  for (const bool swapped : {false, true}) {
    const std::int64_t most = q_->search.trip_logs[swapped ? 1 : 0][t];
    if (most < 0) continue;
    const BoolVar applies = both(*this, idle(t), swapped ? swapped_ : negated(swapped_));
    linear(*this, logs, Gecode::IRT_LQ, static_cast<int>(most + static_cast<int>(q_->ranks())),
           imp(applies));
  }
}

/// Nodes are sums of axis nodes, so a rank with digits in two dimensions would be met twice.
void AxisNodes::post_one_dimension_per_rank() {
  for (std::size_t d = 0; d < q_->ranks(); ++d) {
    BoolVarArgs used;
    for (std::size_t t = 0; t < q_->dims(); ++t) used << digits_[at(t, d)];
    linear(*this, used, Gecode::IRT_LQ, 1);
  }
}

}  // namespace tileloom::embedder

#include "tileloom/reference/embed_every_node.hpp"

#include <algorithm>
#include <array>
#include <gecode/int.hh>
#include <gecode/search.hh>
#include <map>

#include "tileloom/embedding/check.hpp"
#include "tileloom/reference/evaluate_operator.hpp"

namespace tileloom::reference {
namespace {

using Gecode::IntArgs;
using Gecode::IntVar;
using Gecode::IntVarArgs;
using Gecode::IntVarArray;
using Indices = std::vector<std::int64_t>;

/// Coordinates are smaller, and seven of them fit into Gecode's integers.
constexpr std::int64_t kBase = 20;
constexpr std::array<Part, kParts> kAllParts = {Part::data, Part::weights, Part::result};

/// The element of the operand at a point, inside the tensor or not.
Indices element_of(const Operand& operand, const Indices& point) {
  Indices element;
  for (const Axis& axis : operand.axes) {
    std::int64_t value = 0;
    for (const Term& term : axis.terms) value += term.coefficient * point[index(term.rank)];
    element.push_back(value);
  }
  return element;
}

/// True if moving along a dimension as `line` does keeps every operand without it in place.
bool shares(const Operator& op, const Instruction& instruction, bool swapped, LaneDimId dim,
            const std::vector<Indices>& line) {
  const Embedding roles{swapped, {}};
  return std::ranges::all_of(kAllParts, [&](Part part) {
    if (has_dim(instruction_operand(instruction, part), dim)) return true;
    const Operand& operand = tensor_operand(op, roles, part);
    return std::ranges::all_of(line, [&](const Indices& point) {
      return element_of(operand, point) == element_of(operand, line.front());
    });
  });
}

/// The points of a fused product, all of them in order.
std::vector<Indices> fused_line(const Operator& op, const std::vector<Digit>& digits) {
  std::vector<Indices> line;
  Indices point(op.ranks.size(), 0);
  for (;;) {
    line.push_back(point);
    std::size_t i = digits.size();
    for (; i-- > 0;) {
      std::int64_t& value = point[index(digits[i].rank)];
      if (++value < digits[i].lanes) break;
      value = 0;
    }
    if (i == static_cast<std::size_t>(-1)) return line;
  }
}

/// Kinds a dimension's map may have: a box (no digits yet), or a fused product.
std::vector<LaneMap> kinds(const Operator& op, const Instruction& instruction, bool swapped,
                           LaneDimId dim, const EveryNodeOptions& options) {
  std::vector<LaneMap> found{LaneMap{}};
  if (instruction.dim(dim).extent == 1 || !options.fused || !options.padded) return found;
  for (std::uint32_t chosen = 0; chosen < 1U << op.ranks.size(); ++chosen) {
    LaneMap map{{}, true};
    bool whole = true;
    for (std::size_t d = 0; d < op.ranks.size(); ++d) {
      if ((chosen >> d & 1U) == 0) continue;
      map.digits.push_back({static_cast<RankId>(d), op.ranks[d].extent});
      whole = whole && op.ranks[d].extent > 1;
    }
    if (!whole || map.digits.size() < 2) continue;
    if (shares(op, instruction, swapped, dim, fused_line(op, map.digits))) found.push_back(map);
  }
  return found;
}

/// True if no rank at all may stand in the dimension: then its lanes are padding.
bool nothing_fits(const Operator& op, const Instruction& instruction, bool swapped, LaneDimId dim) {
  for (std::size_t d = 0; d < op.ranks.size(); ++d) {
    Indices moved(op.ranks.size(), 0);
    moved[d] = 1;
    if (shares(op, instruction, swapped, dim, {Indices(op.ranks.size(), 0), moved})) return false;
  }
  return true;
}

std::int64_t fused_products_with(const Embedding& kind, RankId rank) {
  return std::ranges::count_if(kind.lanes, [&](const LaneMap& map) {
    return std::ranges::any_of(map.digits, [&](const Digit& digit) { return digit.rank == rank; });
  });
}

class EveryNode final : public Gecode::Space {
 public:
  EveryNode(const Operator& op, const Instruction& instruction, const Embedding& kind,
            const EveryNodeOptions& options);
  EveryNode(EveryNode& other) : Space(other), op_(other.op_), kind_(other.kind_) {
    tile_.update(*this, other.tile_);
    point_.update(*this, other.point_);
  }
  Space* copy() override { return new EveryNode(*this); }

  Embedding embedding() const {
    Embedding found = *kind_;
    for (std::size_t t = 0; t < found.lanes.size(); ++t) {
      if (found.lanes[t].fused) continue;
      for (std::size_t d = 0; d < op_->ranks.size(); ++d) {
        const int lanes = tile_[static_cast<int>(t * op_->ranks.size() + d)].val();
        if (lanes > 1) found.lanes[t].digits.push_back({static_cast<RankId>(d), lanes});
      }
    }
    return found;
  }

 private:
  IntVarArgs axis_node(std::size_t t, int lane, int lanes);
  void post_box(std::size_t t, int lanes, bool empty);
  void post_nodes(const Instruction& instruction, bool padded);
  void post_distinct(const Instruction& instruction, const std::vector<Indices>& lanes);
  void post_edges(const Instruction& instruction, const std::vector<Indices>& lanes);

  const Operator* op_;
  const Embedding* kind_;
  IntVarArray tile_;   // [dimension][rank]
  IntVarArray point_;  // [node][rank]
};

/// (lane div P_d) mod T_d, P_d the product of the tiles inside; of a fused map the digits, the
/// outermost running on.
IntVarArgs EveryNode::axis_node(std::size_t t, int lane, int lanes) {
  const std::size_t ranks = op_->ranks.size();
  IntVarArgs node(static_cast<int>(ranks));
  if (kind_->lanes[t].fused) {
    for (std::size_t d = 0; d < ranks; ++d) node[static_cast<int>(d)] = IntVar(*this, 0, 0);
    int rest = lane;
    const std::vector<Digit>& digits = kind_->lanes[t].digits;
    for (std::size_t i = digits.size(); i-- > 0;) {
      const int value = i == 0 ? rest : rest % static_cast<int>(digits[i].lanes);
      rest /= static_cast<int>(digits[i].lanes);
      node[static_cast<int>(index(digits[i].rank))] = IntVar(*this, value, value);
    }
    return node;
  }
  IntVar place(*this, 1, 1);
  for (std::size_t d = ranks; d-- > 0;) {
    const IntVar tile = tile_[static_cast<int>(t * ranks + d)];
    IntVar quotient(*this, 0, lanes);
    IntVar digit(*this, 0, lanes);
    div(*this, IntVar(*this, lane, lane), place, quotient);
    mod(*this, quotient, tile, digit);
    node[static_cast<int>(d)] = digit;
    IntVar next(*this, 1, lanes);
    mult(*this, place, tile, next);
    place = next;
  }
  return node;
}

void EveryNode::post_box(std::size_t t, int lanes, bool empty) {
  IntVar product(*this, 1, 1);
  for (std::size_t d = 0; d < op_->ranks.size(); ++d) {
    IntVar next(*this, 1, lanes);
    mult(*this, product, tile_[static_cast<int>(t * op_->ranks.size() + d)], next);
    product = next;
  }
  rel(*this, product, Gecode::IRT_EQ, empty ? 1 : lanes);
}

EveryNode::EveryNode(const Operator& op, const Instruction& instruction, const Embedding& kind,
                     const EveryNodeOptions& options)
    : op_(&op), kind_(&kind) {
  const std::size_t ranks = op.ranks.size();
  tile_ = IntVarArray(*this, static_cast<int>(instruction.dims.size() * ranks), 1, 1);
  for (std::size_t t = 0; t < instruction.dims.size(); ++t) {
    const auto dim = static_cast<LaneDimId>(t);
    const int lanes = static_cast<int>(instruction.dim(dim).extent);
    if (kind.lanes[t].fused) continue;
    for (std::size_t d = 0; d < ranks; ++d) {
      // A rank of a fused product moves along all of it, so it has no digit elsewhere.
      const int most = fused_products_with(kind, static_cast<RankId>(d)) > 0 ? 1 : lanes;
      tile_[static_cast<int>(t * ranks + d)] = IntVar(*this, 1, most);
    }
    post_box(t, lanes, options.padded && nothing_fits(op, instruction, kind.swapped, dim));
  }
  post_nodes(instruction, options.padded);
  branch(*this, tile_, Gecode::INT_VAR_NONE(), Gecode::INT_VAL_MAX());
  branch(*this, point_, Gecode::INT_VAR_NONE(), Gecode::INT_VAL_MIN());
}

void EveryNode::post_nodes(const Instruction& instruction, bool padded) {
  const std::size_t ranks = op_->ranks.size();
  std::vector<std::vector<IntVarArgs>> axis(instruction.dims.size());
  int reach = 0;  // below kBase
  for (std::size_t t = 0; t < axis.size(); ++t) {
    const int lanes = static_cast<int>(instruction.dims[t].extent);
    reach += lanes;
    for (int lane = 0; lane < lanes; ++lane) axis[t].push_back(axis_node(t, lane, lanes));
  }
  std::vector<Indices> lanes;
  IntVarArgs all;
  Indices lane(axis.size(), 0);
  for (std::int64_t n = tileloom::lanes(instruction); n > 0; --n) {
    lanes.push_back(lane);
    for (std::size_t d = 0; d < ranks; ++d) {
      const auto last = static_cast<int>(padded ? reach : op_->ranks[d].extent - 1);
      IntVar value(*this, 0, std::min(reach, last));
      IntVarArgs sum;
      for (std::size_t t = 0; t < axis.size(); ++t) {
        sum << axis[t][static_cast<std::size_t>(lane[t])][static_cast<int>(d)];
      }
      linear(*this, sum, Gecode::IRT_EQ, value);
      all << value;
    }
    for (std::size_t t = axis.size(); t-- > 0;) {
      if (++lane[t] < instruction.dims[t].extent) break;
      lane[t] = 0;
    }
  }
  point_ = IntVarArray(*this, all);
  post_edges(instruction, lanes);
}

/// Nodes that meet at an operand of the instruction meet at one element.
void EveryNode::post_edges(const Instruction& instruction, const std::vector<Indices>& lanes) {
  const std::size_t ranks = op_->ranks.size();
  const auto node = [&](std::size_t n, std::size_t d) {
    return point_[static_cast<int>(n * ranks + d)];
  };
  for (const Part part : kAllParts) {
    const Operand& operand = tensor_operand(*op_, *kind_, part);
    std::map<Indices, std::size_t> first;
    for (std::size_t n = 0; n < lanes.size(); ++n) {
      Indices position;
      for (const LaneDimId dim : instruction_operand(instruction, part).dims) {
        position.push_back(lanes[n][index(dim)]);
      }
      const std::size_t other = first.emplace(position, n).first->second;
      for (const Axis& axis : operand.axes) {
        if (other == n || axis.terms.empty()) continue;
        IntArgs coefficients;
        IntVarArgs values;
        for (const Term& term : axis.terms) {
          coefficients << static_cast<int>(term.coefficient) << -static_cast<int>(term.coefficient);
          values << node(n, index(term.rank)) << node(other, index(term.rank));
        }
        linear(*this, coefficients, values, Gecode::IRT_EQ, 0);
      }
    }
  }
  post_distinct(instruction, lanes);
}

/// Every node is another point: the points, written as numbers in base `reach`, differ. Lanes of a
/// dimension that no rank fits are no nodes.
void EveryNode::post_distinct(const Instruction& instruction, const std::vector<Indices>& lanes) {
  const std::size_t ranks = op_->ranks.size();
  IntVarArgs codes;
  for (std::size_t n = 0; n < lanes.size(); ++n) {
    bool padding = false;
    for (std::size_t t = 0; t < instruction.dims.size(); ++t) {
      padding =
          padding || (lanes[n][t] > 0 && !kind_->lanes[t].fused &&
                      nothing_fits(*op_, instruction, kind_->swapped, static_cast<LaneDimId>(t)));
    }
    if (padding) continue;
    IntArgs weights;
    IntVarArgs digits;
    std::int64_t weight = 1;
    for (std::size_t d = 0; d < ranks; ++d) {
      weights << static_cast<int>(weight);
      digits << point_[static_cast<int>(n * ranks + d)];
      weight *= kBase;
    }
    IntVar code(*this, 0, Gecode::Int::Limits::max);
    linear(*this, weights, digits, Gecode::IRT_EQ, code);
    codes << code;
  }
  distinct(*this, codes);
}

/// The lane of the operand at which a point meets it, and the trips of its fused loops.
std::pair<Indices, Indices> lane_of(const Operator& op, const Instruction& instruction,
                                    const Embedding& embedding, Part part, const Indices& point) {
  Indices lane;
  Indices trips;
  for (const LaneDimId dim : instruction_operand(instruction, part).dims) {
    const LaneMap& map = embedding.lanes[index(dim)];
    std::int64_t linear = 0;
    for (const Digit& digit : map.digits) {
      const std::int64_t value = point[index(digit.rank)];
      linear = linear * digit.lanes + (map.fused ? value : value % digit.lanes);
    }
    lane.push_back(map.fused ? linear % instruction.dim(dim).extent : linear);
    if (map.fused) trips.push_back(linear / instruction.dim(dim).extent);
  }
  static_cast<void>(op);
  return {lane, part == Part::result ? trips : Indices{}};
}

/// True if some digit in the operand's lanes (of a box, or of any map) belongs to a rank with this
/// property.
template <class Property>
bool any_digit(const Instruction& instruction, const Embedding& embedding, Part part,
               bool with_fused, const Property& property) {
  return std::ranges::any_of(instruction_operand(instruction, part).dims, [&](LaneDimId dim) {
    const LaneMap& map = embedding.lanes[index(dim)];
    if (map.fused && !with_fused) return false;
    const std::vector<Digit>& digits = map.digits;
    return std::ranges::any_of(digits, [&](const Digit& digit) { return property(digit.rank); });
  });
}

Layout layout_by_points(const Operator& op, const Instruction& instruction,
                        const Embedding& embedding, Part part) {
  const Operand& operand = tensor_operand(op, embedding, part);
  // Padding of a rank that the operand does not have would repeat its elements.
  if (any_digit(instruction, embedding, part, false,
                [&](RankId r) { return !relevant(operand, r); })) {
    return Layout::replicated;
  }
  std::vector<Digit> whole;
  for (std::size_t d = 0; d < op.ranks.size(); ++d) {
    whole.push_back({static_cast<RankId>(d), op.ranks[d].extent});
  }
  std::map<Indices, std::pair<Indices, Indices>> lane_by_element;
  for (const Indices& point : fused_line(op, whole)) {
    const auto lane = lane_of(op, instruction, embedding, part, point);
    const auto known = lane_by_element.emplace(element_of(operand, point), lane).first;
    if (known->second != lane) return Layout::replicated;
  }
  const bool steps_over = any_digit(instruction, embedding, part, true, [&](RankId rank) {
    return op.rank(rank).extent > 1 && std::ranges::any_of(operand.axes, [&](const Axis& axis) {
             return std::ranges::any_of(axis.terms, [&](const Term& term) {
               return term.rank == rank && term.coefficient > 1;
             });
           });
  });
  return steps_over ? Layout::strided : Layout::dense;
}

void solve(const Operator& op, const Instruction& instruction, const Embedding& kind,
           const EveryNodeOptions& options, std::vector<Embedding>& found) {
  EveryNode root(op, instruction, kind, options);
  Gecode::DFS<EveryNode> engine(&root);
  while (EveryNode* solution = engine.next()) {
    const Embedding embedding = solution->embedding();
    delete solution;
    const bool allowed = std::ranges::all_of(kAllParts, [&](Part part) {
      return layout_by_points(op, instruction, embedding, part) <=
             instruction_operand(instruction, part).layout;
    });
    if (allowed) found.push_back(embedding);
  }
}

}  // namespace

std::vector<Embedding> embed_every_node(const Operator& op, const Instruction& instruction,
                                        const EveryNodeOptions& options) {
  std::vector<Embedding> found;
  for (const bool swapped : {false, true}) {
    std::vector<Embedding> partial{{swapped, {}}};
    for (std::size_t t = 0; t < instruction.dims.size(); ++t) {
      std::vector<Embedding> longer;
      const auto all = kinds(op, instruction, swapped, static_cast<LaneDimId>(t), options);
      for (const Embedding& kind : partial) {
        for (const LaneMap& map : all) {
          longer.push_back(kind);
          longer.back().lanes.push_back(map);
        }
      }
      partial = std::move(longer);
    }
    for (const Embedding& kind : partial) {
      bool once = true;
      for (std::size_t d = 0; d < op.ranks.size(); ++d) {
        once = once && fused_products_with(kind, static_cast<RankId>(d)) <= 1;
      }
      if (once) solve(op, instruction, kind, options, found);
    }
  }
  std::ranges::sort(found);
  return found;
}

}  // namespace tileloom::reference

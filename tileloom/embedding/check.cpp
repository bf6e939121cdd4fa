#include "tileloom/embedding/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "tileloom/embedding/overlap.hpp"
#include "tileloom/embedding/packing.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom {
namespace {

using Indices = std::vector<std::int64_t>;

constexpr std::size_t kMostRanks = 16;

/// The node of one lane: the coordinates of its point, formally, beyond the ranks' extents too.
struct Node {
  Indices lane;
  Indices point;
  bool idle = false;
};

Node node_at(const Operator& op, const Embedding& embedding, const Indices& lane) {
  Node node{lane, Indices(op.ranks.size(), 0), false};
  for (std::size_t t = 0; t < lane.size(); ++t) {
    std::int64_t rest = lane[t];
    const LaneMap& map = embedding.lanes[t];
    for (std::size_t i = map.digits.size(); i-- > 0;) {
      const Digit& digit = map.digits[i];
      const bool open = map.fused && i == 0;  // the outermost digit of a fused index runs on
      node.point[index(digit.rank)] = open ? rest : rest % digit.lanes;
      rest = open ? 0 : rest / digit.lanes;
    }
    node.idle = node.idle || rest > 0;
  }
  return node;
}

std::vector<Node> all_nodes(const Operator& op, const Instruction& instruction,
                            const Embedding& embedding) {
  std::vector<Node> nodes;
  Indices lane(instruction.dims.size(), 0);
  for (std::int64_t n = lanes(instruction); n > 0; --n) {
    nodes.push_back(node_at(op, embedding, lane));
    for (std::size_t t = lane.size(); t-- > 0;) {
      if (++lane[t] < instruction.dims[t].extent) break;
      lane[t] = 0;
    }
  }
  return nodes;
}

Indices element_of(const Operand& operand, const Indices& point) {
  Indices element;
  for (const Axis& axis : operand.axes) {
    std::int64_t value = axis.offset;
    for (const Term& term : axis.terms) value += term.coefficient * point[index(term.rank)];
    element.push_back(value);
  }
  return element;
}

Indices block_lane(const InstructionOperand& operand, const Indices& lane) {
  Indices chosen;
  for (const LaneDimId dim : operand.dims) chosen.push_back(lane[index(dim)]);
  return chosen;
}

/// One violation of each kind per operand is enough.
void check_sharing(const Operator& op, const Instruction& instruction, const Embedding& embedding,
                   const std::vector<Node>& nodes, Part part, std::vector<std::string>& found) {
  const InstructionOperand& role = instruction_operand(instruction, part);
  const Operand& operand = tensor_operand(op, embedding, part);
  std::map<Indices, Indices> element_by_lane;
  for (const Node& node : nodes) {
    if (node.idle) continue;
    const Indices element = element_of(operand, node.point);
    const auto known = element_by_lane.emplace(block_lane(role, node.lane), element).first;
    if (known->second == element) continue;
    found.push_back(fmt::format(
        "lanes that share one element of the instruction's {} need two elements of the {}",
        role.name, part == Part::result ? "output" : "operator's operand"));
    return;
  }
}

void check_distinct(const std::vector<Node>& nodes, std::vector<std::string>& found) {
  std::set<Indices> points;
  for (const Node& node : nodes) {
    if (node.idle || points.insert(node.point).second) continue;
    found.emplace_back("two lanes compute the same point");
    return;
  }
}

/// True if a difference of points changes the lane of the operand in which they meet it. An element
/// of the output must also stay in one trip of a fused loop, as only plain loops can share an axis.
bool changes_lane(const Instruction& instruction, const Embedding& embedding, Part part,
                  const Difference& difference) {
  for (const LaneDimId dim : instruction_operand(instruction, part).dims) {
    const LaneMap& map = embedding.lanes[index(dim)];
    std::int64_t place = 1;
    std::int64_t linear = 0;
    bool moved = false;
    for (std::size_t i = map.digits.size(); i-- > 0;) {
      const Digit& digit = map.digits[i];
      const std::int64_t delta = difference[index(digit.rank)];
      if (!map.fused && delta % digit.lanes != 0) return true;
      moved = moved || delta != 0;
      linear += place * delta;
      place = checked_mul(place, digit.lanes);
    }
    if (map.fused && linear % instruction.dim(dim).extent != 0) return true;
    if (map.fused && moved && part == Part::result) return true;
  }
  return false;
}

/// True if neighbouring lanes of some digit step over elements.
bool steps_over(const Operator& op, const Instruction& instruction, const Embedding& embedding,
                Part part) {
  for (const Axis& axis : tensor_operand(op, embedding, part).axes) {
    for (const Term& term : axis.terms) {
      if (term.coefficient == 1 || op.rank(term.rank).extent == 1) continue;
      for (const LaneDimId dim : instruction_operand(instruction, part).dims) {
        for (const Digit& digit : embedding.lanes[index(dim)].digits) {
          if (digit.rank == term.rank) return true;
        }
      }
    }
  }
  return false;
}

void check_padding(const Operator& op, const Instruction& instruction, const Embedding& embedding,
                   std::vector<std::string>& found) {
  const std::vector<OuterLoop> loops = outer_loops(op, instruction, embedding);
  const std::vector<PackedOperand> packed = packed_operands(op, instruction, embedding, loops);
  for (std::size_t l = 0; l < loops.size(); ++l) {
    if (!is_padded(loops[l])) continue;
    const bool guarded = std::ranges::any_of(packed, [&](const PackedOperand& operand) {
      return std::ranges::any_of(operand.axes, [&](const PackedAxis& axis) {
        return !axis.shared_axis && axis.terms.front().loop == l;
      });
    });
    if (guarded) continue;
    found.push_back(fmt::format("padded values of {} meet no zero and are not cropped",
                                op.rank(loops[l].ranks.front()).name));
  }
}

std::vector<std::string> form_violations(const Operator& op, const Instruction& instruction,
                                         const Embedding& embedding) {
  std::vector<std::string> found;
  if (embedding.lanes.size() != instruction.dims.size()) {
    return {fmt::format("{} lane maps for {} lane dimensions", embedding.lanes.size(),
                        instruction.dims.size())};
  }
  std::set<RankId> used;
  for (std::size_t t = 0; t < embedding.lanes.size(); ++t) {
    const LaneMap& map = embedding.lanes[t];
    std::int64_t product = 1;
    for (const Digit& digit : map.digits) {
      if (index(digit.rank) >= op.ranks.size()) return {"a digit of a rank that does not exist"};
      const Rank& rank = op.rank(digit.rank);
      if (!used.insert(digit.rank).second) {
        found.push_back(fmt::format("{} has two digits", rank.name));
      }
      if (digit.lanes < 1 || (map.fused && digit.lanes != rank.extent)) {
        found.push_back(fmt::format("a digit of {} with {} lanes", rank.name, digit.lanes));
      }
      product = checked_mul(product, digit.lanes);
    }
    if (!map.fused && product > instruction.dims[t].extent) {
      found.push_back(fmt::format("{} values for the {} lanes of {}", product,
                                  instruction.dims[t].extent, instruction.dims[t].name));
    }
  }
  return found;
}

}  // namespace

Layout needed_layout(const Operator& op, const Instruction& instruction, const Embedding& embedding,
                     Part part) {
  for (const Difference& difference : overlaps(op, tensor_operand(op, embedding, part))) {
    if (changes_lane(instruction, embedding, part, difference)) return Layout::replicated;
  }
  return steps_over(op, instruction, embedding, part) ? Layout::strided : Layout::dense;
}

std::string not_embeddable(const Operator& op) {
  if (op.function != PointFunction::multiply || op.reduction != Reduction::sum ||
      op.inputs.size() != 2) {
    return fmt::format("{} is no sum of products of two inputs", op.name);
  }
  if (op.ranks.size() > kMostRanks) {
    return fmt::format("{} has {} ranks, at most {} can be embedded", op.name, op.ranks.size(),
                       kMostRanks);
  }
  for (std::size_t r = 0; r < op.ranks.size(); ++r) {
    const auto rank = static_cast<RankId>(r);
    if (relevant(op.inputs[0], rank) || relevant(op.inputs[1], rank)) continue;
    return fmt::format("{} is read by no input of {}: its outputs are copies", op.ranks[r].name,
                       op.name);
  }
  return {};
}

std::vector<std::string> violations(const Operator& op, const Instruction& instruction,
                                    const Embedding& embedding) {
  if (const std::string why = not_embeddable(op); !why.empty()) return {why};
  std::vector<std::string> found = form_violations(op, instruction, embedding);
  if (!found.empty()) return found;
  const std::vector<Node> nodes = all_nodes(op, instruction, embedding);
  for (const Part part : {Part::data, Part::weights, Part::result}) {
    check_sharing(op, instruction, embedding, nodes, part, found);
  }
  check_distinct(nodes, found);
  if (!found.empty()) return found;
  for (const Part part : {Part::data, Part::weights, Part::result}) {
    const InstructionOperand& role = instruction_operand(instruction, part);
    const Layout needed = needed_layout(op, instruction, embedding, part);
    if (needed > role.layout) {
      found.push_back(fmt::format("the {} must be {}, but is {}", role.name, to_string(role.layout),
                                  to_string(needed)));
    }
  }
  check_padding(op, instruction, embedding, found);
  return found;
}

}  // namespace tileloom

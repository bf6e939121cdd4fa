#include "tileloom/reference/fused_sets.hpp"

#include <algorithm>
#include <map>

#include "tileloom/loop_tree/boxes.hpp"
#include "tileloom/reference/path_execution.hpp"

namespace tileloom::reference {
namespace {

using Coordinates = std::vector<std::int64_t>;

Coordinates coordinates(std::int64_t element, const std::vector<std::int64_t>& extents) {
  Coordinates at(extents.size());
  for (std::size_t a = extents.size(); a-- > 0;) {
    at[a] = element % extents[a];
    element /= extents[a];
  }
  return at;
}

/// All elements between the smallest and the largest index on every axis.
ElementSet filled(const ElementSet& set, const std::vector<std::int64_t>& extents) {
  Coordinates low = extents;
  Coordinates high(extents.size(), -1);
  for (std::size_t e = 0; e < set.size(); ++e) {
    if (set[e] == 0) continue;
    const Coordinates at = coordinates(static_cast<std::int64_t>(e), extents);
    for (std::size_t a = 0; a < at.size(); ++a) {
      low[a] = std::min(low[a], at[a]);
      high[a] = std::max(high[a], at[a]);
    }
  }
  ElementSet box(set.size(), 0);
  for (std::size_t e = 0; e < set.size(); ++e) {
    const Coordinates at = coordinates(static_cast<std::int64_t>(e), extents);
    bool inside = true;
    for (std::size_t a = 0; a < at.size(); ++a) inside &= low[a] <= at[a] && at[a] <= high[a];
    box[e] = inside ? 1 : 0;
  }
  return box;
}

void add(ElementSet& set, const ElementSet& more) {
  for (std::size_t e = 0; e < set.size(); ++e) set[e] |= more[e];
}

/// Sets of coordinates as boxes: neighbours on the first axis with one cross-section together, the
/// cross-sections in the same way.
std::vector<std::vector<Interval>> boxes_of(const std::vector<Coordinates>& set, std::size_t axis) {
  if (set.empty()) return {};
  if (axis == set.front().size()) return {{}};
  std::map<std::int64_t, std::vector<Coordinates>> sections;
  for (const Coordinates& at : set) sections[at[axis]].push_back(at);
  std::vector<std::vector<Interval>> found;
  std::vector<std::vector<Interval>> last;
  std::int64_t begin = 0;
  std::int64_t end = 0;
  const auto flush = [&] {
    for (std::vector<Interval> box : last) {
      box.insert(box.begin(), {begin, end});
      found.push_back(std::move(box));
    }
  };
  for (const auto& [i, section] : sections) {
    std::vector<std::vector<Interval>> inner = boxes_of(section, axis + 1);
    if (i == end && inner == last) {
      ++end;
      continue;
    }
    flush();
    last = std::move(inner);
    begin = i;
    end = i + 1;
  }
  flush();
  return found;
}

class Sets {
 public:
  Sets(const Workload& workload, const FusedStack& stack) : workload_(workload), stack_(stack) {
    sets_.tensors = stack_tensors(workload, stack);
    const std::size_t children = stack.children.size();
    sets_.runs.resize(children);
    sets_.written.resize(children);
    sets_.read.assign(sets_.tensors.size(), std::vector<std::vector<ElementSet>>(children));
    sets_.need.resize(sets_.tensors.size());
    sets_.boxes.resize(stack.path.size());
  }

  FusedSets make() {
    RankBox chunk;
    for (const Rank& rank : op(stack_.children.size() - 1).ranks) chunk.push_back({0, rank.extent});
    iterate(0, chunk, 0);
    sets_.iterations = sets_.moved.size();
    for (std::size_t child = stack_.children.size(); child-- > 0;) {
      if (child + 1 < stack_.children.size()) run_writer(child);
      touch(child);
    }
    for (std::size_t tensor = 0; tensor < sets_.tensors.size(); ++tensor) settle(tensor);
    return std::move(sets_);
  }

 private:
  const Operator& op(std::size_t child) const {
    return workload_.operators[stack_.children[child].op];
  }

  void iterate(std::size_t node, const RankBox& chunk, std::size_t moved) {
    while (node < stack_.path.size() && std::holds_alternative<Store>(stack_.path[node])) ++node;
    if (node == stack_.path.size()) {
      sets_.moved.push_back(moved);
      sets_.runs.back().push_back({chunk});
      return;
    }
    const Loop& loop = std::get<Loop>(stack_.path[node]);
    const Interval whole = chunk[index(loop.rank)];
    const std::size_t at = depth(stack_, node);
    for (std::int64_t i = 0; whole.begin + i * loop.tile < whole.end; ++i) {
      RankBox inner = chunk;
      inner[index(loop.rank)].begin = whole.begin + i * loop.tile;
      inner[index(loop.rank)].end = std::min(whole.end, whole.begin + (i + 1) * loop.tile);
      iterate(node + 1, inner, i > 0 ? at : moved);
    }
  }

  ElementSet elements_of(const Operand& operand, const RankBox& run) const {
    std::vector<Chunk> chunks;
    for (const Interval& rank : run) chunks.push_back({rank.begin, rank.length()});
    ElementSet set(static_cast<std::size_t>(elements(operand)), 0);
    for (const std::int64_t e : box_elements(operand, chunks)) set[static_cast<std::size_t>(e)] = 1;
    return set;
  }

  ElementSet all_of(const Operand& operand, const std::vector<RankBox>& runs) const {
    ElementSet set(static_cast<std::size_t>(elements(operand)), 0);
    for (const RankBox& run : runs) add(set, elements_of(operand, run));
    return set;
  }

  /// What the runs of a child read and write.
  void touch(std::size_t child) {
    for (const std::vector<RankBox>& runs : sets_.runs[child]) {
      sets_.written[child].push_back(all_of(op(child).output, runs));
      for (const Operand& input : op(child).inputs) {
        const std::size_t tensor = tensor_of(input.tensor);
        ElementSet read(static_cast<std::size_t>(elements(input)), 0);
        for (const RankBox& run : runs) {
          add(read, filled(elements_of(input, run), sets_.tensors[tensor].extents));
        }
        sets_.read[tensor][child].push_back(std::move(read));
      }
    }
  }

  std::size_t tensor_of(TensorId id) const {
    const auto at = std::ranges::find(sets_.tensors, id, &StackTensor::tensor);
    return static_cast<std::size_t>(at - sets_.tensors.begin());
  }

  /// Need and boxes of a tensor whose readers (for the result: whose writer) have their runs.
  void settle(std::size_t tensor) {
    if (!sets_.need[tensor].empty()) return;
    const StackTensor& at = sets_.tensors[tensor];
    for (std::size_t t = 0; t < sets_.iterations; ++t) {
      ElementSet set(static_cast<std::size_t>(elements(workload_.tensors[at.tensor])), 0);
      for (const std::size_t reader : at.readers) add(set, sets_.read[tensor][reader][t]);
      if (at.role == StackRole::result) set = sets_.written.back()[t];
      sets_.need[tensor].push_back(filled(set, at.extents));
    }
    for (const std::size_t node : at.stores) {
      for (std::size_t t = 0; t < sets_.iterations; ++t) {
        std::size_t first = t;
        while (first > 0 && sets_.moved[first] >= depth(stack_, node)) --first;
        ElementSet set = sets_.need[tensor][first];
        for (std::size_t i = first + 1; i < sets_.iterations; ++i) {
          if (sets_.moved[i] < depth(stack_, node)) break;
          add(set, sets_.need[tensor][i]);
        }
        sets_.boxes[node].push_back(filled(set, at.extents));
      }
    }
  }

  /// A writer computes what is needed and was not needed before in the present turn of one of the
  /// tensor's buffers.
  void run_writer(std::size_t child) {
    const std::size_t tensor = tensor_of(op(child).output.tensor);
    settle(tensor);
    sets_.runs[child].resize(sets_.iterations);
    RankBox whole;
    for (const Rank& rank : op(child).ranks) whole.push_back({0, rank.extent});
    const ElementSet writes = elements_of(op(child).output, whole);
    std::map<std::size_t, ElementSet> held;  // by Store
    for (std::size_t t = 0; t < sets_.iterations; ++t) {
      const ElementSet& need = sets_.need[tensor][t];
      ElementSet missing = need;
      for (std::size_t e = 0; e < need.size(); ++e) missing[e] &= writes[e];
      for (const std::size_t node : sets_.tensors[tensor].stores) {
        ElementSet& here = held.try_emplace(node, need.size(), 0).first->second;
        forget(node, t, here);
        for (std::size_t e = 0; e < need.size(); ++e) {
          if (here[e] != 0) missing[e] = 0;
        }
        add(here, need);
      }
      std::vector<Coordinates> places;
      for (std::size_t e = 0; e < need.size(); ++e) {
        if (missing[e] == 0) continue;
        places.push_back(coordinates(static_cast<std::int64_t>(e), sets_.tensors[tensor].extents));
      }
      for (const std::vector<Interval>& box : boxes_of(places, 0)) {
        sets_.runs[child][t].push_back(run_of(child, whole, box));
      }
    }
  }

  /// What does not stay in the buffer from iteration t−1 to t.
  void forget(std::size_t node, std::size_t t, ElementSet& held) const {
    const std::vector<ElementSet>& boxes = sets_.boxes[node];
    if (t == 0 || sets_.moved[t] >= depth(stack_, node) || boxes[t] == boxes[t - 1]) return;
    const bool same = std::get<Store>(stack_.path[node]).keep == Keep::same;
    for (std::size_t e = 0; e < held.size(); ++e) {
      if (same || boxes[t][e] == 0) held[e] = 0;
    }
  }

  RankBox run_of(std::size_t child, RankBox run, const std::vector<Interval>& box) const {
    const std::vector<Axis>& axes = op(child).output.axes;
    for (std::size_t a = 0; a < axes.size(); ++a) {
      for (const Term& term : axes[a].terms) {
        run[index(term.rank)] = {box[a].begin - axes[a].offset, box[a].end - axes[a].offset};
      }
    }
    return run;
  }

  const Workload& workload_;
  const FusedStack& stack_;
  FusedSets sets_;
};

}  // namespace

FusedSets fused_sets(const Workload& workload, const FusedStack& stack) {
  return Sets(workload, stack).make();
}

}  // namespace tileloom::reference

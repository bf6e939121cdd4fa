#include "tileloom/scheduler/dlfusion/units.hpp"

#include <algorithm>
#include <bit>

namespace tileloom::scheduler {
namespace {

constexpr std::size_t kUnset = static_cast<std::size_t>(-1);

bool is_finishing(const Operator& op) { return op.reduction == Reduction::none; }

/// The unit that `op` may join, or kUnset.
std::size_t unit_to_join(const Workload& workload, OperatorId id,
                         const std::vector<std::size_t>& unit_of) {
  const Operator& op = workload.operators[id];
  if (!is_finishing(op)) return kUnset;
  OperatorId latest{};
  TensorId through{};
  bool found = false;
  for (const Operand& input : op.inputs) {
    for (const OperatorId producer : producers(workload, input.tensor)) {
      if (found && producer <= latest) continue;
      latest = producer;
      through = input.tensor;
      found = true;
    }
  }
  if (!found || producers(workload, through).size() != 1) return kUnset;
  const std::vector<OperatorId> readers = consumers(workload, through);
  const bool only_reader = readers.size() == 1 && readers[0] == id;
  if (!only_reader || workload.tensors[through].kind == TensorKind::output) return kUnset;
  return unit_of[index(latest)];
}

void link(UnitGraph& graph, UnitId from, UnitId to) {
  if (from == to || std::ranges::find(graph[from].after, to) != graph[from].after.end()) return;
  graph[from].after.push_back(to);
  graph[to].before.push_back(from);
}

}  // namespace

UnitGraph make_units(const Workload& workload) {
  std::vector<std::vector<OperatorId>> groups;
  std::vector<std::size_t> unit_of(workload.operators.size(), kUnset);
  for (const OperatorId id : ids<OperatorId>(workload.operators.size())) {
    std::size_t unit = unit_to_join(workload, id, unit_of);
    if (unit == kUnset) {
      unit = groups.size();
      groups.emplace_back();
    }
    groups[unit].push_back(id);
    unit_of[index(id)] = unit;
  }
  // A unit runs when the last of what its operators read is there: in the order of their last ones.
  std::ranges::sort(groups, {}, [](const std::vector<OperatorId>& group) { return group.back(); });
  UnitGraph graph;
  for (std::size_t u = 0; u < groups.size(); ++u) {
    for (const OperatorId id : groups[u]) unit_of[index(id)] = u;
    graph.push_back({groups[u], {}, {}});
  }
  for (const OperatorId id : ids<OperatorId>(workload.operators.size())) {
    for (const Operand& input : workload.operators[id].inputs) {
      for (const OperatorId producer : producers(workload, input.tensor)) {
        link(graph, static_cast<UnitId>(unit_of[index(producer)]),
             static_cast<UnitId>(unit_of[index(id)]));
      }
    }
  }
  return graph;
}

UnitSet empty_set(const UnitGraph& graph) { return UnitSet((graph.size() + 63) / 64, 0); }
bool contains(const UnitSet& set, UnitId id) {
  return (set[index(id) / 64] >> (index(id) % 64) & 1) != 0;
}
void insert(UnitSet& set, UnitId id) { set[index(id) / 64] |= std::uint64_t{1} << index(id) % 64; }
void erase(UnitSet& set, UnitId id) {
  set[index(id) / 64] &= ~(std::uint64_t{1} << index(id) % 64);
}

std::vector<UnitId> members(const UnitSet& set) {
  std::vector<UnitId> found;
  for (std::size_t word = 0; word < set.size(); ++word) {
    for (std::uint64_t left = set[word]; left != 0; left &= left - 1) {
      found.push_back(
          static_cast<UnitId>(word * 64 + static_cast<std::size_t>(std::countr_zero(left))));
    }
  }
  return found;
}

Block block_of(const Workload& workload, const UnitGraph& graph, const std::vector<UnitId>& units) {
  std::vector<OperatorId> operators;
  for (const UnitId unit : units) {
    operators.insert(operators.end(), graph[unit].operators.begin(), graph[unit].operators.end());
  }
  return make_block(workload, std::move(operators));
}

}  // namespace tileloom::scheduler

#include "tileloom/cost/profiles/defines2022/merged.hpp"

#include "tileloom/cost/profiles/defines2022/data.hpp"

namespace tileloom::cost::defines2022 {
namespace {

Relevance relevance(const PreparedOperand& operand, Dim dim) {
  return operand.relevance[static_cast<std::size_t>(dim)];
}

/// The boundary after the loops at `from`, … that are irrelevant.
int sink(const PreparedOperand& operand, const std::vector<TemporalLoop>& order, int from) {
  auto i = static_cast<std::size_t>(from);
  while (i < order.size() && relevance(operand, order[i].dim) == Relevance::irrelevant) ++i;
  return static_cast<int>(i);
}

/// The runs at the outer end of loops [from, to).
void find_top_runs(const PreparedOperand& operand, const std::vector<TemporalLoop>& order, int from,
                   int to, double& top_relevant, double& top_irrelevant) {
  for (int i = to - 1; i >= from; --i) {
    const TemporalLoop& loop = order[static_cast<std::size_t>(i)];
    if (relevance(operand, loop.dim) != Relevance::relevant) break;
    top_relevant *= static_cast<double>(loop.size);
  }
  for (int i = to - 1; i >= from; --i) {
    const TemporalLoop& loop = order[static_cast<std::size_t>(i)];
    if (relevance(operand, loop.dim) != Relevance::irrelevant) break;
    top_irrelevant *= static_cast<double>(loop.size);
  }
}

MergedOperand merge_operand(const PreparedOperand& operand, const std::vector<TemporalLoop>& order,
                            const std::vector<int>& boundary) {
  MergedOperand merged;
  merged.below.emplace_back();
  merged.cycles.push_back(1);
  std::int64_t left = 1;
  for (const TemporalLoop& loop : order)
    if (relevance(operand, loop.dim) == Relevance::irrelevant) left *= loop.size;
  merged.left.push_back(left);
  merged.top_relevant.push_back(1);
  merged.top_irrelevant.push_back(1);
  int from = 0;
  for (const int before : boundary) {
    const int to = std::max(from, sink(operand, order, before));
    Sizes below = merged.below.back();
    std::int64_t cycles = merged.cycles.back();
    for (int i = from; i < to; ++i) {
      const TemporalLoop& loop = order[static_cast<std::size_t>(i)];
      below[loop.dim] *= loop.size;
      cycles *= loop.size;
      if (relevance(operand, loop.dim) == Relevance::irrelevant) left /= loop.size;
    }
    double top_relevant = 1;
    double top_irrelevant = 1;
    find_top_runs(operand, order, from, to, top_relevant, top_irrelevant);
    merged.boundary.push_back(to);
    merged.below.push_back(below);
    merged.cycles.push_back(cycles);
    merged.left.push_back(left);
    merged.top_relevant.push_back(top_relevant);
    merged.top_irrelevant.push_back(top_irrelevant);
    from = to;
  }
  return merged;
}

}  // namespace

std::vector<MergedOperand> merge(const Prepared& prepared, const Mapping& mapping) {
  std::vector<MergedOperand> merged;
  for (std::size_t o = 0; o < prepared.operands.size(); ++o)
    merged.push_back(merge_operand(prepared.operands[o], mapping.order, mapping.boundary[o]));
  return merged;
}

}  // namespace tileloom::cost::defines2022

#include "tileloom/workload/repeat.hpp"

#include <algorithm>

namespace tileloom {
namespace {

/// "image", with underscores behind it if the operator has such a rank.
std::string free_name(const Operator& op) {
  std::string name = "image";
  while (std::ranges::find(op.ranks, name, &Rank::name) != op.ranks.end()) name += "_";
  return name;
}

}  // namespace

RankId image_rank(const Operator& op) { return static_cast<RankId>(op.ranks.size() - 1); }

Workload repeated(Workload workload, std::int64_t images) {
  if (images == 1) return workload;
  for (Operator& op : workload.operators) {
    op.ranks.push_back({free_name(op), images});
    const Axis image{{{image_rank(op), 1}}, 0, images};
    for (Operand& input : op.inputs) {
      if (workload.tensors[input.tensor].kind == TensorKind::constant) continue;
      input.axes.insert(input.axes.begin(), image);
    }
    op.output.axes.insert(op.output.axes.begin(), image);
  }
  for (Tensor& tensor : workload.tensors) {
    if (tensor.kind != TensorKind::constant) tensor.shape.insert(tensor.shape.begin(), images);
  }
  for (NodeCoverage& node : workload.coverage) {
    node.macs *= images;
    node.bits_moved *= images;
  }
  return workload;
}

}  // namespace tileloom

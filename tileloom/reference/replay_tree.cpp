#include "tileloom/reference/replay_tree.hpp"

#include "tileloom/cost/latency.hpp"
#include "tileloom/loop_tree/boxes.hpp"
#include "tileloom/loop_tree/own_path.hpp"
#include "tileloom/reference/fused_peaks.hpp"
#include "tileloom/reference/replay.hpp"
#include "tileloom/reference/replay_fused.hpp"

namespace tileloom::reference {
namespace {

ReplayedPart replay_operator(const Operator& op, OperatorId id, const Architecture& arch,
                             const std::vector<PathNode>& path, cost::LatencyModel model,
                             TensorValues& tensors) {
  Interpretation run = interpret_path(op, arch, path, tensors);
  tensors[op.output.tensor] = std::move(run.output);
  ReplayedPart part;
  part.operators = {id};
  const cost::Latency time =
      cost::latency(arch, run.counts, cost::store_widths(op, path));
  for (const cost::PortTime& port : time.ports) part.bits[{port.memory, port.kind}] += port.bits;
  part.cycles = model == cost::LatencyModel::stalling ? replay_path(op, arch, path)
                                                      : static_cast<double>(time.total.value);
  std::size_t s = 0;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const Store* store = std::get_if<Store>(&path[i]);
    if (store == nullptr) continue;
    part.peaks[store->memory] +=
        run.counts.stores[s++].tile * element_bits(op, path, i) * copies(arch, *store);
  }
  return part;
}

ReplayedPart replay_stack(const Workload& workload, const Architecture& arch,
                          const FusedStack& stack, TensorValues& tensors) {
  FusedInterpretation run = interpret_fused(workload, arch, stack, tensors);
  const FusedReplay time = replay_fused(workload, arch, stack, run);
  ReplayedPart part;
  for (const LeafPath& child : stack.children) part.operators.push_back(child.op);
  part.cycles = time.cycles;
  part.bits = time.bits;
  part.peaks = fused_peaks(workload, arch, stack, fused_sets(workload, stack), run);
  tensors = std::move(run.tensors);
  return part;
}

}  // namespace

TreeReplay replay_tree(const Workload& workload, const Architecture& arch,
                       const std::vector<PathNode>& homes, const std::vector<LoopTree>& parts,
                       cost::LatencyModel model, TensorValues tensors) {
  TreeReplay replay;
  for (const LoopTree& part : parts) {
    if (is_fused(part)) {
      replay.parts.push_back(
          replay_stack(workload, arch, fused_stack(workload, part, homes), tensors));
      continue;
    }
    const OperatorId id = std::get<ComputeLeaf>(part.tail).op;
    replay.parts.push_back(replay_operator(workload.operators[id], id, arch,
                                           own_path(workload, homes, {id, part.path}), model,
                                           tensors));
  }
  replay.tensors = std::move(tensors);
  return replay;
}

}  // namespace tileloom::reference

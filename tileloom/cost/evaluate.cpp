#include "tileloom/cost/evaluate.hpp"

#include "tileloom/cost/energy.hpp"
#include "tileloom/cost/latency.hpp"
#include "tileloom/cost/occupancy.hpp"
#include "tileloom/cost/stalling.hpp"

namespace tileloom::cost {

std::string to_string(LatencyModel model) {
  return model == LatencyModel::overlapped ? "overlapped" : "stalling";
}

Evaluation evaluate(const Operator& op, const Architecture& arch, std::span<const PathNode> path,
                    LatencyModel model) {
  Evaluation evaluation;
  evaluation.counts = count_path(op, arch, path);
  const std::vector<StoreWidth> widths = store_widths(op, path);
  evaluation.occupancy = occupancy(arch, evaluation.counts, widths);
  evaluation.latency = latency(arch, evaluation.counts, widths);
  if (model == LatencyModel::stalling) {
    add_stalls(op, arch, path, evaluation.counts, widths, evaluation.latency);
  }
  evaluation.store_energy = store_energy(arch, evaluation.counts, widths);
  evaluation.compute_energy = compute_energy(op, arch);
  evaluation.energy = total_energy(evaluation.store_energy, evaluation.compute_energy);
  evaluation.utilisation = utilisation(arch, evaluation.counts, evaluation.latency);
  return evaluation;
}

}  // namespace tileloom::cost

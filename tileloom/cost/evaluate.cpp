#include "tileloom/cost/evaluate.hpp"

#include <fmt/format.h>

#include <array>

#include "tileloom/cost/energy.hpp"
#include "tileloom/cost/latency.hpp"
#include "tileloom/cost/occupancy.hpp"
#include "tileloom/cost/stalling.hpp"
#include "tileloom/support/nearest.hpp"

namespace tileloom::cost {

std::string to_string(LatencyModel model) {
  return model == LatencyModel::overlapped ? "overlapped" : "stalling";
}

Result<LatencyModel> parse_latency_model(std::string_view text) {
  static const std::array<std::string, 2> names{to_string(LatencyModel::overlapped),
                                                to_string(LatencyModel::stalling)};
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == text) return static_cast<LatencyModel>(i);
  }
  return mistake({}, fmt::format("unknown latency model '{}'", text), suggestion(text, names));
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

#include "tileloom/cost/profiles/defines2022/evaluate.hpp"

#include "tileloom/cost/profiles/defines2022/boundary.hpp"
#include "tileloom/cost/profiles/defines2022/latency.hpp"
#include "tileloom/cost/profiles/defines2022/merged.hpp"

namespace tileloom::cost::defines2022 {
namespace {

struct OperandEnergy {
  std::vector<Picojoules> by_level;
  std::vector<std::array<double, kLinks>> words;
};

/// Per memory (read-high + read-low) + (write-high + write-low).
OperandEnergy operand_energy(const PreparedOperand& operand, const Instances& spread,
                             const MergedOperand& merged) {
  std::vector<BoundaryEnergy> across;
  for (int b = 0; b < operand.levels(); ++b) {
    const auto i = static_cast<std::size_t>(b);
    const bool partial = is_partial(operand, merged.left[i], b, Unrolled::fraction);
    across.push_back(boundary_energy(operand, spread,
                                     boundary(operand, spread, merged.below[i], b,
                                              merged.cycles.back(), partial, Unrolled::fraction),
                                     b));
  }
  across.emplace_back();  // nothing above the top
  OperandEnergy result;
  for (std::size_t k = 0; k + 1 < across.size(); ++k) {
    const BoundaryEnergy& low = across[k];
    const BoundaryEnergy& high = across[k + 1];
    const double reads = high.energy[at(Link::to_high)] + low.energy[at(Link::to_low)];
    const double writes = high.energy[at(Link::from_high)] + low.energy[at(Link::from_low)];
    result.by_level.push_back({reads + writes});
    std::array<double, kLinks>& words = result.words.emplace_back(low.words);
    words[at(Link::to_high)] = high.words[at(Link::to_high)];
    words[at(Link::from_high)] = high.words[at(Link::from_high)];
  }
  return result;
}

}  // namespace

LayerCost evaluate(const Prepared& prepared, const Mapping& mapping) {
  SizeRanges tested(prepared.memories.size());
  return evaluate(prepared, mapping, tested);
}

LayerCost evaluate(const Prepared& prepared, const Mapping& mapping, SizeRanges& tested) {
  const std::vector<MergedOperand> merged = merge(prepared, mapping);
  const std::vector<Instances> spread = instances(prepared, Unrolled::fraction);
  LayerCost cost;
  cost.mac_energy = {static_cast<double>(prepared.macs) * prepared.mac_energy};
  for (std::size_t o = 0; o < prepared.operands.size(); ++o) {
    OperandEnergy energy = operand_energy(prepared.operands[o], spread[o], merged[o]);
    for (const Picojoules level : energy.by_level) cost.energy += level;
    cost.energy_by_level.push_back(std::move(energy.by_level));
    cost.words.push_back(std::move(energy.words));
  }
  cost.energy += cost.mac_energy;

  Latency time = latency(prepared, merged, tested);
  cost.double_buffered = std::move(time.double_buffered);
  cost.ideal = {(prepared.macs + prepared.pes - 1) / prepared.pes};
  cost.temporal = {time.temporal};
  cost.stall = {time.stall};
  cost.loading = {time.loading};
  cost.offloading = {time.offloading};
  cost.latency0 = cost.temporal + cost.stall;
  cost.latency1 = cost.latency0 + cost.loading;
  cost.latency2 = cost.latency1 + cost.offloading;
  return cost;
}

}  // namespace tileloom::cost::defines2022

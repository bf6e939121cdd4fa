#include "tileloom/cost/profiles/zigzag385/evaluate.hpp"

#include <cmath>

#include "tileloom/cost/profiles/defines2022/latency.hpp"
#include "tileloom/cost/profiles/zigzag385/overlap.hpp"

namespace tileloom::cost::zigzag385 {
namespace {

using namespace defines2022;

/// Whole words of full width: ⌊⌈amount·p/g⌉·(g/bw)·count·instances⌋, whatever the link faces.
double words(const Transfer& transfer, double least, double width, double instances) {
  if (transfer.count == 0) return 0;
  return std::floor(std::ceil(transfer.amount * static_cast<double>(transfer.bits) / least) *
                    (least / width) * static_cast<double>(transfer.count) * instances);
}

/// Energy of memory k: its low links across boundary k, its high links across boundary k + 1.
Picojoules memory_energy(const Rung& rung, const Instances& spread, const Boundary& low,
                         const Boundary& high, std::size_t k) {
  const double above = spread.all[k + 1];
  const double reads = words(high.to_high, rung.least_read, rung.read_width, above) +
                       words(low.to_low, rung.least_read, rung.read_width, above);
  const double writes = words(high.from_high, rung.least_write, rung.write_width, above) +
                        words(low.from_low, rung.least_write, rung.write_width, above);
  return {reads * rung.read_energy + writes * rung.write_energy};
}

}  // namespace

zigzag385::LayerCost evaluate(const Prepared& prepared, const Mapping& mapping) {
  const std::vector<MergedOperand> merged = merge(prepared, mapping);
  zigzag385::LayerCost cost;
  cost.mac_energy = {static_cast<double>(prepared.macs) * prepared.mac_energy};
  cost.energy = cost.mac_energy;
  constexpr Unrolled kEnergy = Unrolled::fraction_whole_windows;
  const PerLevel<Boundary> traffic = all_boundaries(prepared, merged, kEnergy);
  const std::vector<Instances> spread = instances(prepared, kEnergy);
  for (std::size_t o = 0; o < prepared.operands.size(); ++o) {
    cost.energy_by_level.emplace_back();
    for (std::size_t k = 0; k < traffic[o].size(); ++k) {
      const Boundary high = k + 1 < traffic[o].size() ? traffic[o][k + 1] : Boundary{};
      cost.energy_by_level[o].push_back(
          memory_energy(prepared.operands[o].rungs[k], spread[o], traffic[o][k], high, k));
      cost.energy += cost.energy_by_level[o].back();
    }
  }

  const PerLevel<Boundary> whole = all_boundaries(prepared, merged, Unrolled::rounded_down);
  cost::defines2022::SizeRanges tested(prepared.memories.size());
  const PerLevel<bool> doubled =
      double_buffering(prepared, merged, Unrolled::rounded_down, tested);
  cost.ideal = {static_cast<double>(prepared.macs) / static_cast<double>(prepared.pes)};
  cost.temporal = {static_cast<double>(merged[0].cycles.back())};
  cost.latency0 = {cost.temporal.value + stall(prepared, merged, whole, doubled)};
  const LoadingAndOffloading ends = overlapped(prepared, merged, whole, cost.latency0.value);
  cost.latency1 = {cost.latency0.value + ends.loading};
  cost.latency2 = {cost.latency1.value + ends.offloading};
  return cost;
}

}  // namespace tileloom::cost::zigzag385

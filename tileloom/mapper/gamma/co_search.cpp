#include "tileloom/mapper/gamma/co_search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tileloom/mapper/gamma/search.hpp"
#include "tileloom/mapper/genome_repair.hpp"
#include "tileloom/mapper/incumbent.hpp"
#include "tileloom/support/random.hpp"

namespace tileloom::mapper {
namespace {

constexpr double kLane = 282;   // µm²
constexpr double kBit = 0.086;  // µm²
constexpr std::size_t kStarts = 40;

/// The largest machine the budget leaves room for, but for the area. The outermost memory stays.
Architecture largest(const Architecture& arch, const HardwareBudget& hardware) {
  Architecture open = arch;
  for (const MemoryId memory : ids<MemoryId>(open.memories.size())) {
    if (index(memory) > 0) open.memories[memory].capacity = std::nullopt;
  }
  for (const auto& [memory, most] : hardware.capacities) open.memories[memory].capacity = most;
  if (hardware.lanes) {
    for (const AxisId axis : ids<AxisId>(open.axes.size())) open.axes[axis].size = *hardware.lanes;
  }
  return open;
}

/// Genomes that need little: unit tiles, random ranks, from one lane to as many as the budget
/// holds.
std::vector<Genome> small_machines(const GenomeSpace& space, double most_lanes, Random& random) {
  std::vector<Genome> starts(kStarts, plain_genome(space));
  for (std::size_t i = 0; i < starts.size(); ++i) {
    Genome& genome = starts[i];
    double lanes = std::pow(most_lanes, static_cast<double>(i) / static_cast<double>(kStarts));
    for (std::size_t p = 0; p < space.parts.size(); ++p) {
      genome.rank[p] = static_cast<std::uint16_t>(random.below(space.ranks()));
      const double extent = static_cast<double>(space.map.op->ranks[genome.rank[p]].extent);
      const double share = std::clamp(std::floor(lanes), 1.0, extent);
      genome.positions[p] = static_cast<std::int64_t>(share);
      lanes /= share;
    }
  }
  return starts;
}

/// Gives the machine the sizes a genome asks for.
void size_to(const GenomeSpace& space, const Genome& genome, Chunks& chunks, Architecture& arch) {
  for (const AxisId axis : ids<AxisId>(arch.axes.size())) {
    std::int64_t positions = 1;
    for (std::size_t p = 0; p < space.parts.size(); ++p) {
      if (space.parts[p].axis == axis) positions *= genome.positions[p];
    }
    arch.axes[axis].size = positions;
  }
  for (const MemoryId memory : ids<MemoryId>(arch.memories.size())) {
    if (index(memory) == 0) continue;
    const std::int64_t bits = bits_needed(space, genome, memory, chunks);
    arch.memories[memory].capacity = Bits{std::max<std::int64_t>(bits, 1)};
  }
}

bool within(const Architecture& arch, const HardwareBudget& hardware) {
  return (!hardware.area || area_um2(arch) <= *hardware.area) &&
         (!hardware.lanes || lanes(arch) <= *hardware.lanes);
}

/// Why not even one lane with single elements is within the budget; empty if it is.
std::string why_too_small(const GenomeSpace& space, const HardwareBudget& hardware, Chunks& chunks,
                          Architecture& arch) {
  if (std::string reason = why_infeasible(space.map); !reason.empty()) return reason;
  Genome least = plain_genome(space);
  for (std::size_t i = 0; i < least.keeps.size(); ++i) {
    least.keeps[i] = space.map.residents[i].must_keep;
  }
  repair(space, least, chunks);
  size_to(space, least, chunks, arch);
  if (within(arch, hardware) || !hardware.area) return "";
  return fmt::format("the smallest machine takes {:.1f} um2, more than the {:.1f} um2 allowed",
                     area_um2(arch), *hardware.area);
}

}  // namespace

double area_um2(const Architecture& arch) {
  double area = kLane * static_cast<double>(lanes(arch));
  for (const MemoryId memory : ids<MemoryId>(arch.memories.size())) {
    const Memory& held = arch.memories[memory];
    if (index(memory) == 0 || !held.capacity) continue;
    area += kBit * static_cast<double>(instances(arch, memory)) *
            static_cast<double>(held.capacity->value);
  }
  return area;
}

CoDesign co_search(const Problem& problem, const HardwareBudget& hardware,
                   const GammaOptions& options, const Budget& budget) {
  const Architecture open = largest(problem.arch, hardware);
  const GenomeSpace space = make_genome_space(problem.workload, problem.op, open,
                                              problem.constraints, options.levels, options.ranks);
  CoDesign design{problem.arch, {}, 0};
  design.result.space = "machines and genomes";
  Chunks chunks;
  design.result.reason = why_too_small(space, hardware, chunks, design.arch);
  if (!design.result.reason.empty()) {
    design.result.proof = Proof::infeasible;
    return design;
  }
  gamma::Goal goal{problem.objective, std::nullopt, std::nullopt, nullptr};
  goal.accepts = [&](const Genome& genome) {
    size_to(space, genome, chunks, design.arch);
    return within(design.arch, hardware);
  };
  Random random(budget.seed);
  double most_lanes = static_cast<double>(lanes(problem.arch));
  if (hardware.lanes) most_lanes = static_cast<double>(*hardware.lanes);
  if (hardware.area) most_lanes = std::min(most_lanes, std::max(1.0, *hardware.area / kLane / 2));
  const std::vector<Genome> starts = small_machines(space, most_lanes, random);
  const gamma::Outcome outcome = gamma::search(space, options, goal, budget, starts, nullptr);
  if (outcome.best) {
    const std::string words = design.result.space;
    size_to(space, outcome.best->genome, chunks, design.arch);
    design.result =
        answer({problem.workload, problem.op, design.arch, problem.objective, problem.constraints},
               tree_of(space, outcome.best->genome));
    design.result.space = words;
    design.result.proof = Proof::feasible;
    design.area = area_um2(design.arch);
  }
  design.result.evaluations = outcome.samples;
  return design;
}

}  // namespace tileloom::mapper

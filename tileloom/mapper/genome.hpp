#pragma once
// A mapping as a genome of fixed length: what genetic algorithms and black-box optimisers change.
// docs/mapping_search.md, section 7.

#include <cstdint>
#include <memory>
#include <vector>

#include "tileloom/mapper/mapspace.hpp"

namespace tileloom::mapper {

/// A level of parallelism: a spatial axis, or a part of one. The positions of the parts of one axis
/// multiply to at most its size.
struct Part {
  AxisId axis{};
  std::size_t group = 0;  ///< of temporal loops that goes over what does not fit into the positions
  bool outermost = true;  ///< of its axis
  bool operator==(const Part&) const = default;
};

/// What a path consists of below the homes, from the outside in.
struct GenomeStep {
  enum class Kind : std::uint8_t {
    group,   ///< temporal loops over any rank
    stores,  ///< of one memory
    part     ///< the spatial loop of one part
  };
  Kind kind = Kind::group;
  std::size_t index = 0;  ///< of the group or part; the MemoryId
  bool operator==(const GenomeStep&) const = default;
};

/// The skeleton of one operator on one architecture. With two parts per axis, a machine of DRAM, L2
/// and PEs with an L1 each is GAMMA's two-level space:
///     homes  [group 0]  L2  part 0  [group 1]  part 1  L1  [rest]
/// A part that spreads tiles of its rank over n positions has the loop over the tiles that are left
/// in its group. Between the Stores of two memories there is at least one group.
struct GenomeSpace {
  /// Of an operator without ranks: the workload with a rank of one step, that genomes have a place
  /// for every gene; no loop is ever written over it.
  std::shared_ptr<const Workload> with_a_rank;
  MapSpace map;
  std::vector<GenomeStep> steps;
  std::vector<Part> parts;
  std::vector<MemoryId> group_memory;  ///< per group: the memory its loops belong to
  std::vector<std::uint16_t> rest;     ///< order of the innermost loops
  bool must_check = false;  ///< decoded paths may break rules 4, 5 or 7 or the constraints

  std::size_t ranks() const { return map.ranks(); }
  std::size_t groups() const { return group_memory.size(); }
};

/// `parts_per_axis`: GAMMA's levels of parallelism, 1 to 3; `ranks_per_part`: how many ranks each
/// of them spreads, every one a Part of its own, all of one group (GAMMA's sp and sp2).
GenomeSpace make_genome_space(const Workload& workload, OperatorId id, const Architecture& arch,
                              const Constraints& constraints, std::size_t parts_per_axis = 2,
                              std::size_t ranks_per_part = 1);

/// One mapping.
struct Genome {
  std::vector<std::uint16_t> rank;      ///< [part] → the rank it spreads
  std::vector<std::int64_t> positions;  ///< [part], ≥ 1; 1 = part not in use
  std::vector<std::uint16_t> order;     ///< [group · ranks + place] → rank, outermost first
  /// [group · ranks + rank]: chunk of the rank inside the group and its parts.
  std::vector<std::int64_t> tile;
  std::vector<std::uint32_t> keeps;  ///< per resident: bit m = a Store in memory m
  bool operator==(const Genome&) const = default;
};

/// The plainest genome: nothing spread, tiles of 1, everything kept wherever it may be.
Genome plain_genome(const GenomeSpace& space);

/// Product of the positions that the parts of `group` give to `rank`.
std::int64_t positions_of(const GenomeSpace& space, const Genome& genome, std::size_t group,
                          std::size_t rank);

/// Room for the numbers of one decoding, used again by the next.
using Chunks = std::vector<std::int64_t>;

/// The path a legal genome stands for. Loops of one trip are left out.
void write_path(const GenomeSpace& space, const Genome& genome, Chunks& chunks,
                std::vector<PathNode>& path);
LoopTree tree_of(const GenomeSpace& space, const Genome& genome);

/// True if the path obeys the rules that a repaired genome can still break: 4, 5 and 7 of
/// docs/cost_model.md 1.6 and the constraints. Occupancy is not looked at.
bool legal(const GenomeSpace& space, const std::vector<PathNode>& path);

}  // namespace tileloom::mapper

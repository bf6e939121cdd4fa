#include "tileloom/mapper/genome.hpp"

#include <algorithm>
#include <numeric>

#include "tileloom/loop_tree/path_rules.hpp"
#include "tileloom/mapper/memory_bit.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::mapper {
namespace {

using Kind = GenomeStep::Kind;

/// The axis has an inner memory that is shared along it: between its loops and that memory's Stores
/// there must not be a temporal loop (rule 4).
bool shared_inside(const Architecture& arch, AxisId axis) {
  return std::ranges::any_of(arch.memories, [&](const Memory& memory) {
    return std::ranges::find(memory.shared_along, axis) != memory.shared_along.end();
  });
}

/// Lays the steps out, memory by memory.
class Layout {
 public:
  Layout(GenomeSpace& space, std::size_t parts_per_axis, std::size_t ranks_per_part)
      : space_(space),
        arch_(*space.map.arch),
        parts_per_axis_(parts_per_axis),
        ranks_per_part_(ranks_per_part) {}

  void run() {
    std::size_t innermost_home = 0;
    for (const Resident& resident : space_.map.residents) {
      innermost_home = std::max(innermost_home, index(resident.home));
    }
    for (std::size_t m = innermost_home; m < arch_.memories.size(); ++m) {
      memory_ = m;
      if (m > innermost_home) space_.steps.push_back({Kind::stores, m});
      add_section(m == innermost_home);
    }
  }

 private:
  /// What stands between the Stores of a memory and those of the next one.
  void add_section(bool first) {
    std::vector<AxisId> together, apart;
    for (const AxisId axis : ids<AxisId>(arch_.axes.size())) {
      if (arch_.axes[axis].below != memory_ + 1) continue;
      (shared_inside(arch_, axis) ? together : apart).push_back(axis);
    }
    const bool last = memory_ + 1 == arch_.memories.size();
    if (apart.empty() && together.empty()) {
      if (!last) add_group();
      return;
    }
    // The loops over what the first part leaves stand in the group before it.
    if (first && !apart.empty()) add_group();
    std::size_t parts = 0;
    for (const AxisId axis : apart) {
      for (std::size_t turn = 0; turn < parts_per_axis_; ++turn) {
        if (parts++ > 0) add_group();
        for (std::size_t k = 0; k < ranks_per_part_; ++k) add_part(axis, turn + k == 0);
      }
    }
    if ((parts == 1 && !last) || !together.empty()) add_group();
    for (const AxisId axis : together) add_part(axis, true);
  }

  void add_group() {
    space_.steps.push_back({Kind::group, space_.groups()});
    space_.group_memory.push_back(static_cast<MemoryId>(memory_));
  }
  void add_part(AxisId axis, bool outermost) {
    space_.steps.push_back({Kind::part, space_.parts.size()});
    space_.parts.push_back({axis, space_.groups() - 1, outermost});
  }

  GenomeSpace& space_;
  const Architecture& arch_;
  std::size_t parts_per_axis_;
  std::size_t ranks_per_part_;
  std::size_t memory_ = 0;
};

/// Ranks that rules name go to the inside, in their order.
void obey_order_rules(const GenomeSpace& space, MemoryId memory, std::span<std::uint16_t> order) {
  for (const OrderRule& rule : space.map.constraints->orders) {
    if (rule.memory != memory) continue;
    std::ranges::stable_sort(order, {}, [&](std::uint16_t rank) {
      const auto named = std::ranges::find(rule.ranks, space.map.op->ranks[rank].name);
      return named == rule.ranks.end() ? -1 : named - rule.ranks.begin();
    });
  }
}

void write_group(const GenomeSpace& space, const Genome& genome, std::size_t group, Chunks& chunks,
                 std::vector<PathNode>& path) {
  const std::size_t ranks = space.ranks();
  for (std::size_t place = 0; place < ranks; ++place) {
    const std::uint16_t r = genome.order[group * ranks + place];
    const std::int64_t tile =
        genome.tile[group * ranks + r] * positions_of(space, genome, group, r);
    if (tile >= chunks[r]) continue;
    chunks[r] = tile;
    path.push_back(Loop{space.map.id, RankId{r}, tile, std::nullopt});
  }
}

void write_part(const GenomeSpace& space, const Genome& genome, std::size_t p, Chunks& chunks,
                std::vector<PathNode>& path) {
  const Part& part = space.parts[p];
  const std::uint16_t r = genome.rank[p];
  // Positions of further parts of the same group over the same rank cut the tile again.
  std::int64_t tile = genome.tile[part.group * space.ranks() + r];
  for (std::size_t q = p + 1; q < space.parts.size(); ++q) {
    if (space.parts[q].group == part.group && genome.rank[q] == r) tile *= genome.positions[q];
  }
  if (genome.positions[p] == 1 || tile >= chunks[r]) return;
  chunks[r] = tile;
  path.push_back(Loop{space.map.id, RankId{r}, tile, part.axis});
}

void write_stores(const GenomeSpace& space, const Genome& genome, std::size_t memory,
                  std::vector<PathNode>& path) {
  for (std::size_t i = 0; i < space.map.residents.size(); ++i) {
    const Resident& resident = space.map.residents[i];
    if (index(resident.home) != memory &&
        (genome.keeps[i] & bit(static_cast<MemoryId>(memory))) != 0) {
      path.push_back(Store{resident.tensor, static_cast<MemoryId>(memory)});
    }
  }
}

}  // namespace

GenomeSpace make_genome_space(const Workload& workload, OperatorId id, const Architecture& arch,
                              const Constraints& constraints, std::size_t parts_per_axis,
                              std::size_t ranks_per_part) {
  GenomeSpace space;
  if (workload.operators[id].ranks.empty()) {
    auto copy = std::make_shared<Workload>(workload);
    copy->operators[id].ranks.push_back({"one", 1});
    space.with_a_rank = std::move(copy);
  }
  space.map =
      make_map_space(space.with_a_rank ? *space.with_a_rank : workload, id, arch, constraints);
  Layout(space, parts_per_axis, ranks_per_part).run();
  space.rest.resize(space.ranks());
  std::iota(space.rest.begin(), space.rest.end(), std::uint16_t{0});
  const auto innermost = static_cast<MemoryId>(arch.memories.size() - 1);
  obey_order_rules(space, innermost, space.rest);
  const Operator& op = *space.map.op;
  const bool overlapping =
      std::ranges::any_of(op.output.axes, [](const Axis& axis) { return axis.terms.size() > 1; });
  const bool shared = std::ranges::any_of(
      arch.memories, [](const Memory& memory) { return !memory.shared_along.empty(); });
  // Repair obeys rules about Stores, unless they contradict each other.
  Constraints stores;
  stores.stores = constraints.stores;
  Constraints others = constraints;
  others.stores.clear();
  const LoopTree plain = tree_of(space, plain_genome(space));
  space.must_check = overlapping || shared || !others.empty() ||
                     !broken_rules(stores, workload, arch, id, plain.path).empty();
  return space;
}

Genome plain_genome(const GenomeSpace& space) {
  Genome genome;
  genome.rank.assign(space.parts.size(), 0);
  genome.positions.assign(space.parts.size(), 1);
  genome.tile.assign(space.groups() * space.ranks(), 1);
  for (const MemoryId memory : space.group_memory) {
    std::vector<std::uint16_t> order(space.ranks());
    std::iota(order.begin(), order.end(), std::uint16_t{0});
    obey_order_rules(space, memory, order);
    genome.order.insert(genome.order.end(), order.begin(), order.end());
  }
  for (const Resident& resident : space.map.residents) genome.keeps.push_back(resident.may_keep);
  return genome;
}

std::int64_t positions_of(const GenomeSpace& space, const Genome& genome, std::size_t group,
                          std::size_t rank) {
  std::int64_t positions = 1;
  for (std::size_t p = 0; p < space.parts.size(); ++p) {
    if (space.parts[p].group == group && genome.rank[p] == rank) positions *= genome.positions[p];
  }
  return positions;
}

void write_path(const GenomeSpace& space, const Genome& genome, Chunks& chunks,
                std::vector<PathNode>& path) {
  path.clear();
  chunks.clear();
  for (const Rank& rank : space.map.op->ranks) chunks.push_back(rank.extent);
  for (const Resident& resident : space.map.residents) {
    path.push_back(Store{resident.tensor, resident.home});
  }
  for (const GenomeStep& step : space.steps) {
    switch (step.kind) {
      case Kind::group:
        write_group(space, genome, step.index, chunks, path);
        break;
      case Kind::stores:
        write_stores(space, genome, step.index, path);
        break;
      case Kind::part:
        write_part(space, genome, step.index, chunks, path);
        break;
    }
  }
  for (const std::uint16_t r : space.rest) {
    if (chunks[r] > 1) path.push_back(Loop{space.map.id, RankId{r}, 1, std::nullopt});
  }
}

LoopTree tree_of(const GenomeSpace& space, const Genome& genome) {
  LoopTree tree;
  Chunks chunks;
  write_path(space, genome, chunks, tree.path);
  tree.tail = ComputeLeaf{space.map.id};
  return tree;
}

bool legal(const GenomeSpace& space, const std::vector<PathNode>& path) {
  if (!space.must_check) return true;
  const MapSpace& map = space.map;
  if (!tileloom::broken_rules({*map.workload, *map.arch, map.id, path}).empty()) return false;
  return map.constraints->empty() ||
         broken_rules(*map.constraints, *map.workload, *map.arch, map.id, path).empty();
}

}  // namespace tileloom::mapper

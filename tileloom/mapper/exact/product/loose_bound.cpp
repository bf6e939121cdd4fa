#include "tileloom/mapper/exact/product/loose_bound.hpp"

#include <algorithm>
#include <cmath>

namespace tileloom::mapper::product {
namespace {

/// Forms of the bits read and written at every memory, and of the energy.
class LooseForms {
 public:
  LooseForms(const Terrain& terrain, const Layout& layout, LooseBound& loose)
      : terrain_(terrain), loose_(loose) {
    loose.energy.factors.assign(layout.quantities.size(), 0);
    loose.energy.constant = terrain.compute_energy;
    Form none = loose.energy;
    none.constant = 0;
    read_.assign(terrain.memories.size(), none);
    written_ = read_;
  }

  /// `m`: multipliers; general axes included only where no quantity stands for them.
  void charge(const Placement& placement, std::size_t k, const Multipliers& m, double trips,
              std::size_t united, std::size_t each) {
    least_accesses(
        terrain_, placement, k, m, trips,
        [&](MemoryId memory, double read, double written, bool of_each) {
          const MemoryFacts& facts = terrain_.memories[index(memory)];
          const std::size_t quantity = of_each ? each : united;
          add(loose_.energy, read * facts.read_per_bit + written * facts.write_per_bit, quantity);
          add(read_[index(memory)], read, quantity);
          add(written_[index(memory)], written, quantity);
        },
        [&](double energy) { add(loose_.energy, energy, each); });
  }

  void finish() {
    for (std::size_t m = 0; m < terrain_.memories.size(); ++m) {
      const MemoryFacts& memory = terrain_.memories[m];
      const double most = memory.most_instances;
      if (memory.read) add_port(m, 1 / (most * *memory.read), 0);
      if (memory.write) add_port(m, 0, 1 / (most * *memory.write));
      if (memory.shared) add_port(m, 1 / (most * *memory.shared), 1 / (most * *memory.shared));
    }
  }

 private:
  static void add(Form& form, double value, std::size_t quantity) {
    (quantity == SIZE_MAX ? form.constant : form.factors[quantity]) += value;
  }

  void add_port(std::size_t m, double per_read, double per_written) {
    Form form = read_[m];
    form.constant = per_read * read_[m].constant + per_written * written_[m].constant;
    for (std::size_t q = 0; q < form.factors.size(); ++q) {
      form.factors[q] = per_read * read_[m].factors[q] + per_written * written_[m].factors[q];
    }
    loose_.ports.push_back(std::move(form));
  }

  const Terrain& terrain_;
  LooseBound& loose_;
  std::vector<Form> read_;
  std::vector<Form> written_;
};

/// The least over the choices.
Multipliers least_multipliers(const Terrain& terrain, std::size_t group,
                              std::span<const SpatialChoice* const> own, const Boundary& boundary,
                              bool least) {
  Multipliers result{INFINITY, INFINITY, INFINITY};
  for (const SpatialChoice* choice : own) {
    const Multipliers m = multipliers(terrain, terrain.groups[group], *choice, boundary, least);
    result.united = std::min(result.united, m.united);
    result.all = std::min(result.all, m.all);
    result.each = std::min(result.each, m.each);
  }
  return result;
}

}  // namespace

LooseBound loose_bound(const Terrain& terrain, const Placement& placement,
                       std::span<const std::size_t> ids, const BoundaryTable& table,
                       const Layout& layout, std::size_t group,
                       std::span<const SpatialChoice* const> own) {
  double most_lanes = 1;
  for (const SpatialChoice* choice : own) {
    double lanes = choice->lanes;
    for (std::size_t a = 0; a < terrain.open.size(); ++a) {
      lanes *= static_cast<double>(terrain.open[a].size / choice->used[a]);
    }
    most_lanes = std::max(most_lanes, lanes);
  }
  LooseBound loose;
  loose.cycles =
      std::max(own[0]->steps, terrain.points / most_lanes) * terrain.cycles_per_operation;
  // Whatever the loops, every used index of the group's general axes counts once.
  for (const Quantity& quantity : layout.quantities) {
    double used = 1;
    for (const std::size_t a : terrain.operands[placement.boundaries[quantity.boundary].operand].axes) {
      if (terrain.group_of[terrain.axes[a].ranks[0]] == group) used *= terrain.axes[a].used;
    }
    loose.floor.push_back(used);
  }
  double reductions = reduction_trips(terrain, terrain.groups[group], *own[0]);
  for (std::size_t g = 0; g < terrain.groups.size(); ++g) {
    if (g != group) reductions *= table.least[g][table.reductions()];
  }
  LooseForms forms(terrain, layout, loose);
  for (std::size_t k = 0; k < placement.boundaries.size(); ++k) {
    const Boundary& boundary = placement.boundaries[k];
    const OperandFacts& operand = terrain.operands[boundary.operand];
    std::size_t united = SIZE_MAX;
    std::size_t each = SIZE_MAX;
    for (std::size_t q = 0; q < layout.quantities.size(); ++q) {
      if (layout.quantities[q].boundary != k) continue;
      (layout.quantities[q].each ? each : united) = q;
    }
    if (boundary.child && each == SIZE_MAX) each = united;
    // The quantities stand for the group's general axes, except that the lanes' uses are constant.
    Multipliers mine = least_multipliers(terrain, group, own, boundary, united == SIZE_MAX);
    if (united != SIZE_MAX && !boundary.child) {
      mine.each = least_multipliers(terrain, group, own, boundary, true).each;
    }
    Multipliers m{operand.constant, operand.constant, operand.constant};
    for (std::size_t g = 0; g < terrain.groups.size(); ++g) {
      m.united *= g == group ? mine.united : table.least[g][2 * ids[k]];
      m.each *= g == group ? mine.each : table.least[g][2 * ids[k] + 1];
    }
    forms.charge(placement, k, m, reductions, united, each);
  }
  forms.finish();
  return loose;
}

}  // namespace tileloom::mapper::product

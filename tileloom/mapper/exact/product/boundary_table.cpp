#include "tileloom/mapper/exact/product/boundary_table.hpp"

#include <algorithm>
#include <cmath>

namespace tileloom::mapper::product {
namespace {

std::size_t find(const std::vector<Boundary>& boundaries, const Boundary& boundary) {
  const auto same = [&](const Boundary& other) {
    return other.operand == boundary.operand && other.parent == boundary.parent &&
           other.child == boundary.child;
  };
  return static_cast<std::size_t>(std::ranges::find_if(boundaries, same) - boundaries.begin());
}

}  // namespace

BoundaryTable make_boundary_table(const Terrain& terrain, const Choices& choices,
                                  std::span<const Placement> placements) {
  BoundaryTable table;
  for (const Placement& placement : placements) {
    for (const Boundary& boundary : placement.boundaries) {
      if (find(table.boundaries, boundary) == table.boundaries.size()) {
        table.boundaries.push_back(boundary);
      }
    }
  }
  for (std::size_t g = 0; g < terrain.groups.size(); ++g) {
    std::vector<double>& rows = table.rows.emplace_back();
    rows.reserve(choices[g].size() * table.width());
    for (const SpatialChoice& choice : choices[g]) {
      for (const Boundary& boundary : table.boundaries) {
        const Multipliers m =
            multipliers(terrain, terrain.groups[g], choice, boundary, /*least=*/true);
        rows.insert(rows.end(), {m.united, m.each});
      }
      rows.push_back(reduction_trips(terrain, terrain.groups[g], choice));
      rows.push_back(choice.steps);
    }
    std::vector<double>& least = table.least.emplace_back(table.width(), INFINITY);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      double& column = least[i % table.width()];
      column = std::min(column, rows[i]);
    }
  }
  return table;
}

double reduction_trips(const Terrain& terrain, const Group& group, const SpatialChoice& choice) {
  const OperandFacts& output = terrain.operands.back();
  double trips = 1;
  for (std::size_t r = 0; r < group.ranks.size(); ++r) {
    if (output.relevance[group.ranks[r]] != Relevance::none) continue;
    const auto positions = static_cast<double>(choice.positions_along(r, ~std::uint64_t{0}));
    trips *= std::max(1.0, static_cast<double>(terrain.extents[group.ranks[r]]) / positions);
  }
  return trips;
}

UpdateBits update_bits(const OperandFacts& output, bool home, double trips) {
  const double whole = output.least_width(false);
  const double partial = output.least_width(trips > 1);
  return {partial - (home ? partial : partial - whole) / trips, partial};
}

PlacementBound::PlacementBound(const Terrain& terrain, const BoundaryTable& table,
                               const Placement& placement)
    : output_(terrain.operands.back()),
      home_updates_(placement.first.rbegin()[1] + 1 == placement.boundaries.size()) {
  for (const Boundary& boundary : placement.boundaries) {
    ids_.push_back(find(table.boundaries, boundary));
    start_.insert(start_.end(), 2, terrain.operands[boundary.operand].constant);
  }
  start_.insert(start_.end(), 3, 0.0);
  energy_.constant = terrain.compute_energy;
  charge_accesses(terrain, placement);
}

/// Fills the rows.
void PlacementBound::charge_accesses(const Terrain& terrain, const Placement& placement) {
  std::vector<double> energy(start_.size(), 0.0);
  // Bits read and written at every memory per access.
  std::vector<std::vector<double>> read(terrain.memories.size(), energy);
  std::vector<std::vector<double>> written(read);
  const std::size_t updates = start_.size() - 3;
  const auto charge = [&](MemoryId id, std::size_t access, double bits_read, double bits_written) {
    const MemoryFacts& memory = terrain.memories[index(id)];
    energy[access] += bits_read * memory.read_per_bit + bits_written * memory.write_per_bit;
    read[index(id)][access] += bits_read;
    written[index(id)][access] += bits_written;
  };
  for (std::size_t k = 0; k + 1 < placement.boundaries.size(); ++k) {
    least_accesses(
        terrain, placement, k, Multipliers{1, 1, 1}, 1,
        [&](MemoryId id, double bits_read, double bits_written, bool each) {
          charge(id, 2 * k + (each ? 1 : 0), bits_read, bits_written);
        },
        [&](double hops) { energy[2 * k + 1] += hops; });
  }
  charge(placement.boundaries.back().parent, updates, 1, 0);
  charge(placement.boundaries.back().parent, updates + 1, 0, 1);
  energy[updates + 2] += placement.boundaries.back().hop;
  const auto keep = [](const std::vector<double>& factors, Row& row) {
    for (std::size_t a = 0; a < factors.size(); ++a) {
      if (factors[a] != 0) row.charges.push_back({a, factors[a]});
    }
  };
  keep(energy, energy_);
  for (std::size_t m = 0; m < terrain.memories.size(); ++m) {
    const MemoryFacts& memory = terrain.memories[m];
    const auto add_port = [&](std::optional<double> bandwidth, double reads, double writes) {
      if (!bandwidth) return;
      std::vector<double> cycles(start_.size());
      for (std::size_t a = 0; a < cycles.size(); ++a) {
        cycles[a] = (reads * read[m][a] + writes * written[m][a]) / memory.most_instances / *bandwidth;
      }
      Row row;
      keep(cycles, row);
      if (!row.charges.empty()) ports_.push_back(std::move(row));
    };
    add_port(memory.read, 1, 0);
    add_port(memory.write, 0, 1);
    add_port(memory.shared, 1, 1);
  }
}

void PlacementBound::multiply(const Accesses& from, std::span<const double> row,
                              std::span<const double> other, Accesses& to) const {
  for (std::size_t k = 0; k < ids_.size(); ++k) {
    const std::size_t id = 2 * ids_[k];
    to[2 * k] = from[2 * k] * row[id] * other[id];
    to[2 * k + 1] = from[2 * k + 1] * row[id + 1] * other[id + 1];
  }
}

Bounds PlacementBound::operator()(Accesses& accesses, double cycles, double reductions) const {
  const UpdateBits bits = update_bits(output_, home_updates_, reductions);
  const std::size_t lanes = 2 * (ids_.size() - 1);
  accesses[lanes + 2] = accesses[lanes] * bits.read;
  accesses[lanes + 3] = accesses[lanes] * bits.written;
  accesses[lanes + 4] = accesses[lanes + 1] * bits.written;
  const auto value = [&](const Row& row) {
    double sum = row.constant;
    for (const Charge& charge : row.charges) sum += charge.factor * accesses[charge.access];
    return sum;
  };
  Bounds bounds{cycles, value(energy_)};
  for (const Row& port : ports_) bounds.cycles = std::max(bounds.cycles, value(port));
  return bounds;
}

}  // namespace tileloom::mapper::product

#include "tileloom/mapper/loma/tables.hpp"

#include <algorithm>

#include "tileloom/cost/profiles/defines2022/layer.hpp"

namespace tileloom::mapper::loma {
namespace {

using namespace cost::defines2022;

/// Iterations of `dim` below, temporal and spatial, as a whole number.
std::int64_t extent(const PreparedOperand& operand, Dim dim, int level, std::int64_t temporal,
                    Extents extents) {
  std::int64_t numerator = temporal;
  std::int64_t denominator = 1;
  for (int a = 0; a <= level; ++a) {
    for (const SpatialLoop& loop : operand.spatial[static_cast<std::size_t>(a)]) {
      if (loop.dim != dim) continue;
      numerator *= loop.bound;
      denominator *= loop.steps;
    }
  }
  if (extents == Extents::truncated_in_windows &&
      operand.relevance[static_cast<std::size_t>(dim)] == Relevance::window)
    return numerator / denominator;
  return (numerator + denominator - 1) / denominator;
}

/// Elements held at a level.
std::int64_t elements_held(const PreparedOperand& operand, int level, const Sizes& temporal,
                           Extents extents) {
  std::array<std::int64_t, kDims> whole;
  for (const Dim dim : kAllDims)
    whole[static_cast<std::size_t>(dim)] = extent(operand, dim, level, temporal[dim], extents);
  return elements_of(operand, whole);
}

}  // namespace

std::int64_t elements_of(const PreparedOperand& operand,
                         const std::array<std::int64_t, kDims>& extent) {
  std::int64_t product = 1;
  for (std::size_t d = 0; d < kDims; ++d)
    if (operand.relevance[d] == Relevance::relevant) product *= extent[d];
  for (const Relation& relation : operand.windows)
    product *= distinct_inputs(relation, extent[static_cast<std::size_t>(relation.output)],
                               extent[static_cast<std::size_t>(relation.kernel)]);
  return product;
}

Tables::Tables(const Prepared& prepared, int limit, Extents extents) : prepared_(prepared) {
  make_kinds(limit);
  make_iterations();
  make_elements(extents);
  check_monotone();
  spread_ = instances(prepared, Unrolled::fraction);
  for (const PreparedOperand& operand : prepared.operands) {
    energies_.emplace_back();
    for (int b = 0; b < operand.levels(); ++b)
      energies_.back().push_back(
          {std::vector<std::array<double, kLinks>>(count()), std::vector<char>(count(), 0)});
  }
}

void Tables::make_kinds(int limit) {
  const std::vector<TemporalLoop> loops = temporal_loops(prepared_, limit);  // descending
  for (auto loop = loops.rbegin(); loop != loops.rend(); ++loop) {
    if (!kinds_.empty() && kinds_.back().loop == *loop)
      ++kinds_.back().copies;
    else
      kinds_.push_back({*loop, 1, 1});
    items_.push_back(static_cast<int>(kinds_.size()) - 1);
  }
  std::ranges::reverse(items_);
  Below stride = 1;
  for (Kind& kind : kinds_) {
    kind.stride = stride;
    stride *= static_cast<Below>(kind.copies) + 1;
  }
  for (const PreparedOperand& operand : prepared_.operands) {
    irrelevant_.emplace_back();
    for (const Kind& kind : kinds_)
      irrelevant_.back().push_back(operand.relevance[static_cast<std::size_t>(kind.loop.dim)] ==
                                   Relevance::irrelevant);
  }
}

void Tables::make_iterations() {
  const Below all =
      kinds_.empty() ? 1 : kinds_.back().stride * (static_cast<Below>(kinds_.back().copies) + 1);
  sizes_.resize(all);
  iterations_.assign(all, 1);
  std::vector<std::int64_t> irrelevant(all, 1);
  for (Below below = 0; below < all; ++below) {
    for (std::size_t k = 0; k < kinds_.size(); ++k) {
      const Kind& kind = kinds_[k];
      if (below / kind.stride % (static_cast<Below>(kind.copies) + 1) == 0) continue;
      const Below without = below - kind.stride;
      sizes_[below] = sizes_[without];
      sizes_[below][kind.loop.dim] *= kind.loop.size;
      iterations_[below] = iterations_[without] * kind.loop.size;
      irrelevant[below] = irrelevant[without] * (irrelevant_[0][k] ? kind.loop.size : 1);
      break;
    }
  }
  for (const std::int64_t done : irrelevant) irrelevant_left_.push_back(irrelevant.back() / done);
}

void Tables::make_elements(Extents extents) {
  for (const PreparedOperand& operand : prepared_.operands) {
    elements_.emplace_back();
    for (int level = 0; level < operand.levels(); ++level) {
      std::vector<std::int64_t>& held = elements_.back().emplace_back();
      for (Below below = 0; below < count(); ++below)
        held.push_back(elements_held(operand, level, sizes_[below], extents));
    }
  }
}

/// Adding one loop may not lower the elements, nor raise elements × iterations outside.
void Tables::check_monotone() {
  for (const auto& levels : elements_) {
    for (const auto& held : levels) {
      for (Below below = 0; below < count(); ++below) {
        for (const Kind& kind : kinds_) {
          if (below / kind.stride % (static_cast<Below>(kind.copies) + 1) == 0) continue;
          const std::int64_t before = held[below - kind.stride];
          monotone_ = monotone_ && before <= held[below] && held[below] <= before * kind.loop.size;
        }
      }
    }
  }
}

void Tables::work_out(int o, int b, Below below) {
  const PreparedOperand& operand = prepared_.operands[static_cast<std::size_t>(o)];
  const Instances& spread = spread_[static_cast<std::size_t>(o)];
  const bool partial = is_partial(operand, irrelevant_left_[below], b, Unrolled::fraction);
  const Boundary across =
      boundary(operand, spread, sizes_[below], b, total(), partial, Unrolled::fraction);
  Energies& known = energies_[static_cast<std::size_t>(o)][static_cast<std::size_t>(b)];
  known.links[below] = boundary_energy(operand, spread, across, b).energy;
  known.worked_out[below] = 1;
}

}  // namespace tileloom::mapper::loma

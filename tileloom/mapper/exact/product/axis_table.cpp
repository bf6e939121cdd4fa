#include "tileloom/mapper/exact/product/axis_table.hpp"

#include <algorithm>

namespace tileloom::mapper::product {
namespace {

/// Calls `visit(low)` with the smallest index of every combination of chunks; `step[r]` apart along
/// rank r.
template <class Visit>
void for_each_low(const GeneralAxis& axis, std::span<const std::int64_t> tiles,
                  std::span<const std::int64_t> extents, std::size_t rank, std::int64_t low,
                  const Visit& visit) {
  if (rank == axis.ranks.size()) {
    visit(low);
    return;
  }
  for (std::int64_t start = 0; start < extents[rank]; start += tiles[rank]) {
    for_each_low(axis, tiles, extents, rank + 1, low + axis.coefficients[rank] * start, visit);
  }
}

}  // namespace

AxisTable::AxisTable(const Terrain& terrain, const GeneralAxis& axis) : axis_(axis) {
  for (const std::size_t rank : axis.ranks) extents_.push_back(terrain.extents[rank]);
}

std::size_t AxisTable::Hash::operator()(const std::vector<std::int64_t>& key) const {
  std::uint64_t hash = key.size();
  for (const std::int64_t part : key) {
    hash = (hash ^ static_cast<std::uint64_t>(part)) * 0xff51afd7ed558ccdULL;
    hash ^= hash >> 32;
  }
  return hash;
}

std::int64_t AxisTable::length(std::span<const std::int64_t> tiles) const {
  std::int64_t length = 1;
  for (std::size_t r = 0; r < tiles.size(); ++r) length += axis_.coefficients[r] * (tiles[r] - 1);
  return length;
}

AxisTable::Boxes AxisTable::boxes(std::span<const std::int64_t> tiles) {
  const std::int64_t length = this->length(tiles);
  if (!axis_.cut) {
    Boxes boxes{static_cast<double>(length), static_cast<double>(length)};
    for (std::size_t r = 0; r < tiles.size(); ++r) {
      boxes.total *= static_cast<double>(extents_[r] / tiles[r]);
    }
    return boxes;
  }
  key_.assign(tiles.begin(), tiles.end());
  const auto [entry, fresh] = boxes_.try_emplace(key_);
  Boxes& boxes = entry->second;
  if (!fresh) return boxes;
  for_each_low(axis_, tiles, extents_, 0, axis_.offset, [&](std::int64_t low) {
    const std::int64_t inside = std::max<std::int64_t>(
        0, std::min(low + length, axis_.extent) - std::max<std::int64_t>(0, low));
    boxes.total += static_cast<double>(inside);
    boxes.largest = std::max(boxes.largest, static_cast<double>(inside));
  });
  return boxes;
}

double AxisTable::kept(std::span<const std::int64_t> tiles, std::size_t moving, std::int64_t step,
                       std::int64_t trips) {
  const std::int64_t length = this->length(tiles);
  const std::int64_t shift = axis_.coefficients[moving] * step;
  if (shift >= length) return 0;
  if (!axis_.cut) {
    double runs = 1;
    for (std::size_t r = 0; r < tiles.size(); ++r) {
      runs *= static_cast<double>(extents_[r] / tiles[r]);
    }
    const auto share = static_cast<double>(trips - 1) / static_cast<double>(trips);
    return runs * share * static_cast<double>(length - shift);
  }
  key_.assign(tiles.begin(), tiles.end());
  key_.push_back(static_cast<std::int64_t>(moving));
  key_.push_back(step);
  key_.push_back(trips);
  const auto [entry, fresh] = kept_.try_emplace(key_);
  if (!fresh) return entry->second;
  // Walk the starts of the moving rank outside, the other ranks inside.
  double total = 0;
  std::vector<std::int64_t> others(extents_);
  others[moving] = 1;
  for (std::int64_t start = 0; start < extents_[moving]; start += tiles[moving]) {
    if (start / step % trips == 0) continue;
    const std::int64_t base = axis_.offset + axis_.coefficients[moving] * start;
    for_each_low(axis_, tiles, others, 0, base, [&](std::int64_t low) {
      const std::int64_t to = std::min(low - shift + length, axis_.extent);
      const std::int64_t from = std::max<std::int64_t>(0, low);
      total += static_cast<double>(std::max<std::int64_t>(0, to - from));
    });
  }
  entry->second = total;
  return total;
}

cost::AxisChains AxisTable::chains_of(std::span<const AxisLoop> loops) const {
  cost::AxisChains chains{.offset = axis_.offset,
                          .extent = axis_.extent,
                          .idle_only = false,
                          .coefficients = axis_.coefficients,
                          .chains = {},
                          .loops = {}};
  for (const std::int64_t extent : extents_) chains.chains.push_back({extent, {}});
  for (const AxisLoop& loop : loops) {
    cost::Chain& chain = chains.chains[loop.rank];
    chain.append(chain.innermost_tile() / loop.trips, loop.kind);
    if (loop.kind == cost::LinkKind::temporal) chains.loops.push_back(loop.rank);
  }
  return chains;
}

double& AxisTable::remembered(std::span<const AxisLoop> loops, std::int64_t purpose, bool& known) {
  key_.assign(1, purpose);
  for (const AxisLoop& loop : loops) {
    key_.push_back(static_cast<std::int64_t>(loop.rank) * 4 + static_cast<std::int64_t>(loop.kind));
    key_.push_back(loop.trips);
  }
  const auto [entry, fresh] = united_.try_emplace(key_);
  known = !fresh;
  return entry->second;
}

double AxisTable::united(std::span<const AxisLoop> loops) {
  bool known = false;
  double& value = remembered(loops, 0, known);
  if (!known) value = static_cast<double>(cost::all_states(chains_of(loops)).united_now);
  return value;
}

double AxisTable::united_kept(std::span<const AxisLoop> loops) {
  bool known = false;
  double& value = remembered(loops, 1, known);
  if (!known) {
    value = static_cast<double>(
        cost::innermost_moves(chains_of(loops), Keep::overlap).united_now_kept);
  }
  return value;
}

}  // namespace tileloom::mapper::product

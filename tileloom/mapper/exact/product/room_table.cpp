#include "tileloom/mapper/exact/product/room_table.hpp"

#include <algorithm>
#include <cmath>

namespace tileloom::mapper::product {

RoomTable::RoomTable(const Terrain& terrain, const Choices& choices, const BoundaryTable& table,
                     std::span<const std::size_t> order)
    : table_(table) {
  for (const std::size_t g : order) depths_.push_back(depth_of(choices[g], g));
  Depth& nothing = depths_.emplace_back();  // no group is left
  nothing.uses.emplace_back(terrain.open.size(), 1);
  nothing.least.emplace_back(table.width(), 1.0);
  std::vector<std::int64_t> whole;
  for (const OpenAxis& axis : terrain.open) whole.push_back(axis.size);
  number_of(whole);
}

RoomTable::Depth RoomTable::depth_of(const std::vector<SpatialChoice>& choices,
                                     std::size_t group) const {
  Depth depth;
  std::map<std::vector<std::int64_t>, std::uint32_t> numbers;
  for (std::size_t c = 0; c < choices.size(); ++c) {
    const auto next = static_cast<std::uint32_t>(depth.uses.size());
    const auto [entry, fresh] = numbers.try_emplace(choices[c].used, next);
    depth.use_of.push_back(entry->second);
    if (fresh) {
      depth.uses.push_back(choices[c].used);
      depth.least.emplace_back(table_.width(), INFINITY);
    }
    std::vector<double>& least = depth.least[entry->second];
    const std::span<const double> row = table_.row(group, c);
    for (std::size_t i = 0; i < row.size(); ++i) least[i] = std::min(least[i], row[i]);
  }
  return depth;
}

RoomTable::Room RoomTable::number_of(const std::vector<std::int64_t>& left) {
  const auto [entry, fresh] = numbers_.try_emplace(left, static_cast<Room>(rooms_.size()));
  if (fresh) rooms_.push_back(left);
  return entry->second;
}

void RoomTable::find_after(Room room, std::size_t depth) {
  const std::vector<std::int64_t> from = rooms_[room];
  std::vector<Room> after;
  for (const std::vector<std::int64_t>& use : depths_[depth].uses) {
    std::vector<std::int64_t> left = from;
    for (std::size_t a = 0; a < left.size(); ++a) left[a] /= use[a];
    const bool fits = std::ranges::all_of(left, [](std::int64_t positions) { return positions > 0; });
    after.push_back(fits ? number_of(left) : kNoRoom);
  }
  std::vector<std::vector<Room>>& all = depths_[depth].after;
  if (all.size() <= room) all.resize(room + 1);
  all[room] = std::move(after);
}

std::span<const double> RoomTable::least(std::size_t depth, Room room) {
  if (depth + 1 == depths_.size()) return depths_[depth].least[0];
  std::vector<std::vector<double>>& known = depths_[depth].least_from;
  if (known.size() <= room) known.resize(rooms_.size());
  if (!known[room].empty()) return known[room];
  std::vector<double> least(table_.width(), INFINITY);
  if (depths_[depth].after.size() <= room || depths_[depth].after[room].empty()) {
    find_after(room, depth);
  }
  for (std::size_t u = 0; u < depths_[depth].uses.size(); ++u) {
    const Room next = depths_[depth].after[room][u];
    if (next == kNoRoom) continue;
    const std::span<const double> others = this->least(depth + 1, next);
    const std::vector<double>& row = depths_[depth].least[u];
    for (std::size_t i = 0; i < least.size(); ++i) {
      least[i] = std::min(least[i], row[i] * others[i]);
    }
  }
  if (known.size() <= room) known.resize(rooms_.size());
  known[room] = std::move(least);
  return known[room];
}

}  // namespace tileloom::mapper::product

#include "tileloom/embedding/gather.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace tileloom {
namespace {

/// The packed axis on which a loop moves.
std::size_t packed_axis_of(const PackedOperand& packed, std::size_t loop) {
  for (std::size_t a = 0; a < packed.axes.size(); ++a) {
    for (const PackedTerm& term : packed.axes[a].terms) {
      if (term.loop == loop) return a;
    }
  }
  return packed.axes.size();
}

bool is_shared(const PackedOperand& packed, std::size_t axis) {
  return std::ranges::any_of(
      packed.axes, [&](const PackedAxis& candidate) { return candidate.shared_axis == axis; });
}

}  // namespace

void Gather::add_rank(const Term& term, std::size_t axis, std::span<const OuterLoop> loops,
                      const Embedding& embedding) {
  std::size_t l = 0;
  while (std::ranges::find(loops[l].ranks, term.rank) == loops[l].ranks.end()) ++l;
  const OuterLoop& loop = loops[l];
  RankPart part{.axis = axis, .coefficient = term.coefficient, .extent = loop.extent};
  part.tile = loop.tile;
  if (!is_shared(packed_, axis)) part.packed_axis = packed_axis_of(packed_, l);
  if (loop.ranks.size() > 1) {
    const LaneMap& map = embedding.lanes[index(*loop.dim)];
    const auto at = std::ranges::find(map.digits, term.rank, &Digit::rank);
    for (auto inner = at + 1; inner != map.digits.end(); ++inner) part.place *= inner->lanes;
    part.extent = at->lanes;
    const auto known = std::ranges::find(fused_, part.packed_axis, &FusedPart::packed_axis);
    part.fused = static_cast<std::size_t>(known - fused_.begin());
    if (known == fused_.end()) {
      const auto dim = std::ranges::find(packed_.dims, *loop.dim) - packed_.dims.begin();
      fused_.push_back({part.packed_axis, loop.tile, loop.extent, static_cast<std::size_t>(dim)});
    }
  }
  ranks_.push_back(part);
}

Gather::Gather(const Operator& op, const Embedding& embedding, std::span<const OuterLoop> loops,
               PackedOperand packed)
    : packed_(std::move(packed)), axes_(tensor_operand(op, embedding, packed_.part).axes) {
  std::vector<RankId> ranks;
  for (std::size_t a = 0; a < axes_.size(); ++a) {
    for (const Term& term : axes_[a].terms) {
      ranks.push_back(term.rank);
      add_rank(term, a, loops, embedding);
    }
  }
  tabulate_lanes(embedding, ranks);
  tabulate_reach();
}

void Gather::tabulate_lanes(const Embedding& embedding, const std::vector<RankId>& ranks) {
  const std::int64_t size = block_elements(packed_);
  for (std::int64_t flat = 0; flat < size; ++flat) {
    std::vector<std::int64_t> digits(ranks.size(), 0);
    std::vector<std::int64_t> fused_lanes(fused_.size(), 0);
    bool idle = false;
    std::int64_t rest = flat;
    for (std::size_t k = packed_.dims.size(); k-- > 0;) {
      std::int64_t lane = rest % packed_.lanes[k];
      rest /= packed_.lanes[k];
      for (std::size_t f = 0; f < fused_.size(); ++f) {
        if (fused_[f].dim == k) fused_lanes[f] = lane;
      }
      const LaneMap& map = embedding.lanes[index(packed_.dims[k])];
      if (map.fused) continue;
      for (std::size_t i = map.digits.size(); i-- > 0;) {
        const auto at = std::ranges::find(ranks, map.digits[i].rank);
        if (at != ranks.end()) {
          digits[static_cast<std::size_t>(at - ranks.begin())] = lane % map.digits[i].lanes;
        }
        lane /= map.digits[i].lanes;
      }
      idle = idle || lane > 0;
    }
    digit_.insert(digit_.end(), digits.begin(), digits.end());
    fused_lane_.insert(fused_lane_.end(), fused_lanes.begin(), fused_lanes.end());
    idle_.push_back(idle);
  }
}

void Gather::tabulate_reach() {
  last_digit_.assign(ranks_.size(), 0);
  least_.assign(axes_.size(), INT64_MAX);
  most_.assign(axes_.size(), INT64_MIN);
  lane_offsets_.resize(idle_.size());
  for (std::size_t lane = 0; lane < idle_.size(); ++lane) {
    if (idle_[lane]) continue;
    std::vector<std::int64_t> added(axes_.size(), 0);
    for (std::size_t p = 0; p < ranks_.size(); ++p) {
      const std::int64_t digit = digit_[lane * ranks_.size() + p];
      last_digit_[p] = std::max(last_digit_[p], digit);
      added[ranks_[p].axis] += ranks_[p].coefficient * digit;
    }
    std::int64_t flat = 0;
    for (std::size_t a = 0; a < axes_.size(); ++a) {
      least_[a] = std::min(least_[a], added[a]);
      most_[a] = std::max(most_[a], added[a]);
      flat = flat * axes_[a].extent + added[a];
    }
    lane_offsets_[lane] = flat;
  }
}

std::optional<std::int64_t> Gather::regular_start(const Block& block) const {
  if (!fused_.empty()) return std::nullopt;
  std::array<std::int64_t, kMost> value;
  std::copy_n(block.first.begin(), axes_.size(), value.begin());
  for (std::size_t p = 0; p < ranks_.size(); ++p) {
    const RankPart& part = ranks_[p];
    if (part.packed_axis == kNone) continue;
    const std::int64_t first = part.tile * block.coordinate[part.packed_axis];
    if (first + last_digit_[p] >= part.extent) return std::nullopt;
    value[part.axis] += part.coefficient * first;
  }
  std::int64_t flat = 0;
  for (std::size_t a = 0; a < axes_.size(); ++a) {
    if (value[a] + least_[a] < 0 || value[a] + most_[a] >= axes_[a].extent) return std::nullopt;
    flat = flat * axes_[a].extent + value[a];
  }
  return flat;
}

std::optional<std::int64_t> Gather::element(std::int64_t block, std::int64_t lane) const {
  return element(block_at(block), lane);
}

Gather::Block Gather::block_at(std::int64_t block) const {
  std::array<std::int64_t, kMost> coordinate;
  for (std::size_t a = packed_.axes.size(); a-- > 0;) {
    coordinate[a] = block % packed_.axes[a].extent;
    block /= packed_.axes[a].extent;
  }
  return block_at(std::span(coordinate).first(packed_.axes.size()));
}

Gather::Block Gather::block_at(std::span<const std::int64_t> coordinate) const {
  Block place;
  for (std::size_t a = 0; a < axes_.size(); ++a) place.first[a] = axes_[a].offset;
  for (std::size_t a = 0; a < coordinate.size(); ++a) {
    const PackedAxis& axis = packed_.axes[a];
    place.coordinate[a] = coordinate[a];
    if (axis.shared_axis) place.first[*axis.shared_axis] += axis.unit * coordinate[a];
  }
  return place;
}

std::optional<std::int64_t> Gather::element(const Block& block, std::int64_t lane) const {
  const auto row = static_cast<std::size_t>(lane);
  if (idle_[row]) return std::nullopt;
  const std::array<std::int64_t, kMost>& coordinate = block.coordinate;
  std::array<std::int64_t, kMost> value;
  std::copy_n(block.first.begin(), axes_.size(), value.begin());
  for (std::size_t p = 0; p < ranks_.size(); ++p) {
    const RankPart& part = ranks_[p];
    std::int64_t at = digit_[row * ranks_.size() + p];
    if (part.fused != kNone) {
      const FusedPart& fused = fused_[part.fused];
      const std::int64_t linear = fused.tile * coordinate[fused.packed_axis] +
                                  fused_lane_[row * fused_.size() + part.fused];
      if (linear >= fused.extent) return std::nullopt;
      at = linear / part.place % part.extent;
    } else if (part.packed_axis != kNone) {
      at += part.tile * coordinate[part.packed_axis];
      if (at >= part.extent) return std::nullopt;
    }
    value[part.axis] += part.coefficient * at;
  }
  std::int64_t flat = 0;
  for (std::size_t a = 0; a < axes_.size(); ++a) {
    if (value[a] < 0 || value[a] >= axes_[a].extent) return std::nullopt;
    flat = flat * axes_[a].extent + value[a];
  }
  return flat;
}

}  // namespace tileloom

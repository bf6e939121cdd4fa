#include "tileloom/target/vta/codegen/useful_steps.hpp"

#include <algorithm>
#include <optional>

#include "tileloom/support/checked.hpp"

namespace tileloom::target::vta {
namespace {

/// Trips [low, high) of a loop.
struct Trips {
  std::int64_t low = 0;
  std::int64_t high = 0;
  std::int64_t count() const { return std::max<std::int64_t>(0, high - low); }
  bool operator==(const Trips&) const = default;
};

Trips common(const Trips& a, const Trips& b) {
  return {std::max(a.low, b.low), std::min(a.high, b.high)};
}

Trips hull(const Trips& a, const Trips& b) {
  return {std::min(a.low, b.low), std::max(a.high, b.high)};
}

/// Trips of the two loops of an axis: a box.
struct Piece {
  Trips pixel;
  Trips window;
  std::int64_t steps() const { return pixel.count() * window.count(); }
};

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a >= 0 ? a / b : -ceil_div(-a, b); }

/// Trips t with low ≤ step·t + rest < high.
Trips inside(const PaddedAxis& axis, std::int64_t step, std::int64_t rest) {
  return {-floor_div(rest - axis.low, step), floor_div(axis.high - 1 - rest, step) + 1};
}

Trips trips_of(const Tile& tile, std::size_t loop) {
  return {tile.low[loop], tile.low[loop] + tile.size[loop]};
}

/// A piece per run of trips of the loop `cut` for which the same trips of `other` matter.
std::vector<Piece> runs(const PaddedAxis& axis, const Tile& tile, const PackedTerm& cut,
                        const PackedTerm& other, bool window_is_cut) {
  std::vector<Piece> pieces;
  const Trips all = trips_of(tile, cut.loop);
  for (std::int64_t t = all.low; t < all.high; ++t) {
    const Trips matter = common(inside(axis, other.step, cut.step * t), trips_of(tile, other.loop));
    if (matter.count() == 0) continue;
    const Trips trip{t, t + 1};
    if (!pieces.empty()) {
      Trips& before = window_is_cut ? pieces.back().window : pieces.back().pixel;
      const Trips& matters = window_is_cut ? pieces.back().pixel : pieces.back().window;
      if (matters == matter && before.high == t) {
        before.high = t + 1;
        continue;
      }
    }
    pieces.push_back(window_is_cut ? Piece{matter, trip} : Piece{trip, matter});
  }
  return pieces;
}

/// The fewest pieces without padding that hold the tile's steps along the axis.
std::vector<Piece> all_pieces(const PaddedAxis& axis, const Tile& tile) {
  if (axis.window.step == 0) {
    const Piece piece{
        common(inside(axis, axis.pixel.step, 0), trips_of(tile, axis.pixel.loop)), {0, 1}};
    return piece.steps() == 0 ? std::vector<Piece>{} : std::vector<Piece>{piece};
  }
  std::vector<Piece> by_window = runs(axis, tile, axis.window, axis.pixel, true);
  if (by_window.size() <= 1) return by_window;
  std::vector<Piece> by_pixel = runs(axis, tile, axis.pixel, axis.window, false);
  return by_pixel.size() < by_window.size() ? by_pixel : by_window;
}

/// The pieces, then one fewer each time: the two neighbours joined that cost the fewest steps. A
/// joined piece may hold padding, but no step of another piece.
std::vector<std::vector<Piece>> groupings(std::vector<Piece> pieces) {
  std::vector<std::vector<Piece>> result{pieces};
  while (pieces.size() > 1) {
    std::size_t best = 0;
    std::int64_t fewest = 0;
    for (std::size_t i = 0; i + 1 < pieces.size(); ++i) {
      const Piece joined{hull(pieces[i].pixel, pieces[i + 1].pixel),
                         hull(pieces[i].window, pieces[i + 1].window)};
      const std::int64_t more = joined.steps() - pieces[i].steps() - pieces[i + 1].steps();
      if (i > 0 && more >= fewest) continue;
      best = i;
      fewest = more;
    }
    pieces[best] = {hull(pieces[best].pixel, pieces[best + 1].pixel),
                    hull(pieces[best].window, pieces[best + 1].window)};
    pieces.erase(pieces.begin() + static_cast<std::ptrdiff_t>(best) + 1);
    result.push_back(pieces);
  }
  return result;
}

std::int64_t steps_of(const std::vector<Piece>& pieces) {
  std::int64_t sum = 0;
  for (const Piece& piece : pieces) sum += piece.steps();
  return sum;
}

/// The grouping of every axis with the fewest steps, counting kPieceSteps per instruction.
class BestGroupings {
 public:
  BestGroupings(const std::vector<std::vector<std::vector<Piece>>>& choices, std::int64_t others)
      : choices_(choices), chosen_(choices.size(), 0) {
    visit(0, others, 1);
  }
  const std::vector<std::size_t>& best() const { return best_; }

 private:
  void visit(std::size_t axis, std::int64_t steps, std::int64_t pieces) {
    if (axis == choices_.size()) {
      const std::int64_t cost = steps + kPieceSteps * pieces;
      if (!best_.empty() && cost >= fewest_) return;
      fewest_ = cost;
      best_ = chosen_;
      return;
    }
    for (std::size_t i = 0; i < choices_[axis].size(); ++i) {
      chosen_[axis] = i;
      visit(axis + 1, steps * steps_of(choices_[axis][i]),
            pieces * static_cast<std::int64_t>(choices_[axis][i].size()));
    }
  }

  const std::vector<std::vector<std::vector<Piece>>>& choices_;
  std::vector<std::size_t> chosen_;
  std::vector<std::size_t> best_;
  std::int64_t fewest_ = 0;
};

void limit(Tile& tile, std::size_t loop, const Trips& trips) {
  tile.low[loop] = trips.low;
  tile.size[loop] = trips.count();
}

/// True if no step of the tile meets the axis' padding.
bool is_inside(const PaddedAxis& axis, const Tile& tile) {
  const auto at = [&](std::int64_t of_size) {
    const auto trip = [&](std::size_t l) { return tile.low[l] + of_size * (tile.size[l] - 1); };
    return axis.pixel.step * trip(axis.pixel.loop) + axis.window.step * trip(axis.window.loop);
  };
  return at(0) >= axis.low && at(1) < axis.high;
}

std::int64_t trips_along(const PaddedAxis& axis, const Tile& tile) {
  const std::int64_t window = axis.window.step == 0 ? 1 : tile.size[axis.window.loop];
  return tile.size[axis.pixel.loop] * window;
}

Tile whole(const Nest& nest) {
  return {std::vector<std::int64_t>(nest.loops(), 0), nest.trips};
}

/// Nothing if more than two loops move along the axis, or one backwards.
std::optional<PaddedAxis> padded_axis(const Nest& nest, const PackedAxis& axis) {
  if (axis.zero_before + axis.zero_after == 0 || axis.terms.empty() || axis.terms.size() > 2) {
    return std::nullopt;
  }
  PaddedAxis padded{axis.zero_before, axis.extent - axis.zero_after, axis.terms[0], {axis.terms[0].loop, 0}};
  if (axis.terms.size() == 2) padded.window = axis.terms[1];
  if (axis.terms.size() == 2 && nest.reduction[padded.pixel.loop]) {
    std::swap(padded.pixel, padded.window);
  }
  const bool forwards = padded.pixel.step > 0 && (axis.terms.size() == 1 || padded.window.step > 0);
  return forwards ? std::optional(padded) : std::nullopt;
}

}  // namespace

std::vector<PaddedAxis> padded_axes(const Nest& nest) {
  std::vector<PaddedAxis> result;
  std::vector<bool> taken(nest.loops(), false);
  for (const Part part : {Part::data, Part::weights}) {
    for (const PackedAxis& packed : nest.operand(part).axes) {
      const auto axis = padded_axis(nest, packed);
      if (!axis || taken[axis->pixel.loop] || taken[axis->window.loop]) continue;
      taken[axis->pixel.loop] = taken[axis->window.loop] = true;
      result.push_back(*axis);
    }
  }
  return result;
}

std::int64_t useful_steps(const Nest& nest) {
  const Tile tile = whole(nest);
  std::int64_t product = steps(nest);
  for (const PaddedAxis& axis : padded_axes(nest)) {
    product = product / trips_along(axis, tile) * steps_of(all_pieces(axis, tile));
  }
  return product;
}

std::int64_t further_pieces(const Nest& nest, const PaddedAxis& axis) {
  if (axis.window.step == 0) return 0;
  std::int64_t count = 0;
  const std::int64_t trips = nest.trips[axis.pixel.loop];
  for (std::int64_t r = 0; r < nest.trips[axis.window.loop]; ++r) {
    const Trips matter = inside(axis, axis.pixel.step, axis.window.step * r);
    count += (matter.low > 0 ? 1 : 0) + (matter.high < trips ? 1 : 0);
  }
  return count;
}

std::vector<Tile> useful_parts(const std::vector<PaddedAxis>& axes, const Tile& tile) {
  std::vector<const PaddedAxis*> cut;
  std::vector<std::vector<std::vector<Piece>>> choices;
  std::int64_t others = 1;
  for (const std::int64_t size : tile.size) others *= size;
  for (const PaddedAxis& axis : axes) {
    if (is_inside(axis, tile)) continue;
    std::vector<Piece> pieces = all_pieces(axis, tile);
    if (pieces.empty()) return {};
    others /= trips_along(axis, tile);
    cut.push_back(&axis);
    choices.push_back(groupings(std::move(pieces)));
  }
  if (cut.empty()) return {tile};
  const BestGroupings groupings(choices, others);
  std::vector<Tile> parts{tile};
  for (std::size_t a = 0; a < cut.size(); ++a) {
    std::vector<Tile> smaller;
    for (const Tile& part : parts) {
      for (const Piece& piece : choices[a][groupings.best()[a]]) {
        smaller.push_back(part);
        limit(smaller.back(), cut[a]->pixel.loop, piece.pixel);
        if (cut[a]->window.step != 0) limit(smaller.back(), cut[a]->window.loop, piece.window);
      }
    }
    parts = std::move(smaller);
  }
  return parts;
}

}  // namespace tileloom::target::vta

#include "tileloom/mapper/exact/product/candidates.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <unordered_map>

#include "tileloom/mapper/exact/product/contribution.hpp"
#include "tileloom/support/factors.hpp"

namespace tileloom::mapper::product {
namespace {

/// Enumerates the splits.
class Lister {
 public:
  Lister(const Frame& frame, std::size_t group, const SpatialChoice& choice, std::uint32_t empty,
         const Hopeless& hopeless)
      : frame_(frame),
        group_(frame.terrain.groups[group]),
        choice_(choice),
        empty_(empty),
        hopeless_(hopeless),
        contribute_(contribution(frame, group, choice)) {
    draft_.trips.assign(group_.ranks.size() * frame.skeleton.blocks(), 1);
  }

  CandidateList run() {
    split(0, 0, rest_of(0));
    choose_columns();
    return collect();
  }

 private:
  std::int64_t rest_of(std::size_t r) const {
    std::int64_t rest = frame_.terrain.extents[group_.ranks[r]];
    const std::size_t axes = frame_.terrain.open.size();
    for (std::size_t a = 0; a < axes; ++a) rest /= choice_.factors[r * axes + a];
    return rest;
  }

  void split(std::size_t r, std::size_t b, std::int64_t rest) {
    const std::size_t blocks = frame_.skeleton.blocks();
    std::int64_t& here = draft_.trips[r * blocks + b];
    if (b + 1 == blocks) {
      if (rest > 1 && (empty_ >> b & 1) != 0) return;
      here = rest;
      if (r + 1 == group_.ranks.size()) {
        take();
      } else {
        split(r + 1, 0, rest_of(r + 1));
      }
      here = 1;
      return;
    }
    const bool open = (frame_.skeleton.may_hold[group_.ranks[r]] >> b & 1) != 0 &&
                      (empty_ >> b & 1) == 0;
    if (!open || rest == 1) {
      split(r, b + 1, rest);
      return;
    }
    for (const std::int64_t factor : divisors_of(rest)) {
      here = factor;
      split(r, b + 1, rest / factor);
    }
    here = 1;
  }

  const std::vector<std::int64_t>& divisors_of(std::int64_t n) {
    std::vector<std::int64_t>& known = divisors_[n];
    if (known.empty()) known = divisors(n);
    return known;
  }

  void take() {
    contribute_(draft_);
    for (std::size_t s = 0; s < draft_.boxes.size(); ++s) {
      const PlacedStore& store = frame_.skeleton.stores[s];
      const OperandFacts& operand = frame_.terrain.operands[store.operand];
      const double bits = std::min(operand.bits, operand.partial_bits) * draft_.boxes[s];
      if (bits > frame_.terrain.memories[index(store.memory)].capacity) return;
    }
    Candidate candidate;
    candidate.least = draft_.least;
    candidate.moves = draft_.moves;
    if (hopeless_(candidate)) return;
    append(least_, draft_.least);
    append(most_, draft_.most);
    append(boxes_, draft_.boxes);
    append(trips_, draft_.trips);
    append(moves_, draft_.moves);
    reduces_from_.push_back(draft_.reduces_from);
  }

  template <class T>
  static void append(std::vector<T>& all, const std::vector<T>& row) {
    all.insert(all.end(), row.begin(), row.end());
  }

  std::size_t rows() const { return reduces_from_.size(); }

  /// What dominance compares: columns, boxes, moving blocks and the negated first reduction, but
  /// only those that differ between candidates and not two that are always the same.
  void choose_columns() {
    const std::size_t columns = frame_.layout.columns;
    const std::size_t stores = frame_.skeleton.stores.size();
    const std::size_t boundaries = frame_.placement.boundaries.size();
    std::vector<std::uint64_t> hashes;
    std::vector<std::pair<std::vector<double>, std::vector<double>>> chosen;
    const auto consider = [&](auto low, auto high) {
      std::vector<double> least(rows()), most(rows());
      std::uint64_t hash = 1;
      bool differs = false;
      for (std::size_t i = 0; i < rows(); ++i) {
        least[i] = low(i);
        most[i] = high(i);
        differs = differs || least[i] != least[0] || most[i] != most[0];
        hash = (hash ^ std::bit_cast<std::uint64_t>(least[i])) * 0xff51afd7ed558ccdULL;
        hash = (hash ^ hash >> 32 ^ std::bit_cast<std::uint64_t>(most[i])) * 0xc4ceb9fe1a85ec53ULL;
      }
      for (std::size_t w = 0; w < chosen.size() && differs; ++w) {
        differs = hash != hashes[w] || least != chosen[w].first || most != chosen[w].second;
      }
      if (!differs) return;
      hashes.push_back(hash);
      chosen.emplace_back(std::move(least), std::move(most));
    };
    for (std::size_t c = 0; c < columns; ++c) {
      consider([&](std::size_t i) { return least_[i * columns + c]; },
               [&](std::size_t i) { return most_[i * columns + c]; });
    }
    const auto exactly = [&](auto value) { consider(value, value); };
    for (std::size_t s = 0; s < stores; ++s) {
      exactly([&](std::size_t i) { return boxes_[i * stores + s]; });
    }
    for (std::size_t k = 0; k < boundaries; ++k) {
      exactly([&](std::size_t i) { return static_cast<double>(moves_[i * boundaries + k]); });
    }
    exactly([&](std::size_t i) { return -static_cast<double>(reduces_from_[i]); });
    width_ = chosen.size();
    compared_least_.resize(rows() * width_);
    compared_most_.resize(rows() * width_);
    for (std::size_t w = 0; w < width_; ++w) {
      for (std::size_t i = 0; i < rows(); ++i) {
        compared_least_[i * width_ + w] = chosen[w].first[i];
        compared_most_[i * width_ + w] = chosen[w].second[i];
      }
    }
  }

  CandidateList collect() const {
    const std::size_t columns = frame_.layout.columns;
    const std::size_t stores = frame_.skeleton.stores.size();
    const std::size_t boundaries = frame_.placement.boundaries.size();
    const std::size_t loops = draft_.trips.size();
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    CandidateList list;
    list.least.assign(columns, kInfinity);
    list.boxes.assign(stores, kInfinity);
    list.numbers.reserve(rows() * (columns + stores + 2 * width_));
    const auto keep = [&](const std::vector<double>& all, std::size_t i, std::size_t width) {
      const auto row = all.begin() + static_cast<std::ptrdiff_t>(i * width);
      list.numbers.insert(list.numbers.end(), row, row + static_cast<std::ptrdiff_t>(width));
      return std::span<const double>(list.numbers).last(width);
    };
    list.trips = trips_;
    list.blocks = moves_;
    for (std::size_t i = 0; i < rows(); ++i) {
      Candidate item;
      item.trips = {list.trips.data() + i * loops, loops};
      item.moves = {list.blocks.data() + i * boundaries, boundaries};
      item.reduces_from = reduces_from_[i];
      item.least = keep(least_, i, columns);
      item.boxes = keep(boxes_, i, stores);
      item.low = keep(compared_least_, i, width_);
      item.high = keep(compared_most_, i, width_);
      for (std::size_t c = 0; c < columns; ++c) {
        list.least[c] = std::min(list.least[c], item.least[c]);
      }
      for (std::size_t s = 0; s < stores; ++s) {
        list.boxes[s] = std::min(list.boxes[s], item.boxes[s]);
      }
      list.items.push_back(item);
    }
    return list;
  }

  const Frame& frame_;
  const Group& group_;
  const SpatialChoice& choice_;
  std::uint32_t empty_;
  const Hopeless& hopeless_;
  std::function<void(Draft&)> contribute_;
  Draft draft_;
  std::unordered_map<std::int64_t, std::vector<std::int64_t>> divisors_;

  // One row per candidate that is not hopeless.
  std::vector<double> least_;
  std::vector<double> most_;
  std::vector<double> boxes_;
  std::vector<std::int64_t> trips_;
  std::vector<std::uint8_t> moves_;
  std::vector<std::uint32_t> reduces_from_;
  std::size_t width_ = 0;  ///< of the rows that are compared
  std::vector<double> compared_least_;
  std::vector<double> compared_most_;
};

}  // namespace

CandidateList list_candidates(const Frame& frame, std::size_t group, const SpatialChoice& choice,
                              std::uint32_t empty, const Hopeless& hopeless) {
  return Lister(frame, group, choice, empty, hopeless).run();
}

bool dominates(const Candidate& a, const Candidate& b) {
  for (std::size_t w = 0; w < a.high.size(); ++w) {
    if (a.high[w] > b.low[w]) return false;
  }
  return true;
}

void drop_dominated(CandidateList& list) {
  // Who dominates has the smaller sum.
  std::vector<std::pair<double, std::size_t>> order;
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    double sum = 0;
    for (const double value : list.items[i].low) sum += value;
    order.emplace_back(sum, i);
  }
  std::ranges::sort(order);
  std::vector<Candidate> kept;
  for (const auto& [sum, i] : order) {
    const Candidate& item = list.items[i];
    const bool dominated = std::ranges::any_of(
        kept, [&](const Candidate& other) { return dominates(other, item); });
    if (!dominated) kept.push_back(item);
  }
  list.items = std::move(kept);
}

void quantities_of(const Layout& layout, const Candidate& candidate,
                   std::vector<double>& quantities) {
  quantities.resize(layout.quantities.size());
  for (std::size_t q = 0; q < quantities.size(); ++q) {
    const Quantity& quantity = layout.quantities[q];
    const std::size_t column = quantity.offset + candidate.moves[quantity.boundary];
    double least = candidate.least[column];
    for (std::size_t v = 1; v < quantity.variants; ++v) {
      least = std::min(least, candidate.least[column + v * quantity.blocks]);
    }
    quantities[q] = least;
  }
}

}  // namespace tileloom::mapper::product

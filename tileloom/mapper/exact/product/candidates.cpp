#include "tileloom/mapper/exact/product/candidates.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <unordered_map>

#include "tileloom/mapper/exact/product/contribution.hpp"
#include "tileloom/support/factors.hpp"

namespace tileloom::mapper::product {
namespace {

/// Candidates that others are compared with to see whether they are dominated: enough to find most
/// of these.
constexpr std::size_t kStrong = 64;
/// Those kept at hand while candidates are listed.
constexpr std::size_t kRecent = 12;

/// Enumerates the splits.
class Lister {
 public:
  Lister(const Frame& frame, const ListRequest& request, const Hopeless& hopeless)
      : frame_(frame),
        request_(request),
        group_(frame.terrain.groups[request.group]),
        hopeless_(hopeless),
        contribute_(contribution(frame, request.group, request.choice)) {
    draft_.trips.assign(group_.ranks.size() * frame.skeleton.blocks(), 1);
  }

  CandidateList run() {
    split(0, 0, request_.choice.rests[0]);
    choose_columns();
    return collect(survivors());
  }

 private:
  void split(std::size_t r, std::size_t b, std::int64_t rest) {
    const std::size_t blocks = frame_.skeleton.blocks();
    std::int64_t& here = draft_.trips[r * blocks + b];
    if (b + 1 == blocks) {
      if (rest > 1 && (request_.empty >> b & 1) != 0) return;
      here = rest;
      if (r + 1 == group_.ranks.size()) {
        take();
      } else {
        split(r + 1, 0, request_.choice.rests[r + 1]);
      }
      here = 1;
      return;
    }
    const std::uint32_t holds = frame_.skeleton.holds(group_.ranks[r], request_.crossed);
    const bool open = ((holds & ~request_.empty) >> b & 1) != 0;
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
    if (!contribute_(draft_)) return;
    Candidate candidate;
    candidate.least = draft_.least;
    candidate.moves = draft_.moves;
    if (dominated_already() || hopeless_(candidate)) return;
    if (rows_.capacity() < rows_.size() + width()) rows_.reserve(4 * rows_.size() + 16 * width());
    rows_.insert(rows_.end(), draft_.least.begin(), draft_.least.end());
    rows_.insert(rows_.end(), draft_.most.begin(), draft_.most.end());
    rows_.insert(rows_.end(), draft_.boxes.begin(), draft_.boxes.end());
    rows_.insert(rows_.end(), draft_.moves.begin(), draft_.moves.end());
    const std::size_t blocks = frame_.skeleton.blocks();
    rows_.push_back(static_cast<double>(blocks - draft_.reduces_from));
    trips_.insert(trips_.end(), draft_.trips.begin(), draft_.trips.end());
    reduces_from_.push_back(draft_.reduces_from);
    if (recent_.size() == kRecent) recent_.pop_back();
    recent_.push_back(reduces_from_.size() - 1);
  }

  /// By one of a few candidates that dominated others before (R3).
  bool dominated_already() {
    const auto within = [](const double* better, const auto& worse) {
      return std::equal(worse.begin(), worse.end(), better, [](double b, double a) { return a <= b; });
    };
    for (auto it = recent_.begin(); it != recent_.end(); ++it) {
      const double* most = row(*it) + columns();
      if (!within(most, draft_.least) || !within(most + columns(), draft_.boxes)) continue;
      if (!within(most + columns() + stores(), draft_.moves)) continue;
      if (reduces_from_[*it] < draft_.reduces_from) continue;
      std::rotate(recent_.begin(), it, it + 1);
      return true;
    }
    return false;
  }

  std::size_t rows() const { return reduces_from_.size(); }
  std::size_t columns() const { return frame_.layout.columns; }
  std::size_t stores() const { return frame_.skeleton.stores.size(); }
  std::size_t boundaries() const { return frame_.placement.boundaries.size(); }
  std::size_t width() const { return 2 * columns() + stores() + boundaries() + 1; }
  const double* row(std::size_t i) const { return rows_.data() + i * width(); }

  /// What dominance compares: columns, boxes, moving blocks and how early reductions begin, but
  /// only those that differ between candidates and not two that are always the same.
  void choose_columns() {
    std::vector<std::uint64_t> hashes;
    for (std::size_t c = 0; c + columns() < width(); ++c) {
      const bool exact = c >= columns();  // boxes, moves, reductions
      const Compared column{exact ? c + columns() : c, c + columns()};
      std::uint64_t hash = 1;
      bool differs = false;
      for (std::size_t i = 0; i < rows(); ++i) {
        const double low = row(i)[column.low];
        const double high = row(i)[column.high];
        differs = differs || low != row(0)[column.low] || high != row(0)[column.high];
        hash = (hash ^ std::bit_cast<std::uint64_t>(low)) * 0xff51afd7ed558ccdULL;
        hash = (hash ^ hash >> 32 ^ std::bit_cast<std::uint64_t>(high)) * 0xc4ceb9fe1a85ec53ULL;
      }
      for (std::size_t w = 0; w < compared_.size() && differs; ++w) {
        differs = hash != hashes[w] || !same(column, compared_[w]);
      }
      if (!differs) continue;
      hashes.push_back(hash);
      compared_.push_back(column);
    }
  }

  struct Compared {
    std::size_t low = 0;  ///< places in a row
    std::size_t high = 0;
  };

  bool same(const Compared& a, const Compared& b) const {
    for (std::size_t i = 0; i < rows(); ++i) {
      if (row(i)[a.low] != row(i)[b.low] || row(i)[a.high] != row(i)[b.high]) return false;
    }
    return true;
  }

  /// Leaves out what one of the strongest candidates dominates (R3).
  std::vector<std::size_t> survivors() const {
    std::vector<double> scale(compared_.size(), 0.0);
    for (std::size_t w = 0; w < compared_.size(); ++w) {
      for (std::size_t i = 0; i < rows(); ++i) {
        scale[w] = std::max(scale[w], row(i)[compared_[w].high]);
      }
      if (scale[w] > 0) scale[w] = 1 / scale[w];
    }
    std::vector<std::pair<double, std::size_t>> order;
    for (std::size_t i = 0; i < rows(); ++i) {
      double sum = 0;
      for (std::size_t w = 0; w < compared_.size(); ++w) sum += scale[w] * row(i)[compared_[w].low];
      order.emplace_back(sum, i);
    }
    std::ranges::sort(order);
    std::vector<std::size_t> kept;
    for (const auto& entry : order) {
      const std::size_t i = entry.second;
      const auto strong = std::span(kept).first(std::min(kept.size(), kStrong));
      if (std::ranges::none_of(strong, [&](std::size_t k) { return row_dominates(k, i); })) {
        kept.push_back(i);
      }
    }
    return kept;
  }

  bool row_dominates(std::size_t a, std::size_t b) const {
    return std::ranges::all_of(compared_, [x = row(a), y = row(b)](const Compared& column) {
      return x[column.high] <= y[column.low];
    });
  }

  CandidateList collect(const std::vector<std::size_t>& kept) const {
    const std::size_t loops = draft_.trips.size();
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    CandidateList list;
    list.least.assign(columns(), kInfinity);
    list.boxes.assign(stores(), kInfinity);
    list.numbers.reserve(kept.size() * (columns() + stores() + 2 * compared_.size()));
    list.trips.reserve(kept.size() * loops);
    list.blocks.reserve(kept.size() * boundaries());
    const auto keep = [&](const double* from, std::size_t count) {
      list.numbers.insert(list.numbers.end(), from, from + count);
      return std::span<const double>(list.numbers).last(count);
    };
    std::vector<double> low(compared_.size());
    std::vector<double> high(compared_.size());
    for (const std::size_t i : kept) {
      const double* values = row(i);
      Candidate item;
      item.least = keep(values, columns());
      item.boxes = keep(values + 2 * columns(), stores());
      for (std::size_t w = 0; w < compared_.size(); ++w) {
        low[w] = values[compared_[w].low];
        high[w] = values[compared_[w].high];
      }
      item.low = keep(low.data(), low.size());
      item.high = keep(high.data(), high.size());
      const auto trips = trips_.begin() + static_cast<std::ptrdiff_t>(i * loops);
      list.trips.insert(list.trips.end(), trips, trips + static_cast<std::ptrdiff_t>(loops));
      item.trips = std::span<const std::int64_t>(list.trips).last(loops);
      for (std::size_t k = 0; k < boundaries(); ++k) {
        list.blocks.push_back(static_cast<std::uint8_t>(values[2 * columns() + stores() + k]));
      }
      item.moves = std::span<const std::uint8_t>(list.blocks).last(boundaries());
      item.reduces_from = reduces_from_[i];
      for (std::size_t c = 0; c < columns(); ++c) {
        list.least[c] = std::min(list.least[c], item.least[c]);
      }
      for (std::size_t s = 0; s < stores(); ++s) {
        list.boxes[s] = std::min(list.boxes[s], item.boxes[s]);
      }
      list.items.push_back(item);
    }
    return list;
  }

  const Frame& frame_;
  const ListRequest& request_;
  const Group& group_;
  const Hopeless& hopeless_;
  std::function<bool(Draft&)> contribute_;
  Draft draft_;
  std::unordered_map<std::int64_t, std::vector<std::int64_t>> divisors_;

  // One row per candidate that is not hopeless: least, most (by column), boxes (by store), moves (by
  // boundary), blocks with reductions.
  std::vector<double> rows_;
  std::vector<std::int64_t> trips_;
  std::vector<std::uint32_t> reduces_from_;
  std::vector<Compared> compared_;
  std::vector<std::size_t> recent_;  ///< rows, the last that dominated another first
};

}  // namespace

CandidateList list_candidates(const Frame& frame, const ListRequest& request,
                              const Hopeless& hopeless) {
  return Lister(frame, request, hopeless).run();
}

bool dominates(const Candidate& a, const Candidate& b) {
  for (std::size_t w = 0; w < a.high.size(); ++w) {
    if (a.high[w] > b.low[w]) return false;
  }
  return true;
}

void quantities_of(const Layout& layout, std::size_t group, const Candidate& candidate,
                   std::span<const double> floor, std::vector<double>& quantities) {
  quantities.assign(floor.begin(), floor.end());
  for (std::size_t q = 0; q < quantities.size(); ++q) {
    const Quantity& quantity = layout.quantities[q];
    const std::vector<std::size_t>& sliding = layout.sliding[quantity.boundary];
    const bool slides_alone = sliding.size() == 1 && sliding[0] == group;
    if (!sliding.empty() && !slides_alone && layout.child_block[quantity.boundary]) continue;
    const std::size_t column = quantity.offset + candidate.moves[quantity.boundary];
    quantities[q] = std::max(quantities[q], candidate.least[column]);
  }
}

}  // namespace tileloom::mapper::product

#include "tileloom/mapper/exact/product/candidates.hpp"

#include <algorithm>
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

/// The rows `kept`, of `width` values each.
template <class Value>
std::vector<Value> gathered(const std::vector<Value>& rows, std::size_t width,
                            std::span<const std::size_t> kept) {
  std::vector<Value> result;
  result.reserve(kept.size() * width);
  for (const std::size_t i : kept) {
    const auto first = rows.begin() + static_cast<std::ptrdiff_t>(i * width);
    result.insert(result.end(), first, first + static_cast<std::ptrdiff_t>(width));
  }
  return result;
}

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
    find_columns();
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
    const std::size_t begin = rows_.size();
    if (rows_.capacity() < begin + width()) rows_.reserve(4 * begin + 16 * width());
    rows_.insert(rows_.end(), draft_.least.begin(), draft_.least.end());
    rows_.insert(rows_.end(), draft_.boxes.begin(), draft_.boxes.end());
    rows_.insert(rows_.end(), draft_.moves.begin(), draft_.moves.end());
    rows_.push_back(width_rank());
    for (const std::size_t c : ranging_) rows_.push_back(draft_.most[c]);
    Candidate candidate;
    candidate.least = std::span(rows_).subspan(begin, columns());
    candidate.moves = draft_.moves;
    if (dominated_already() || hopeless_(candidate)) {
      rows_.resize(begin);
      return;
    }
    trips_.insert(trips_.end(), draft_.trips.begin(), draft_.trips.end());
    moves_.insert(moves_.end(), draft_.moves.begin(), draft_.moves.end());
    reduces_from_.push_back(draft_.reduces_from);
    if (recent_.size() == kRecent) recent_.pop_back();
    recent_.push_back(reduces_from_.size() - 1);
  }

  /// The fewer, the less wide are results and partial sums: reductions over time begin later, or,
  /// where partial sums are the narrower ones, earlier.
  double width_rank() const {
    const OperandFacts& output = frame_.terrain.operands.back();
    const std::size_t blocks = frame_.skeleton.blocks();
    const bool widens = output.partial_bits >= output.bits;
    return static_cast<double>(widens ? blocks - draft_.reduces_from : draft_.reduces_from);
  }

  /// The last row, by one of a few candidates that dominated others before (R3).
  bool dominated_already() {
    for (auto it = recent_.begin(); it != recent_.end(); ++it) {
      if (!row_dominates(*it, rows())) continue;
      std::rotate(recent_.begin(), it, it + 1);
      return true;
    }
    return false;
  }

  std::size_t rows() const { return reduces_from_.size(); }
  std::size_t columns() const { return frame_.layout.columns; }
  std::size_t stores() const { return frame_.skeleton.stores.size(); }
  std::size_t boundaries() const { return frame_.placement.boundaries.size(); }
  std::size_t width() const { return columns() + stores() + boundaries() + 1 + ranging_.size(); }
  const double* row(std::size_t i) const { return rows_.data() + i * width(); }

  /// The columns that the group's loops can change, once each, and where their upper bounds stand:
  /// these are others only where the group's boxes may slide.
  void find_columns() {
    for (const Quantity& quantity : frame_.layout.quantities) {
      const std::size_t operand = frame_.placement.boundaries[quantity.boundary].operand;
      const std::vector<Relevance>& relevance = frame_.terrain.operands[operand].relevance;
      const bool counts = std::ranges::any_of(
          group_.ranks, [&](std::size_t rank) { return relevance[rank] != Relevance::simple; });
      if (!counts) continue;
      const std::vector<std::size_t>& sliding = frame_.layout.sliding[quantity.boundary];
      bool stands = false;
      for (std::size_t v = 0; v < quantity.variants; ++v) {
        const bool slides = !sliding.empty() && sliding[v] == request_.group;
        if (!slides && stands) continue;
        stands = stands || !slides;
        for (std::size_t c = 0; c < quantity.blocks; ++c) {
          const std::size_t column = quantity.offset + v * quantity.blocks + c;
          if (frame_.layout.counts[quantity.boundary]) compared_.push_back({column, column});
          if (slides) ranging_.push_back(column);
        }
      }
    }
    const std::size_t exact = columns() + stores() + boundaries() + 1;
    for (std::size_t r = 0; r < ranging_.size(); ++r) {
      const auto compared = std::ranges::find(compared_, ranging_[r], &Compared::low);
      if (compared != compared_.end()) compared->high = exact + r;
    }
    const std::size_t first_move = columns() + stores();
    for (std::size_t c = columns(); c < exact; ++c) {
      const bool moves = c >= first_move && c < first_move + boundaries();
      if (!moves || frame_.layout.counts[c - first_move]) compared_.push_back({c, c});
    }
  }

  /// What dominance compares: columns, boxes, moving blocks and how early reductions begin, but
  /// only those that differ between candidates and not two that are always the same.
  void choose_columns() {
    std::vector<Compared> all = std::move(compared_);
    compared_.clear();
    if (rows() == 0) return;
    for (const Compared& column : all) {
      bool differs = false;
      for (std::size_t i = 1; i < rows() && !differs; ++i) {
        differs =
            row(i)[column.low] != row(0)[column.low] || row(i)[column.high] != row(0)[column.high];
      }
      differs = differs || row(0)[column.low] != row(0)[column.high];
      if (!differs) continue;
      const bool known = std::ranges::any_of(
          compared_, [&](const Compared& other) { return same(column, other); });
      if (!known) compared_.push_back(column);
    }
  }

  bool same(const Compared& a, const Compared& b) const {
    for (std::size_t i = rows(); i-- > 0;) {
      if (row(i)[a.low] != row(i)[b.low] || row(i)[a.high] != row(i)[b.high]) return false;
    }
    return true;
  }

  /// Leaves out what one of the strongest candidates dominates (R3).
  std::vector<std::size_t> survivors() const {
    std::vector<double> scale(compared_.size(), 0.0);
    for (std::size_t i = 0; i < rows(); ++i) {
      for (std::size_t w = 0; w < compared_.size(); ++w) {
        scale[w] = std::max(scale[w], row(i)[compared_[w].high]);
      }
    }
    for (double& most : scale) most = most > 0 ? 1 / most : 0;
    std::vector<std::pair<double, std::size_t>> order;
    order.reserve(rows());
    for (std::size_t i = 0; i < rows(); ++i) {
      double sum = 0;
      for (std::size_t w = 0; w < compared_.size(); ++w) sum += scale[w] * row(i)[compared_[w].low];
      order.emplace_back(sum, i);
    }
    std::ranges::sort(order);
    std::vector<std::size_t> kept;
    kept.reserve(rows());
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
    const double* better = row(a);
    const double* worse = row(b);
    for (const Compared& column : compared_) {
      if (better[column.high] > worse[column.low]) return false;
    }
    return true;
  }

  CandidateList collect(const std::vector<std::size_t>& kept) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    CandidateList list;
    list.least.assign(columns(), kInfinity);
    list.boxes.assign(stores(), kInfinity);
    list.compared = std::move(compared_);
    // Searches walk over the items in this order again and again.
    const std::size_t row_width = width();
    const std::size_t loops = draft_.trips.size();
    list.numbers = gathered(rows_, row_width, kept);
    list.trips = gathered(trips_, loops, kept);
    list.blocks = gathered(moves_, boundaries(), kept);
    list.items.reserve(kept.size());
    for (std::size_t i = 0; i < kept.size(); ++i) {
      const auto values = std::span<const double>(list.numbers).subspan(i * row_width, row_width);
      Candidate item;
      item.values = values;
      item.least = values.first(columns());
      item.most = values.last(ranging_.size());
      item.boxes = values.subspan(columns(), stores());
      item.trips = std::span<const std::int64_t>(list.trips).subspan(i * loops, loops);
      item.moves =
          std::span<const std::uint8_t>(list.blocks).subspan(i * boundaries(), boundaries());
      item.reduces_from = reduces_from_[kept[i]];
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

  // One row per candidate that is not hopeless: least (by column), boxes (by store), moves (by
  // boundary), where reductions begin, most (by ranging column).
  std::vector<double> rows_;
  std::vector<std::int64_t> trips_;
  std::vector<std::uint8_t> moves_;
  std::vector<std::uint32_t> reduces_from_;
  std::vector<std::size_t> ranging_;  ///< columns whose upper bounds may differ
  std::vector<Compared> compared_;
  std::vector<std::size_t> recent_;  ///< rows, the last that dominated another first
};

}  // namespace

CandidateList list_candidates(const Frame& frame, const ListRequest& request,
                              const Hopeless& hopeless) {
  return Lister(frame, request, hopeless).run();
}

bool dominates(const CandidateList& list, const Candidate& a, const Candidate& b) {
  for (const Compared& column : list.compared) {
    if (a.values[column.high] > b.values[column.low]) return false;
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

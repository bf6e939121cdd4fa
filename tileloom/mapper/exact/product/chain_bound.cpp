#include "tileloom/mapper/exact/product/chain_bound.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace tileloom::mapper::product {
namespace {

/// Prices of a cycle that are tried, as long as each raises the product by some share.
constexpr std::size_t kMostRuns = 6;
constexpr double kWorthARun = 1e-4;
/// Sums in another order differ by rounding: bounds are lowered by this share.
constexpr double kRoundingOfChains = 1e-11;
/// Shapes times sets of Stores that a run looks at for one unit of work, and the most that are
/// worth the memory; what is made for a choice takes about as long as some runs.
constexpr double kShapesPerWork = 20;
constexpr double kMostShapes = 4e6;
constexpr double kRunsToPrepare = 1;
constexpr double kRunsExpected = 7;

/// Shapes times sets of Stores; of the Stores of one tensor the outer ones come first.
double size_of(const ChainProblem& problem) {
  double sets = 1;
  double of_tensor = 1;
  for (const Boundary& boundary : problem.placement.boundaries) {
    if (boundary.child) {
      ++of_tensor;
      continue;
    }
    sets *= of_tensor;
    of_tensor = 1;
  }
  return Shapes::count(problem.choices) * sets;
}

bool constant(const Form& form) {
  return std::ranges::all_of(form.factors, [](double factor) { return factor == 0; });
}

/// a + price · b
Form sum(const Form& a, const Form& b, double price) {
  Form sum = a;
  sum.constant += price * b.constant;
  for (std::size_t q = 0; q < sum.factors.size(); ++q) sum.factors[q] += price * b.factors[q];
  return sum;
}

/// What is known of cycles c and energy e together: least values of e + price · c.
class Trade {
 public:
  explicit Trade(const Bounds& alone) : cycles_(alone.cycles), lines_{{0, alone.picojoules}} {
    find();
  }

  void add(double price, double value) {
    lines_.push_back({price, value});
    find();
  }

  /// Of c · e: where lines meet, for between two such places the product is concave.
  double least() const { return least_; }
  /// The price at which all of the least product's neighbours cost as much.
  double price() const { return least_ / (at_ * at_); }

 private:
  struct Line {
    double price = 0;
    double value = 0;
  };

  double energy(double cycles) const {
    double most = 0;
    for (const Line& line : lines_) most = std::max(most, line.value - line.price * cycles);
    return most;
  }

  void look(double cycles) {
    if (!(cycles >= cycles_)) return;
    const double product = cycles * energy(cycles);
    if (product < least_) {
      least_ = product;
      at_ = cycles;
    }
  }

  void find() {
    least_ = INFINITY;
    look(cycles_);
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (lines_[i].price == lines_[j].price) continue;
        look((lines_[i].value - lines_[j].value) / (lines_[i].price - lines_[j].price));
      }
    }
  }

  double cycles_ = 0;
  std::vector<Line> lines_;
  double least_ = INFINITY;
  double at_ = 1;
};

}  // namespace

ChainBound::ChainBound(const ChainProblem& problem)
    : problem_(problem),
      shapes_(problem.terrain, problem.choices),
      moving_(moving_stores(problem_, shapes_)),
      whole_sums_(whole_sums(problem_, shapes_)),
      barred_(moving_.size()),
      costs_(moving_.size()),
      best_(std::size_t{1} << moving_.size()) {
  const OperandFacts& output = problem.terrain.operands.back();
  widens_ = output.partial_bits > output.bits;
}

/// Once for every boundary of the output that may be the first that partial sums cross, if they are
/// wider than results.
template <class Visit>
void ChainBound::for_each_width(const Visit& visit) {
  const bool reduces = std::isinf(whole_sums_[Shapes::kSmallest]);
  for (unfinished_ = widens_ && reduces ? 0 : problem_.unfinished;
       unfinished_ <= problem_.unfinished; ++unfinished_) {
    for (std::size_t i = 0; i < moving_.size(); ++i) bar(i);
    visit();
  }
}

double ChainBound::width(const Moving& moving) const {
  return moving.nth && *moving.nth + 1 >= unfinished_ ? moving.wide : moving.narrow;
}

/// Stores of the set that stand: all that belong further out do.
std::uint32_t ChainBound::standing(std::uint32_t set) const {
  std::uint32_t standing = 0;
  for (bool more = true; more;) {
    more = false;
    for (std::size_t i = 0; i < moving_.size(); ++i) {
      const std::uint32_t bit = std::uint32_t{1} << i;
      if ((set & bit & ~standing) == 0 || (moving_[i].before & ~standing) != 0) continue;
      standing |= bit;
      more = true;
    }
  }
  return standing;
}

/// Ranks that must not turn until Stores of the set stand whose boxes they would move.
std::uint64_t ChainBound::frozen(std::uint32_t set) const {
  const std::uint32_t waiting = set & ~standing(set);
  std::uint64_t ranks = 0;
  for (std::size_t i = 0; i < moving_.size(); ++i) {
    if ((waiting >> i & 1) != 0) ranks |= moving_[i].ranks;
  }
  return ranks;
}

/// A box beside those of mates that moved last before and the smallest of the others. Where results
/// cross, all their sums are made inside.
void ChainBound::bar(std::size_t i) {
  const Moving& moving = moving_[i];
  const bool results = widens_ && moving.nth && *moving.nth < unfinished_;
  barred_[i].clear();
  for (std::uint32_t mates = 0; mates < std::uint32_t{1} << moving.mates.size(); ++mates) {
    Grid bits(shapes_.size());
    for (std::size_t s = 0; s < bits.size(); ++s) bits[s] = width(moving) * moving.elements[s];
    for (std::size_t m = 0; m < moving.mates.size(); ++m) {
      const Moving& mate = moving_[moving.mates[m]];
      const bool moved = (mates >> m & 1) != 0;
      for (std::size_t s = 0; s < bits.size(); ++s) {
        bits[s] += width(mate) * mate.elements[moved ? s : Shapes::kSmallest];
      }
    }
    for (double& sum : bits) sum = sum > moving.room ? INFINITY : 0;
    for (std::size_t s = 0; s < bits.size() && results; ++s) bits[s] += whole_sums_[s] - 1;
    barred_[i].push_back(std::move(bits));
  }
}

/// Parts of the form by Store; what no Store changes is returned.
double ChainBound::find_costs(const Form& form) {
  double rest = form(problem_.least);
  for (std::size_t i = 0; i < moving_.size(); ++i) {
    const Moving& moving = moving_[i];
    costs_[i] = barred_[i];
    for (std::size_t n = 0; n < moving.quantities.size(); ++n) {
      const std::size_t q = moving.quantities[n];
      const double factor = form.factors[q];
      rest -= factor * problem_.least[q];
      if (factor == 0) continue;
      for (Grid& costs : costs_[i]) {
        for (std::size_t s = 0; s < costs.size(); ++s) costs[s] += factor * moving.values[n][s];
      }
    }
  }
  return rest;
}

const Grid& ChainBound::cost_of(std::size_t i, std::uint32_t set) const {
  std::uint32_t mates = 0;
  for (std::size_t m = 0; m < moving_[i].mates.size(); ++m) {
    mates |= (set >> moving_[i].mates[m] & 1) << m;
  }
  return costs_[i][mates];
}

/// The least of the form over all chains: by the set of Stores whose boxes have moved last and the
/// shape left inside.
double ChainBound::least_of(const Form& form) {
  ++runs_;
  const double rest = find_costs(form);
  for (Grid& grid : best_) grid.clear();
  best_[0].assign(shapes_.size(), 0.0);
  for (std::uint32_t set = 0; set + 1 < best_.size(); ++set) {
    Grid& here = best_[set];
    if (here.empty()) continue;  // an inner box of a tensor before an outer one
    if (set != 0) shapes_.cut(here, ~frozen(set));
    for (std::size_t i = 0; i < moving_.size(); ++i) {
      if ((set >> i & 1) != 0 || (moving_[i].outer & ~set) != 0) continue;
      const Grid& cost = cost_of(i, set);
      Grid& next = best_[set | std::uint32_t{1} << i];
      if (next.empty()) next.assign(shapes_.size(), INFINITY);
      for (std::size_t s = 0; s < next.size(); ++s) {
        next[s] = std::min(next[s], here[s] + cost[s]);
      }
    }
  }
  return rest + *std::ranges::min_element(best_.back());
}

Bounds ChainBound::bounds_there(bool energy, bool cycles) {
  Bounds bounds = problem_.ledger(problem_.least, unfinished_);
  if (energy) {
    const Form& form = problem_.ledger.energy(unfinished_);
    bounds.picojoules = std::max(bounds.picojoules, least_of(form));
  }
  if (!cycles) return bounds;
  for (const Form& port : problem_.ledger.ports(unfinished_)) {
    if (constant(port)) continue;
    bounds.cycles = std::max(bounds.cycles, least_of(port));
  }
  return bounds;
}

double ChainBound::product_there(double enough) {
  Bounds alone = bounds_there(true, false);
  if (alone.cycles * alone.picojoules >= enough) return alone.cycles * alone.picojoules;
  alone.cycles = bounds_there(false, true).cycles;
  Trade trade(alone);
  const Form& energy = problem_.ledger.energy(unfinished_);
  for (std::size_t run = 0; run < kMostRuns && trade.least() < enough; ++run) {
    const double least = trade.least();
    const double price = trade.price();
    for (const Form& port : problem_.ledger.ports(unfinished_)) {
      if (!constant(port)) trade.add(price, least_of(sum(energy, port, price)));
    }
    if (trade.least() <= least * (1 + kWorthARun)) break;
  }
  return trade.least();
}

Bounds ChainBound::bounds(bool energy, bool cycles) {
  Bounds least{INFINITY, INFINITY};
  for_each_width([&] {
    const Bounds there = bounds_there(energy, cycles);
    least.cycles = std::min(least.cycles, there.cycles);
    least.picojoules = std::min(least.picojoules, there.picojoules);
  });
  return least;
}

double ChainBound::product(double enough) {
  double least = INFINITY;
  for_each_width([&] { least = std::min(least, product_there(enough)); });
  return least;
}

double chain_work(const ChainProblem& problem) {
  const double size = size_of(problem);
  return size > kMostShapes ? INFINITY : size * kRunsExpected / kShapesPerWork;
}

cost::Score chain_score(const ChainProblem& problem, Record& record) {
  ChainBound chains(problem);
  const cost::Objective& objective = record.objective;
  const bool energy = objective.first == cost::Metric::energy;
  cost::Score score;
  if (record.front) {
    const Bounds bounds = chains.bounds(true, true);
    score = {std::ceil(bounds.cycles * (1 - kRoundingOfChains)),
             bounds.picojoules * (1 - kRoundingOfChains)};
  } else if (objective.first == cost::Metric::edp) {
    const double enough = record.score ? record.score->first : INFINITY;
    score.first = chains.product(enough) * (1 - kRoundingOfChains);
  } else {
    const Bounds bounds = chains.bounds(energy, !energy);
    score.first = energy ? bounds.picojoules : std::ceil(bounds.cycles * (1 - kRoundingOfChains));
    if (energy) score.first *= 1 - kRoundingOfChains;
  }
  const double runs = static_cast<double>(chains.runs()) + kRunsToPrepare;
  record.work += static_cast<std::int64_t>(runs * size_of(problem) / kShapesPerWork) + 1;
  return score;
}

}  // namespace tileloom::mapper::product

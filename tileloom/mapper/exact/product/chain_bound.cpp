#include "tileloom/mapper/exact/product/chain_bound.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "tileloom/mapper/exact/product/trade.hpp"

namespace tileloom::mapper::product {
namespace {

/// Prices of a cycle that are tried, as long as each raises the product by some share.
constexpr std::size_t kMostRuns = 6;
constexpr double kWorthARun = 1e-4;
/// Numbers that are worked out for one unit of work.
constexpr std::int64_t kNumbersPerWork = 64;
/// Least values that are worth the memory.
constexpr std::size_t kMostRemembered = 100'000;
/// Forms whose least is found for a product, about.
constexpr double kRunsOfProducts = 5;

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

std::size_t stores_of(const ChainProblem& problem) {
  const auto stores = std::ranges::count_if(
      problem.placement.boundaries, [](const Boundary& b) { return b.child.has_value(); });
  return static_cast<std::size_t>(stores);
}

/// 1 for shapes with all temporal trips of the ranks that the output lacks; else infinite.
Grid whole_sums(const ChainProblem& problem, const Shapes& shapes) {
  const OperandFacts& output = problem.terrain.operands.back();
  const auto reduces = [&](std::size_t rank) { return output.relevance[rank] == Relevance::none; };
  const auto& groups = problem.terrain.groups;
  return shapes.product(
      [&](std::size_t g) { return std::ranges::any_of(groups[g].ranks, reduces); },
      [&](std::size_t g, std::span<const std::int64_t> within) {
        for (std::size_t r = 0; r < within.size(); ++r) {
          const bool lacks = within[r] < problem.choices[g]->rests[r];
          if (reduces(groups[g].ranks[r]) && lacks) return double{INFINITY};
        }
        return 1.0;
      });
}

}  // namespace

ChainBound::ChainBound(const ChainProblem& problem, Detail detail, ChainMemo& memo)
    : problem_(problem),
      detail_(detail),
      memo_(memo),
      shapes_(problem.terrain, problem.choices),
      moving_(moving_stores(problem_, shapes_, detail, memo.sliding)),
      whole_sums_(whole_sums(problem_, shapes_)),
      barred_(moving_.size()),
      costs_(moving_.size()),
      tolls_(moving_.size()),
      best_(std::size_t{1} << moving_.size()) {
  if (detail == Detail::fine) sliding_ = sliding_ranks(problem_, shapes_);
  for (const std::size_t rank : sliding_) spans_.push_back(shapes_.span_of(rank));
  at_once_.assign(sliding_.size(), best_);
  const OperandFacts& output = problem.terrain.operands.back();
  widens_ = output.partial_bits > output.bits;
}

/// Once for every boundary of the output that may be the first that partial sums cross, if they are
/// wider than results.
template <class Visit>
void ChainBound::for_each_width(const Visit& visit) {
  for (std::size_t first = first_width(); first <= problem_.unfinished; ++first) {
    set_width(first);
    visit();
  }
}

std::size_t ChainBound::first_width() const {
  const bool reduces = std::isinf(whole_sums_[Shapes::kSmallest]);
  return widens_ && reduces ? 0 : problem_.unfinished;
}

void ChainBound::set_width(std::size_t unfinished) {
  unfinished_ = unfinished;
  for (std::size_t i = 0; i < moving_.size(); ++i) {
    barred_[i].assign(std::size_t{1} << moving_[i].mates.size(), {});
  }
}

double ChainBound::width(const Moving& moving) const {
  return moving.nth && *moving.nth + 1 >= unfinished_ ? moving.wide : moving.narrow;
}

double ChainBound::rest_of(const Form& form) const {
  double rest = form(problem_.least);
  for (const Moving& moving : moving_) {
    for (const std::size_t q : moving.quantities) rest -= form.factors[q] * problem_.least[q];
  }
  return rest;
}

/// The Stores that cost something.
std::uint32_t ChainBound::stores_of(const Form& form) const {
  std::uint32_t stores = 0;
  for (std::size_t i = 0; i < moving_.size(); ++i) {
    const bool costs = std::ranges::any_of(
        moving_[i].quantities, [&](std::size_t q) { return form.factors[q] != 0; });
    if (costs) stores |= std::uint32_t{1} << i;
  }
  return stores;
}

/// Everything that the walks of these Stores and what they cost depend on.
std::vector<double> ChainBound::key_of(const Form& form) const {
  const std::uint32_t stores = stores_of(form);
  std::vector<double> key{static_cast<double>(unfinished_), static_cast<double>(detail_)};
  for (const SpatialChoice* choice : problem_.choices) {
    for (const std::int64_t trips : choice->rests) key.push_back(static_cast<double>(trips));
  }
  for (std::size_t i = 0; i < moving_.size(); ++i) {
    if ((stores >> i & 1) == 0) continue;
    const Boundary& boundary = problem_.placement.boundaries[moving_[i].boundary];
    key.insert(key.end(), {static_cast<double>(boundary.operand),
                           static_cast<double>(index(boundary.parent)),
                           static_cast<double>(index(*boundary.child)), moving_[i].room,
                           width(moving_[i]), crosses_whole(moving_[i]) ? 1.0 : 0.0});
    double others = 0;
    for (const std::size_t mate : moving_[i].mates) others += width(moving_[mate]) * moving_[mate].smallest;
    key.push_back(others);
    for (const std::size_t q : moving_[i].quantities) {
      key.insert(key.end(), {form.factors[q], problem_.least[q]});
    }
    for (const SpatialChoice* choice : problem_.choices) {
      for (std::size_t r = 0; r < choice->rests.size(); ++r) {
        for (std::size_t x = 0; x < problem_.terrain.open.size(); ++x) {
          const bool own = (boundary.own >> x & 1) != 0;
          if (own) key.push_back(static_cast<double>(choice->positions(r, x)));
        }
      }
    }
  }
  return key;
}

double ChainBound::known_least_of(const Form& form) {
  if (std::popcount(stores_of(form)) == static_cast<int>(moving_.size())) return least_of(form);
  if (memo_.least.size() > kMostRemembered) memo_.least.clear();
  const auto [entry, fresh] = memo_.least.try_emplace(key_of(form));
  if (fresh) entry->second = least_of(form) - rest_of(form);
  return rest_of(form) + entry->second;
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
    bounds.cycles = std::max(bounds.cycles, known_least_of(port));
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
    const double price = price_ = trade.price();
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

cost::Score ChainBound::floor_there(const Record& record) const {
  return score_of(record.objective, problem_.ledger(problem_.least, unfinished_));
}

cost::Score ChainBound::score_there(Record& record) {
  const cost::Objective& objective = record.objective;
  cost::Score score = floor_there(record);
  if (record.settled(score)) {
    ++record.work;
    return score;
  }
  if (record.front) {
    const Bounds bounds = bounds_there(true, true);
    score = {std::ceil(bounds.cycles * (1 - kRoundingOfChains)),
             bounds.picojoules * (1 - kRoundingOfChains)};
  } else if (objective.first == cost::Metric::edp) {
    const double enough = record.score ? record.score->first : INFINITY;
    score.first = product_there(enough) * (1 - kRoundingOfChains);
  } else if (objective.first == cost::Metric::energy) {
    score.first = bounds_there(true, false).picojoules * (1 - kRoundingOfChains);
  } else {
    score.first = cycles_there(record);
  }
  record.work += work();
  return score;
}

std::int64_t ChainBound::work() {
  return std::exchange(numbers_, 0) / kNumbersPerWork + 1;
}

/// Ports that can tell most come first.
double ChainBound::cycles_there(const Record& record) {
  const Bounds known = problem_.ledger(problem_.least, unfinished_);
  std::vector<std::pair<double, const Form*>> ports;
  for (const Form& port : problem_.ledger.ports(unfinished_)) {
    if (!constant(port)) ports.emplace_back(port(problem_.least), &port);
  }
  std::ranges::stable_sort(ports, std::ranges::greater{}, &std::pair<double, const Form*>::first);
  double cycles = known.cycles;
  for (const auto& port : ports) {
    cycles = std::max(cycles, known_least_of(*port.second));
    const double rounded = std::ceil(cycles * (1 - kRoundingOfChains));
    if (record.score && rounded >= record.score->first && !record.objective.second) break;
  }
  return std::ceil(cycles * (1 - kRoundingOfChains));
}

cost::Score ChainBound::score(Record& record) {
  std::optional<cost::Score> least;
  for_each_width([&] {
    const cost::Score there = score_there(record);
    if (!least) {
      least = there;
    } else if (record.front) {
      least = cost::Score{std::min(least->first, there.first), std::min(least->second, there.second)};
    } else {
      least = std::min(*least, there);
    }
  });
  return *least;
}

bool chains_fit(const ChainProblem& problem) {
  return stores_of(problem) <= kMostMoving && size_of(problem) <= kMostShapes;
}

bool walks_fit(const ChainProblem& problem) {
  const std::size_t stores = stores_of(problem);
  const auto sets = static_cast<double>(std::size_t{1} << std::min(stores, kMostMoving));
  return stores <= kMostMoving && Shapes::count(problem.choices) * sets <= kMostShapesOfWalks;
}

double chain_work(const ChainProblem& problem, const cost::Objective& objective) {
  const auto stores = static_cast<double>(stores_of(problem));
  const double runs = objective.first == cost::Metric::edp ? kRunsOfProducts : 1;
  return size_of(problem) * runs * (1 + stores / 2) / static_cast<double>(kNumbersPerWork);
}

}  // namespace tileloom::mapper::product

#include "tileloom/mapper/exact/product/shapes.hpp"

#include <algorithm>

#include "tileloom/support/factors.hpp"

namespace tileloom::mapper::product {
namespace {

std::vector<std::pair<std::size_t, std::size_t>> steps_between(
    const std::vector<std::int64_t>& divisors) {
  std::vector<std::pair<std::size_t, std::size_t>> steps;
  std::vector<std::int64_t> primes = prime_factors(divisors.back());
  primes.erase(std::unique(primes.begin(), primes.end()), primes.end());
  for (const std::int64_t prime : primes) {
    for (std::size_t lesser = divisors.size(); lesser-- > 0;) {
      const auto greater = std::ranges::lower_bound(divisors, divisors[lesser] * prime);
      if (greater == divisors.end() || *greater != divisors[lesser] * prime) continue;
      steps.emplace_back(lesser, greater - divisors.begin());
    }
  }
  return steps;
}

std::vector<Shapes::Span::Cut> cuts_between(const std::vector<std::int64_t>& divisors) {
  std::vector<Shapes::Span::Cut> cuts;
  for (std::size_t inside = 0; inside < divisors.size(); ++inside) {
    for (std::size_t outside = inside + 1; outside < divisors.size(); ++outside) {
      if (divisors[outside] % divisors[inside] != 0) continue;
      cuts.push_back({inside, outside, divisors[outside] / divisors[inside]});
    }
  }
  return cuts;
}

}  // namespace

Shapes::Shapes(const Terrain& terrain, std::span<const SpatialChoice* const> choices)
    : terrain_(terrain) {
  for (std::size_t g = 0; g < choices.size(); ++g) {
    for (std::size_t r = 0; r < choices[g]->rests.size(); ++r) {
      if (choices[g]->rests[r] == 1) continue;
      std::vector<std::int64_t> of_trips = divisors(choices[g]->rests[r]);
      spans_.push_back({terrain.groups[g].ranks[r], g, r, of_trips, 1, steps_between(of_trips),
                        cuts_between(of_trips)});
    }
  }
  for (Span& span : spans_) {
    span.stride = size_;
    size_ *= span.divisors.size();
  }
}

double Shapes::count(std::span<const SpatialChoice* const> choices) {
  double count = 1;
  for (const SpatialChoice* choice : choices) {
    for (const std::int64_t trips : choice->rests) {
      count *= static_cast<double>(divisors(trips).size());
    }
  }
  return count;
}

Shapes::States Shapes::states(std::size_t group) const {
  States states;
  for (const Span& span : spans_) {
    if (span.group < group) states.stride *= span.divisors.size();
    if (span.group == group) states.size *= span.divisors.size();
  }
  return states;
}

void Shapes::for_each_state(
    std::size_t group, const std::function<void(std::span<const std::int64_t> inside)>& visit) const {
  const std::size_t size = states(group).size;
  std::vector<std::int64_t> inside(terrain_.groups[group].ranks.size(), 1);
  for (std::size_t state = 0; state < size; ++state) {
    std::size_t rest = state;
    for (const Span& span : spans_) {
      if (span.group != group) continue;
      inside[span.place] = span.divisors[rest % span.divisors.size()];
      rest /= span.divisors.size();
    }
    visit(inside);
  }
}

Grid Shapes::product(const std::function<bool(std::size_t group)>& counts,
                     const OfGroup& factor) const {
  Grid grid{1.0};
  grid.reserve(size_);
  for (std::size_t group = 0; group < terrain_.groups.size(); ++group) {
    const std::size_t known = grid.size();
    std::vector<double> factors(states(group).size, 1.0);
    if (counts(group)) {
      std::size_t state = 0;
      for_each_state(group, [&](std::span<const std::int64_t> inside) {
        factors[state++] = factor(group, inside);
      });
    }
    grid.resize(known * factors.size());
    for (std::size_t state = factors.size(); state-- > 0;) {
      for (std::size_t s = 0; s < known; ++s) grid[state * known + s] = grid[s] * factors[state];
    }
  }
  return grid;
}

void Shapes::raise(Grid& grid, std::uint64_t ranks) const {
  for (const Span& span : spans_) {
    if ((ranks >> span.rank & 1) == 0) continue;
    const std::size_t block = span.stride * span.divisors.size();
    for (std::size_t begin = 0; begin < size_; begin += block) {
      double* const shapes = grid.data() + begin;
      if (span.stride == 1) {
        for (auto step = span.steps.rbegin(); step != span.steps.rend(); ++step) {
          shapes[step->second] = std::min(shapes[step->second], shapes[step->first]);
        }
        continue;
      }
      for (auto step = span.steps.rbegin(); step != span.steps.rend(); ++step) {
        double* const to = shapes + step->second * span.stride;
        const double* const from = shapes + step->first * span.stride;
        for (std::size_t i = 0; i < span.stride; ++i) to[i] = std::min(to[i], from[i]);
      }
    }
  }
}

const Shapes::Span* Shapes::span_of(std::size_t rank) const {
  const auto found = std::ranges::find(spans_, rank, &Span::rank);
  return found == spans_.end() ? nullptr : &*found;
}

std::size_t Shapes::cut(const Span& span, std::size_t shape, std::int64_t trips) const {
  const std::size_t inside = span.digit(shape);
  const auto found = std::ranges::find_if(span.cuts, [&](const Span::Cut& cut) {
    return cut.inside == inside && cut.trips == trips;
  });
  const std::size_t block = shape / (span.stride * span.divisors.size());
  const auto nth = static_cast<std::size_t>(found - span.cuts.begin());
  return (block * span.cuts.size() + nth) * span.stride + shape % span.stride;
}

}  // namespace tileloom::mapper::product

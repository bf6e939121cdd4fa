// The traffic of a boundary, once more: every visited step walked, every word a point in a set.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "tileloom/cost/profiles/timeloop/traffic.hpp"
#include "tileloom/support/random.hpp"

namespace tileloom::cost::timeloop {
namespace {

using Points = std::set<Vector>;
/// multicast and scatter → words
using Tally = std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t>;

struct Case {
  Arch arch;
  Problem problem;
  Mapping mapping;
};

/// Index of every dim: the sum of its loops' indices times their strides.
using Index = PerId<DimId, std::int64_t>;

Vector corner(const Dataspace& space, const Index& at) {
  Vector result;
  for (const Rank& rank : space.ranks) {
    std::int64_t x = 0;
    for (const Term& term : rank) x += term.coefficient * at[term.dim];
    result.push_back(x);
  }
  return result;
}

/// Everything between the first and the last point a tile touches, found by touching them all.
Points tile_points(const Dataspace& space, const Index& first, const Extents& extents) {
  Vector low = corner(space, first);
  Vector high = low;
  Index at = first;
  const std::size_t dims = extents.size();
  std::vector<std::int64_t> step(dims, 0);
  for (bool more = true; more;) {
    for (std::size_t d = 0; d < dims; ++d)
      at[static_cast<DimId>(d)] = first[static_cast<DimId>(d)] + step[d];
    const Vector point = corner(space, at);
    for (std::size_t r = 0; r < point.size(); ++r) high[r] = std::max(high[r], point[r]);
    more = false;
    for (std::size_t d = 0; d < dims && !more; ++d) {
      more = ++step[d] < extents[static_cast<DimId>(d)];
      if (!more) step[d] = 0;
    }
  }
  Points points;
  Vector x = low;
  for (bool more = true; more;) {
    points.insert(x);
    more = false;
    for (std::size_t r = 0; r < x.size() && !more; ++r) {
      more = ++x[r] <= high[r];
      if (!more) x[r] = low[r];
    }
  }
  return points;
}

Points moved(const Points& points, const Vector& by) {
  Points result;
  for (Vector point : points) {
    for (std::size_t r = 0; r < point.size(); ++r) point[r] += by[r];
    result.insert(std::move(point));
  }
  return result;
}

/// A loop above the boundary.
struct Above {
  DimId dim;
  std::int64_t count;
  std::int64_t stride;
};

class Oracle {
 public:
  Oracle(const Case& c, SpaceId space, std::size_t s, TrafficRules rules)
      : c_(c), space_(c.problem.spaces[space]), s_(s), rules_(rules) {
    inner_ = extents_within(c.problem, c.mapping, s);
    Extents stride = inner_;
    std::vector<Above> children;  // inner first
    for (std::size_t level = s; level < c.mapping.levels.size(); ++level) {
      const LevelMapping& m = c.mapping.levels[level];
      for (const auto* loops : {&m.spatial_x, &m.spatial_y, &m.temporal})
        for (auto f = loops->rbegin(); f != loops->rend(); ++f) {
          const Above above{f->dim, f->count, stride[f->dim]};
          if (loops == &m.temporal) loops_.insert(loops_.begin(), above);
          if (level == s && loops != &m.temporal) children.push_back(above);
          stride[f->dim] *= f->count;
        }
    }
    const std::int64_t count = used_fanout(c.mapping.levels[s]);
    for (std::int64_t child = 0; child < count; ++child) {
      Index at(c.problem.dims.size(), 0);
      std::int64_t rest = child;
      for (const Above& loop : children) {
        at[loop.dim] += rest % loop.count * loop.stride;
        rest /= loop.count;
      }
      offsets_.push_back(corner(space_, at));
    }
    const Mesh fanout = fanout_of(c.arch, s);
    width_ = std::max(fanout.x, product(c.mapping.levels[s].spatial_x));
    height_ = std::max(fanout.y, product(c.mapping.levels[s].spatial_y));
  }

  void run() { walk(0, Index(c_.problem.dims.size(), 0), 1); }

  Tally tally;
  std::int64_t link_words = 0;

 private:
  void walk(std::size_t d, const Index& at, std::int64_t weight) {
    if (d == loops_.size()) {
      step(at, weight);
      return;
    }
    const Above& loop = loops_[d];
    const std::int64_t visited =
        rules_.extrapolate ? std::min<std::int64_t>(loop.count, 2) : loop.count;
    for (std::int64_t i = 0; i < visited; ++i) {
      Index next = at;
      next[loop.dim] += i * loop.stride;
      walk(d + 1, next, rules_.extrapolate && i == 1 ? weight * (loop.count - 1) : weight);
    }
  }

  /// Reference text 2.4, sentence by sentence.
  Points delta_of(const Points& tile, const Vector& origin) {
    if (s_ == 0 || !previous_) return tile;
    Vector move = origin;
    for (std::size_t r = 0; r < move.size(); ++r) move[r] -= previous_origin_[r];
    const bool still = std::all_of(move.begin(), move.end(), [](auto m) { return m == 0; });
    if (still) return {};
    if (!v_ || *v_ == move) {
      v_ = move;
      Points fresh;
      std::set_difference(tile.begin(), tile.end(), previous_->begin(), previous_->end(),
                          std::inserter(fresh, fresh.end()));
      return fresh;
    }
    v_.reset();
    return tile;
  }

  bool neighbour_had(std::size_t child, const Points& wanted) const {
    const auto number = static_cast<std::int64_t>(child);
    for (std::size_t other = 0; other < offsets_.size(); ++other) {
      const auto there = static_cast<std::int64_t>(other);
      const std::int64_t dx = there % width_ - number % width_;
      const std::int64_t dy = there / width_ - number / width_;
      if (std::abs(dx) + std::abs(dy) != 1) continue;
      if (moved(previous_delta_, offsets_[other]) == wanted) return true;
    }
    return false;
  }

  void step(const Index& at, std::int64_t weight) {
    const Points tile = tile_points(space_, at, inner_);
    const Vector origin = corner(space_, at);
    const Points delta = delta_of(tile, origin);
    if (!delta.empty()) serve(delta, weight);
    previous_ = tile;
    previous_origin_ = origin;
    previous_delta_ = delta;
  }

  void serve(const Points& delta, std::int64_t weight) {
    std::map<Vector, std::int64_t> all;
    std::map<Vector, std::int64_t> remaining;
    std::int64_t linked = 0;
    for (std::size_t child = 0; child < offsets_.size(); ++child) {
      ++all[offsets_[child]];
      if (rules_.link_transfers && neighbour_had(child, moved(delta, offsets_[child])))
        ++linked;
      else
        ++remaining[offsets_[child]];
    }
    const bool use_links = remaining.size() < all.size();
    const std::int64_t words = static_cast<std::int64_t>(delta.size()) * weight;
    if (use_links) link_words += linked * words;
    std::map<std::int64_t, std::int64_t> degrees;
    for (const auto& [offset, members] : use_links ? remaining : all) ++degrees[members];
    for (const auto& [degree, groups] : degrees) tally[{degree, groups}] += words * groups;
  }

  const Case& c_;
  const Dataspace& space_;
  const std::size_t s_;
  const TrafficRules rules_;
  Extents inner_;
  std::vector<Above> loops_;  // outer first
  std::vector<Vector> offsets_;
  std::int64_t width_ = 1;
  std::int64_t height_ = 1;
  std::optional<Points> previous_;
  Vector previous_origin_;
  Points previous_delta_;
  std::optional<Vector> v_;
};

void add_some(std::vector<Factor>& loops, Problem& problem, Random& random, int most) {
  for (int i = 0; i < most; ++i) {
    const auto dim = static_cast<DimId>(random.below(problem.dims.size()));
    const bool repeated =
        std::any_of(loops.begin(), loops.end(), [&](const Factor& f) { return f.dim == dim; });
    if (repeated) continue;
    loops.push_back({dim, random.between(2, 3)});
    problem.dims[dim].bound *= loops.back().count;
  }
}

Case draw(Random& random) {
  Case c;
  const std::int64_t dims = random.between(1, 3);
  for (std::int64_t d = 0; d < dims; ++d) c.problem.dims.push_back({"D", 1});
  Dataspace space{"T", random.below(2) == 0, {}};
  for (std::int64_t r = random.between(1, 2); r > 0; --r) {
    Rank rank;
    for (const DimId dim : ids<DimId>(c.problem.dims.size()))
      if (random.below(2) == 0) rank.push_back({dim, random.between(1, 3)});
    space.ranks.push_back(std::move(rank));
  }
  c.problem.spaces.push_back(std::move(space));
  const std::size_t levels = static_cast<std::size_t>(random.between(1, 3));
  Mesh mesh{1, 1};
  c.arch.levels.resize(levels);
  c.mapping.levels.resize(levels);
  for (std::size_t s = levels; s-- > 0;) {
    LevelMapping& level = c.mapping.levels[s];
    add_some(level.temporal, c.problem, random, 2);
    add_some(level.spatial_x, c.problem, random, 1);
    add_some(level.spatial_y, c.problem, random, 1);
    c.arch.levels[s].mesh = mesh;
    mesh.x *= product(level.spatial_x) + random.between(0, 1);
    mesh.y *= product(level.spatial_y) + random.between(0, 1);
  }
  c.arch.arithmetic.mesh = mesh;
  return c;
}

TEST(TimeloopTraffic, EqualsWalkingEveryWordOnHundredsOfRandomCases) {
  Random random(4);
  std::int64_t with_links = 0;
  std::int64_t several_records = 0;
  for (int i = 0; i < 1500; ++i) {
    const Case c = draw(random);
    std::int64_t size = 1;
    for (const Dim& dim : c.problem.dims) size *= dim.bound;
    if (size > 300) continue;  // the oracle touches every point at every step
    const std::size_t s = random.below(c.mapping.levels.size());
    const TrafficRules rules{random.below(2) == 0, random.below(2) == 0};
    Oracle oracle(c, SpaceId{0}, s, rules);
    oracle.run();
    const Traffic traffic = traffic_below(c.arch, c.problem, c.mapping, SpaceId{0}, s, rules);
    Tally tally;
    for (const Record& record : traffic.records)
      tally[{record.multicast, record.scatter}] = static_cast<std::int64_t>(record.words);
    ASSERT_EQ(tally, oracle.tally) << "case " << i;
    ASSERT_EQ(traffic.link_words, oracle.link_words) << "case " << i;
    with_links += traffic.link_words > 0 ? 1 : 0;
    several_records += traffic.records.size() > 1 ? 1 : 0;
  }
  EXPECT_GT(with_links, 50);
  EXPECT_GT(several_records, 20);
}

}  // namespace
}  // namespace tileloom::cost::timeloop

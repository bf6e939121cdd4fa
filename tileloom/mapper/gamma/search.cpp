#include "tileloom/mapper/gamma/search.hpp"

#include <algorithm>
#include <bit>

#include "tileloom/mapper/gamma/moves.hpp"
#include "tileloom/mapper/gamma/operators.hpp"
#include "tileloom/mapper/gamma/population.hpp"
#include "tileloom/mapper/gamma/seeds.hpp"
#include "tileloom/mapper/genome_draw.hpp"
#include "tileloom/mapper/genome_repair.hpp"
#include "tileloom/mapper/genome_scorer.hpp"

namespace tileloom::mapper::gamma {
namespace {

/// Draws of `good_spreads`.
constexpr std::size_t kSpreads = 48;

/// Fingerprints of what has been scored; of two that want one place the later stays.
class Seen {
 public:
  explicit Seen(std::int64_t samples)
      : marks_(std::bit_ceil(static_cast<std::size_t>(
            std::clamp<std::int64_t>(4 * samples, 1024, std::int64_t{1} << 20)))) {}
  /// True if it was not there before.
  bool add(std::uint64_t fingerprint) {
    std::uint64_t& mark = marks_[fingerprint & (marks_.size() - 1)];
    if (mark == fingerprint) return false;
    mark = fingerprint;
    return true;
  }

 private:
  std::vector<std::uint64_t> marks_;
};

class Run {
 public:
  Run(const GenomeSpace& space, const GammaOptions& options, const Goal& goal, const Budget& budget)
      : space_(space),
        options_(options),
        goal_(goal),
        budget_(budget),
        random_(budget.seed),
        scorer_(space),
        now_(space, 2 * options.population + 2),
        next_(space, 2 * options.population + 2),
        seen_(budget.evaluations) {
    if (options_.seeded) spreads_ = good_spreads(space_, kSpreads, random_);
  }

  Outcome run(std::span<const Genome> start, const std::function<void(const Outcome&)>& report) {
    first_generation(start);
    while (!spent() && !budget_.stopped()) {
      const std::int64_t before = outcome_.samples;
      next_generation();
      if (report) report(outcome_);
      if (outcome_.samples == before && ++idle_ > 50) break;  // the space is exhausted
    }
    return std::move(outcome_);
  }

 private:
  bool spent() const { return outcome_.samples >= std::max<std::int64_t>(1, budget_.evaluations); }

  void first_generation(std::span<const Genome> start) {
    now_.clear();
    still_ = 0;
    best_here_.reset();
    for (const Genome& genome : start) {
      if (now_.size() == options_.population) break;
      now_.add().genome = genome;
    }
    while (now_.size() < options_.population) draw(now_.size(), now_.add().genome);
    for (std::size_t i = 0; i < now_.size() && !spent(); ++i) score(now_[i]);
    now_.sort();
  }

  /// Individual number i of a first generation.
  void draw(std::size_t i, Genome& genome) {
    if (!options_.seeded) {
      genome = random_genome(space_, random_);
      // Two individuals of the first generation have unit tiles only.
      if (i < 2) std::ranges::fill(genome.tile, 1);
      return;
    }
    // The spreads with the fewest steps more often: the place in the list is the smaller of two.
    if (goal_.objective.first != cost::Metric::latency && random_.below(2) == 0) {
      genome = balanced_spread(space_, random_);
    } else {
      const std::size_t a = random_.below(spreads_.size());
      const std::size_t b = random_.below(spreads_.size());
      genome = spreads_[std::min(a, b)];
    }
    draw_tiles(space_, genome, random_);
    if (!options_.bypass) return;
    const std::uint64_t kind = random_.below(4);
    const std::uint32_t innermost = std::uint32_t{1} << (space_.map.arch->memories.size() - 1);
    for (std::uint32_t& keep : genome.keeps) {
      if (kind == 0) keep &= static_cast<std::uint32_t>(random_.next());
      if (kind == 1) keep &= ~innermost;
    }
  }

  void next_generation() {
    now_.sort();
    now_.drop_equal();
    if (options_.niche > 0) now_.thin_out(space_, static_cast<std::size_t>(options_.niche));
    now_.keep_first(options_.population);
    const std::size_t legal = now_.legal();
    if (legal == 0 || (options_.renew && stands_still())) return first_generation({});
    const std::size_t parents = std::clamp<std::size_t>(
        static_cast<std::size_t>(parents_share() * static_cast<double>(now_.size())), 1, legal);
    const std::size_t elites = std::min<std::size_t>(
        legal,
        static_cast<std::size_t>(options_.elites * static_cast<double>(options_.population)));
    next_.clear();
    for (std::size_t i = 0; i < elites; ++i) next_.add() = now_[i];
    while (next_.size() < options_.population) {
      if (options_.guided && random_.unit() < options_.guided_share) {
        guided_child(parents);
      } else {
        published_pair(parents);
      }
    }
    const std::size_t first = options_.renew ? elites : 0;
    for (std::size_t i = first; i < next_.size() && !spent(); ++i) score(next_[i]);
    if (options_.renew) {  // the parents compete with their children
      for (std::size_t i = elites; i < parents; ++i) next_.add() = now_[i];
    }
    std::swap(now_, next_);
  }

  /// Deviation `guided`: the share of those that breed falls towards none as the budget is spent.
  double parents_share() const {
    if (!options_.guided) return options_.parents;
    const double left =
        1.0 - static_cast<double>(outcome_.samples) / static_cast<double>(budget_.evaluations);
    return options_.parents * left;
  }

  bool stands_still() {
    const cost::Score& best = *now_[0].score;
    if (!best_here_ || best < *best_here_) {
      best_here_ = best;
      still_ = 0;
      return false;
    }
    return ++still_ > options_.patience;
  }

  void guided_child(std::size_t parents) {
    const std::size_t a = random_.below(parents);
    const std::size_t b = random_.below(parents);
    Individual& child = next_.add();
    child = now_[std::min(a, b)];
    do {
      guided_move(space_, child.genome, options_.bypass, random_, chunks_);
    } while (random_.below(3) == 0);
  }

  void published_pair(std::size_t parents) {
    Individual& a = next_.add();
    a = now_[random_.below(parents)];
    Individual& b = next_.add();
    b = now_[random_.below(parents)];
    if (random_.unit() < options_.crossover) crossover(space_, a.genome, b.genome, random_);
    change(a.genome);
    change(b.genome);
  }

  void change(Genome& genome) {
    if (random_.unit() < options_.reorder) reorder(space_, genome, random_);
    for (int i = 0; i < options_.mutation_tries; ++i) {
      if (random_.unit() < options_.mutation) mutate(space_, genome, random_);
    }
    if (random_.unit() < options_.mutate_parallel) mutate_parallel(space_, genome, random_);
    if (random_.unit() < options_.growth) grow(space_, genome, random_);
    if (random_.unit() < options_.aging) age(space_, genome);
  }

  /// Repairs, scores and remembers.
  void score(Individual& individual) {
    bool roomy = make_legal(individual.genome);
    if (options_.renew) {
      for (int tries = 0; !seen_.add(fingerprint(individual.genome)); ++tries) {
        if (tries == 8) {
          individual.score.reset();
          return;
        }
        guided_move(space_, individual.genome, options_.bypass, random_, chunks_);
        roomy = make_legal(individual.genome);
      }
    }
    ++outcome_.samples;
    individual.score = roomy ? judge(individual.genome) : std::nullopt;
    if (!individual.score) return;
    ++outcome_.legal;
    if (outcome_.best && *individual.score >= outcome_.best->score) return;
    outcome_.best = Found{*individual.score, individual.genome};
    idle_ = 0;
  }

  bool make_legal(Genome& genome) {
    obey_rules(genome);
    repair(space_, genome, chunks_);
    return !options_.fit || shrink_to_fit(space_, genome, chunks_);
  }

  void obey_rules(Genome& genome) const {
    for (const PartRule& rule : options_.rules) {
      if (rule.part >= space_.parts.size()) continue;
      if (rule.positions) genome.positions[rule.part] = *rule.positions;
      const auto allowed = [&](std::size_t r) {
        return std::ranges::find(rule.ranks, space_.map.op->ranks[r].name) != rule.ranks.end();
      };
      std::uint16_t& rank = genome.rank[rule.part];
      for (std::size_t i = 0; i < space_.ranks() && !rule.ranks.empty() && !allowed(rank); ++i) {
        rank = static_cast<std::uint16_t>((rank + 1U) % space_.ranks());
      }
    }
  }

  std::optional<cost::Score> judge(const Genome& genome) {
    if (goal_.accepts && !goal_.accepts(genome)) return std::nullopt;
    const std::optional<cost::QuickCost> cost = scorer_(genome);
    if (!cost) return std::nullopt;
    if (goal_.most_cycles && cost->cycles > *goal_.most_cycles) return std::nullopt;
    if (goal_.most_picojoules && cost->picojoules > *goal_.most_picojoules) return std::nullopt;
    return cost::score(goal_.objective, {static_cast<std::int64_t>(cost->cycles)},
                       {cost->picojoules});
  }

  const GenomeSpace& space_;
  const GammaOptions& options_;
  const Goal& goal_;
  const Budget& budget_;
  Random random_;
  GenomeScorer scorer_;
  Population now_, next_;
  Seen seen_;
  std::vector<Genome> spreads_;
  Chunks chunks_;
  Outcome outcome_;
  std::optional<cost::Score> best_here_;  ///< since the search last started anew
  int still_ = 0;                         ///< generations since then without a better one
  int idle_ = 0;                          ///< generations in which nothing was scored
};

}  // namespace

Outcome search(const GenomeSpace& space, const GammaOptions& options, const Goal& goal,
               const Budget& budget, std::span<const Genome> start,
               const std::function<void(const Outcome&)>& on_progress) {
  return Run(space, options, goal, budget).run(start, on_progress);
}

}  // namespace tileloom::mapper::gamma

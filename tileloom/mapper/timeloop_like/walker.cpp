#include "tileloom/mapper/timeloop_like/walker.hpp"

namespace tileloom::mapper {

Walker::Walker(const MapSpace& space, const std::vector<TilingLevel>& levels,
               const FactorisationSampler& sampler, const TimeloopOptions& options,
               std::uint64_t seed)
    : space_(space),
      sampler_(sampler),
      options_(options),
      subspace_(space, levels),
      random_(seed) {}

void Walker::step(const Visit& visit, const std::function<bool()>& finished) {
  if (!inside_) {
    std::optional<Factorisation> factors = sampler_.draw(random_);
    if (!factors) {
      count(Verdict::rejected);
      return;
    }
    subspace_.enter(std::move(*factors));
    if (options_.walk == TimeloopWalk::random_pruned) {
      orders_left_ = subspace_.orders(options_.max_permutations_per_if_visit);
      subspace_.shuffle_orders(random_);
    }
    inside_ = true;
  }
  inside_ = visit_splits(visit, finished) && next_orders();
}

bool Walker::next_orders() {
  if (options_.walk == TimeloopWalk::hybrid) return subspace_.next_order();
  if (--orders_left_ <= 0) return false;
  subspace_.shuffle_orders(random_);
  return true;
}

/// All splits and placements under the current orders. False if other orders are no use: a split
/// fitted the fanouts, but under every placement some tile was too large for its memory.
bool Walker::visit_splits(const Visit& visit, const std::function<bool()>& finished) {
  subspace_.first_split();
  do {
    if (!subspace_.split_fits()) {
      count(Verdict::rejected);
      continue;
    }
    std::size_t too_large = 0;
    for (std::size_t p = 0; p < subspace_.placements(); ++p) {
      if (finished() || stopped()) return true;
      const Point& point = subspace_.point(p);
      const Verdict verdict = legal(space_, point) ? visit(point) : Verdict::rejected;
      count(verdict);
      if (verdict == Verdict::too_large) ++too_large;
    }
    if (too_large == subspace_.placements()) return false;
  } while (!finished() && !stopped() && subspace_.next_split());
  return true;
}

void Walker::count(Verdict verdict) {
  if (verdict == Verdict::rejected) ++rejected_;
  if (verdict == Verdict::rejected || verdict == Verdict::too_large) {
    ++invalid_in_a_row_;
  } else {
    invalid_in_a_row_ = 0;
    since_improvement_ = verdict == Verdict::improved ? 0 : since_improvement_ + 1;
  }
}

bool Walker::stopped() const {
  const auto reached = [](std::int64_t number, std::int64_t limit) {
    return limit > 0 && number >= limit;
  };
  return reached(since_improvement_, options_.victory_condition) ||
         reached(invalid_in_a_row_, options_.timeout);
}

}  // namespace tileloom::mapper

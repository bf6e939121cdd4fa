#include "tileloom/scheduler/chain_fronts.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <tuple>

namespace tileloom::scheduler::chains {
namespace {

/// Four costs of the operators before a cut, and how they were reached.
struct FrontLabel {
  Cycles latency{};
  Picojoules energy{};
  double aimed = 0;   ///< Σ
  double beside = 0;  ///< the most of any step
  std::size_t step = 0;
  std::size_t before = 0;  ///< the label at the step's beginning, by its place among all
};

FrontLabel extended(const FrontLabel& label, const Step& step) {
  FrontLabel next;
  next.latency = label.latency + step.latency;
  next.energy = label.energy + step.energy;
  next.aimed = label.aimed + step.aimed;
  next.beside = std::max(label.beside, step.beside);
  return next;
}

/// Labels of `found` that none before them in the order of latency comes within 1 + `closeness` of
/// in everything; absent if more than `most`.
std::optional<std::vector<FrontLabel>> unbeaten(std::vector<FrontLabel> found, double closeness,
                                                std::size_t most) {
  std::ranges::sort(found, {}, [](const FrontLabel& label) {
    return std::tuple(label.latency, label.energy, label.aimed, label.beside, label.step,
                      label.before);
  });
  const double near = 1 + closeness;
  std::vector<FrontLabel> kept;
  for (const FrontLabel& label : found) {
    const bool beaten = std::any_of(kept.rbegin(), kept.rend(), [&](const FrontLabel& other) {
      return other.energy.value <= label.energy.value * near &&
             other.aimed <= label.aimed * near && other.beside <= label.beside * near;
    });
    if (beaten) continue;
    if (kept.size() == most) return std::nullopt;
    kept.push_back(label);
  }
  return kept;
}

class FrontSearch {
 public:
  FrontSearch(std::size_t cuts, const std::vector<Step>& steps)
      : cuts_(cuts), steps_(steps), into_(cuts + 1) {
    for (std::size_t s = 0; s < steps.size(); ++s) into_[steps[s].to].push_back(s);
  }

  /// The labels at the last cut; absent if more than `most` met anywhere.
  std::optional<std::vector<FrontLabel>> run(double closeness, std::size_t most) {
    all_.assign(1, {});
    std::vector<std::pair<std::size_t, std::size_t>> at{{0, 1}};  // places, by cut
    for (std::size_t cut = 1; cut <= cuts_; ++cut) {
      std::vector<FrontLabel> found;
      for (const std::size_t s : into_[cut]) {
        const auto [first, end] = at[steps_[s].from];
        for (std::size_t place = first; place < end; ++place) {
          found.push_back(extended(all_[place], steps_[s]));
          found.back().step = s;
          found.back().before = place;
        }
      }
      const auto kept = unbeaten(std::move(found), closeness, most);
      if (!kept) return std::nullopt;
      at.emplace_back(all_.size(), all_.size() + kept->size());
      all_.insert(all_.end(), kept->begin(), kept->end());
    }
    return std::vector<FrontLabel>(all_.begin() + static_cast<std::ptrdiff_t>(at.back().first),
                                   all_.end());
  }

  std::vector<Step> chain(const FrontLabel& end) const {
    std::vector<Step> chain{steps_[end.step]};
    for (std::size_t place = end.before; place != 0; place = all_[place].before)
      chain.push_back(steps_[all_[place].step]);
    std::ranges::reverse(chain);
    return chain;
  }

 private:
  std::size_t cuts_;
  const std::vector<Step>& steps_;
  std::vector<std::vector<std::size_t>> into_;
  std::vector<FrontLabel> all_;
};

}  // namespace

ChainFront chain_front(std::size_t cuts, const std::vector<Step>& steps, std::size_t most) {
  ChainFront front;
  if (cuts == 0) return {{{}}, 1};
  FrontSearch search(cuts, steps);
  // Labels left out at a cut are within 1 + closeness of one kept: a factor per cut at most.
  double closeness = 0;
  std::optional<std::vector<FrontLabel>> ends = search.run(closeness, most);
  while (!ends) {
    closeness = std::max(1e-5, 2 * closeness);
    ends = search.run(closeness, most);
  }
  front.factor = std::pow(1 + closeness, static_cast<double>(cuts));
  for (const FrontLabel& end : *ends) front.chains.push_back(search.chain(end));
  return front;
}

}  // namespace tileloom::scheduler::chains

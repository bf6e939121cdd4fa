#include "tileloom/scheduler/chains.hpp"

#include <algorithm>
#include <limits>

namespace tileloom::scheduler::chains {

namespace {

/// A label knows its predecessor by its place among all, which only grow.
struct Placed : Label {
  std::size_t place = 0;
};

/// Steps by the cut they begin at, in their order.
std::vector<std::vector<std::size_t>> steps_from(std::size_t cuts, const std::vector<Step>& steps) {
  std::vector<std::vector<std::size_t>> from(cuts + 1);
  for (std::size_t s = 0; s < steps.size(); ++s) from[steps[s].from].push_back(s);
  return from;
}

class Labelling {
 public:
  Labelling(std::size_t cuts, const std::vector<Step>& steps) : steps_(steps), at_(cuts + 1) {
    at_[0].push_back({});
    const std::vector<std::vector<std::size_t>> from = steps_from(cuts, steps);
    for (std::size_t cut = 0; cut < cuts; ++cut) {
      for (Placed& label : at_[cut]) {
        if (cut == 0) break;
        label.place = all_.size();
        all_.push_back(label);
      }
      for (const std::size_t s : from[cut]) extend(cut, s);
    }
  }

  const std::vector<Placed>& arrived() const { return at_.back(); }

  std::vector<Step> chain(const Label& end) const {
    std::vector<Step> chain;
    for (const Label* label = &end; label != all_.data(); label = &all_[label->before])
      chain.push_back(steps_[label->step]);
    std::ranges::reverse(chain);
    return chain;
  }

 private:
  void extend(std::size_t cut, std::size_t s) {
    for (const Placed& label : at_[cut]) {
      Placed next;
      next.latency = label.latency + steps_[s].latency;
      next.energy = label.energy + steps_[s].energy;
      next.step = s;
      next.before = label.place;
      keep_best(at_[steps_[s].to], next);
    }
  }

  const std::vector<Step>& steps_;
  std::vector<Label> all_{Label{}};
  std::vector<std::vector<Placed>> at_;
};

}  // namespace

namespace {

double joined(Aim aim, double a, double b) {
  return aim == Aim::peak_memory ? std::max(a, b) : a + b;
}

/// [cut]: the least aim of any chain from cut 0 to it, or with `backwards` from it to the end.
std::vector<double> least_aims(std::size_t cuts, const std::vector<Step>& steps, Aim aim,
                               bool backwards) {
  std::vector<double> least(cuts + 1, std::numeric_limits<double>::infinity());
  least[backwards ? cuts : 0] = 0;
  const std::vector<std::vector<std::size_t>> from = steps_from(cuts, steps);
  for (std::size_t i = 0; i < cuts; ++i) {
    const std::size_t cut = backwards ? cuts - 1 - i : i;
    for (const std::size_t s : from[cut]) {
      double& reached = least[backwards ? cut : steps[s].to];
      reached =
          std::min(reached, joined(aim, steps[s].aimed, least[backwards ? steps[s].to : cut]));
    }
  }
  return least;
}

}  // namespace

std::vector<Step> best_in_aim(std::size_t cuts, const std::vector<Step>& steps, Aim aim) {
  if (aim == Aim::none) return steps;
  const std::vector<double> before = least_aims(cuts, steps, aim, false);
  const std::vector<double> behind = least_aims(cuts, steps, aim, true);
  std::vector<Step> best;
  for (const Step& step : steps) {
    const double least = joined(aim, joined(aim, before[step.from], step.aimed), behind[step.to]);
    if (least <= before[cuts]) best.push_back(step);
  }
  return best;
}

double aim_of(const std::vector<Step>& chain, Aim aim) {
  double whole = 0;
  for (const Step& step : chain) whole = joined(aim, whole, step.aimed);
  return whole;
}

std::vector<std::vector<Step>> best_chains(std::size_t cuts, const std::vector<Step>& steps) {
  if (cuts == 0) return {{}};
  const Labelling labelling(cuts, steps);
  std::vector<Placed> ends = labelling.arrived();
  std::ranges::sort(ends, {}, &Placed::energy);
  std::vector<std::vector<Step>> chains;
  for (const Placed& end : ends) chains.push_back(labelling.chain(end));
  return chains;
}

std::vector<Step> best_chain(std::size_t cuts, const std::vector<Step>& steps,
                             const cost::Objective& objective) {
  const Labelling labelling(cuts, steps);
  const auto best = std::ranges::min_element(labelling.arrived(), {}, [&](const Placed& label) {
    return cost::score(objective, label.latency, label.energy);
  });
  if (cuts == 0 || best == labelling.arrived().end()) return {};
  return labelling.chain(*best);
}

}  // namespace tileloom::scheduler::chains

#include "tileloom/scheduler/exact/labels.hpp"

#include <algorithm>

namespace tileloom::scheduler::exact {

std::vector<Step> best_chain(std::size_t cuts, const std::vector<Step>& steps,
                             const cost::Objective& objective) {
  // A label knows its predecessor by its place in `all`, which only grows.
  struct Placed : Label {
    std::size_t place = 0;
  };
  std::vector<Label> all{Label{}};
  std::vector<std::vector<Placed>> at(cuts + 1);
  at[0].push_back({});
  for (std::size_t cut = 0; cut < cuts; ++cut) {
    for (Placed& label : at[cut]) {
      if (cut == 0) break;
      label.place = all.size();
      all.push_back(label);
    }
    for (std::size_t s = 0; s < steps.size(); ++s) {
      if (steps[s].from != cut) continue;
      for (const Placed& label : at[cut]) {
        Placed next;
        next.latency = label.latency + steps[s].latency;
        next.energy = label.energy + steps[s].energy;
        next.step = s;
        next.before = label.place;
        keep_best(at[steps[s].to], next);
      }
    }
  }
  const Label* best = nullptr;
  for (const Placed& label : at[cuts]) {
    if (best == nullptr || cost::score(objective, label.latency, label.energy) <
                               cost::score(objective, best->latency, best->energy)) {
      best = &label;
    }
  }
  std::vector<Step> chain;
  for (const Label* label = best; label != nullptr && label != all.data();
       label = &all[label->before]) {
    chain.push_back(steps[label->step]);
  }
  std::ranges::reverse(chain);
  return chain;
}

}  // namespace tileloom::scheduler::exact

#include "tileloom/scheduler/dlfusion/pipeline_search.hpp"

#include <algorithm>
#include <array>

namespace tileloom::scheduler {
namespace {

/// Shares of the channels' load in a bound; the rest is the slowest stage's.
constexpr std::array<double, 4> kWeights = {0, 0.5, 0.8, 1};

/// Limits of the slowest stage in bounds.
constexpr std::size_t kLimits = 24;

/// The units of the set whose results are read outside it.
std::vector<UnitId> frontier(const UnitGraph& units, const UnitSet& set) {
  std::vector<UnitId> found;
  for (const UnitId id : members(set)) {
    const bool read =
        std::ranges::any_of(units[id].after, [&](UnitId after) { return !contains(set, after); });
    if (read) found.push_back(id);
  }
  return found;
}

/// Per unit: all that it needs, directly or not.
PerId<UnitId, UnitSet> ancestors(const UnitGraph& units) {
  PerId<UnitId, UnitSet> found;
  for (const UnitId id : ids<UnitId>(units.size())) {  // in execution order
    UnitSet set = empty_set(units);
    for (const UnitId before : units[id].before) {
      insert(set, before);
      for (std::size_t w = 0; w < set.size(); ++w) set[w] |= found[before][w];
    }
    found.push_back(std::move(set));
  }
  return found;
}

/// The unit of the set that surely ends last of all of them: it needs all others. Absent if there
/// is none.
std::optional<UnitId> last_to_end(const PerId<UnitId, UnitSet>& ancestors, const UnitSet& set) {
  for (const UnitId id : members(set)) {
    UnitSet all = ancestors[id];
    insert(all, id);
    if (all == set) return id;
  }
  return std::nullopt;
}

/// A pipeline as far as a state.
struct Label {
  std::vector<double> ready;  ///< per unit of the frontier: when the first image has passed it
  double end = 0;             ///< when it has passed the last stage
  double latest = 0;          ///< the largest of these and of all units before
  double load = 0;
  double load_traffic = 0;
  double slowest = 0;
  double traffic = 0;
  std::size_t stages = 0;
  std::size_t before = 0;  ///< the label it extends
  PipelineStep step;
  std::int64_t cores = 0;
};

/// True if `a` costs no more than `b` however both go on. What the traffic of `b` hides already
/// does not count; nor does the interval if there is one image only.
bool dominates(const Label& a, const Label& b, bool one_image) {
  if (a.stages > b.stages || a.latest > b.latest || a.cores > b.cores ||
      a.load_traffic > b.load_traffic || a.load > std::max(b.load, b.load_traffic)) {
    return false;
  }
  if (!one_image && (a.traffic > b.traffic || a.slowest > std::max(b.slowest, b.traffic))) {
    return false;
  }
  for (std::size_t i = 0; i < a.ready.size(); ++i) {
    if (a.ready[i] > b.ready[i]) return false;
  }
  return true;
}

class LabelSearch {
 public:
  LabelSearch(const StageGraph& graph, const OnwardBounds& bounds,
              const cost::MulticoreMachine& machine, std::size_t start,
              const PipelinedOptions& options, double beat, std::int64_t& labels)
      : graph_(graph),
        bounds_(bounds),
        machine_(machine),
        start_(start),
        options_(options),
        more_images_(static_cast<double>(options.images - 1)),
        beat_(beat),
        left_(labels),
        at_(graph.sets.size()) {
    for (const UnitSet& set : graph.sets) frontiers_.push_back(frontier(graph.units, set));
  }

  FoundPipeline run() {
    Label first;
    first.ready.assign(frontiers_[start_].size(), 0);
    labels_.push_back(first);
    at_[start_] = {0};
    for (const std::vector<PipelineStep>& steps : bounds_.proposals(start_)) try_steps(steps);
    for (std::size_t state = start_; state < at_.size(); ++state) {
      for (std::size_t i = 0; i < at_[state].size() && left_ > 0; ++i) {
        extend(state, at_[state][i]);
      }
    }
    FoundPipeline found;
    if (best_.empty()) return found;
    found.cycles = beat_;
    found.to = graph_.edges[best_.back().from][best_.back().edge].to;
    found.steps = best_;
    return found;
  }

 private:
  void extend(std::size_t state, std::size_t label) {
    if (labels_[label].stages >= options_.most_stages) return;
    const std::vector<StageEdge>& edges = graph_.edges[state];
    for (std::size_t e = 0; e < edges.size(); ++e) {
      const double ready = ready_before(state, labels_[label], edges[e]);
      for (std::size_t o = 0; o < edges[e].options.size() && left_ > 0; ++o) {
        const StageOption& option = edges[e].options[o];
        if (labels_[label].cores + option.cores > machine_.cores) continue;
        add(state, label, e, o, ready);
      }
    }
  }

  /// When the inputs of the block are there.
  double ready_before(std::size_t state, const Label& label, const StageEdge& edge) const {
    const std::vector<UnitId>& known = frontiers_[state];
    double ready = 0;
    for (const UnitId unit : edge.units) {
      for (const UnitId before : graph_.units[unit].before) {
        const auto place = std::ranges::find(known, before);
        if (place == known.end()) continue;
        ready = std::max(ready, label.ready[static_cast<std::size_t>(place - known.begin())]);
      }
    }
    return ready;
  }

  /// The label with one more stage.
  Label extended(const Label& before, const PipelineStep& step, double ready) const {
    const StageEdge& edge = graph_.edges[step.from][step.edge];
    const StageOption& option = edge.options[step.option];
    Label made;
    made.load = std::max(before.load, option.cost.load);
    made.load_traffic = before.load_traffic + option.cost.load_traffic;
    made.slowest = std::max(before.slowest, option.cost.every);
    made.traffic = before.traffic + option.cost.traffic;
    made.cores = before.cores + option.cores;
    made.stages = before.stages + 1;
    made.step = step;
    made.end = ready + option.cost.first;
    made.latest = std::max(before.latest, made.end);
    return made;
  }

  /// (M11) and what follows.
  double total(const Label& label) const {
    return machine_.launch + label.latest + std::max(label.load, label.load_traffic) +
           more_images_ * std::max(label.slowest, label.traffic) +
           graph_.onward[graph_.edges[label.step.from][label.step.edge].to];
  }

  void add(std::size_t state, std::size_t from, std::size_t e, std::size_t o, double ready) {
    const StageEdge& edge = graph_.edges[state][e];
    Label made = extended(labels_[from], {state, e, o}, ready);
    made.before = from;
    const double cycles = total(made);
    const double least = bounds_.least(edge.to, machine_.cores - made.cores,
                                       machine_.launch + made.latest + made.load_traffic,
                                       made.slowest, made.traffic);
    if (cycles >= beat_ && least >= beat_) return;
    made.ready = ready_after(state, labels_[from], edge, made.end);
    if (!keep(edge.to, made) || cycles >= beat_) return;
    beat_ = cycles;
    best_.clear();
    for (std::size_t l = labels_.size() - 1; l != 0; l = labels_[l].before) {
      best_.insert(best_.begin(), labels_[l].step);
    }
  }

  void try_steps(const std::vector<PipelineStep>& steps) {
    Label label = labels_.front();
    for (const PipelineStep& step : steps) {
      const StageEdge& edge = graph_.edges[step.from][step.edge];
      Label next = extended(label, step, ready_before(step.from, label, edge));
      next.ready = ready_after(step.from, label, edge, next.end);
      label = std::move(next);
    }
    if (steps.empty() || label.stages > options_.most_stages || total(label) >= beat_) return;
    beat_ = total(label);
    best_ = steps;
  }

  std::vector<double> ready_after(std::size_t state, const Label& before, const StageEdge& edge,
                                  double end) const {
    std::vector<double> ready;
    const std::vector<UnitId>& known = frontiers_[state];
    for (const UnitId id : frontiers_[edge.to]) {
      const auto place = std::ranges::find(known, id);
      const bool made_here = std::ranges::find(edge.units, id) != edge.units.end();
      ready.push_back(made_here ? end
                                : before.ready[static_cast<std::size_t>(place - known.begin())]);
    }
    return ready;
  }

  /// False if another label is as good in everything.
  bool keep(std::size_t state, const Label& made) {
    std::vector<std::size_t>& here = at_[state];
    left_ -= 1 + static_cast<std::int64_t>(here.size() / 64);
    for (const std::size_t other : here) {
      if (dominates(labels_[other], made, options_.images == 1)) return false;
    }
    std::erase_if(here, [&](std::size_t other) {
      return dominates(made, labels_[other], options_.images == 1);
    });
    here.push_back(labels_.size());
    labels_.push_back(made);
    return true;
  }

  const StageGraph& graph_;
  const OnwardBounds& bounds_;
  const cost::MulticoreMachine& machine_;
  std::size_t start_;
  const PipelinedOptions& options_;
  double more_images_;
  double beat_;
  std::int64_t& left_;
  std::vector<std::vector<UnitId>> frontiers_;
  std::vector<Label> labels_;
  std::vector<std::vector<std::size_t>> at_;  ///< per state: labels that may be extended
  std::vector<PipelineStep> best_;
};

}  // namespace

OnwardBounds::OnwardBounds(const StageGraph& graph, std::int64_t cores, std::int64_t images)
    : graph_(graph), cores_(cores), more_images_(static_cast<double>(images - 1)) {
  const PerId<UnitId, UnitSet> needs = ancestors(graph.units);
  for (std::size_t state = 0; state < graph.edges.size(); ++state) {
    const std::optional<UnitId> last = last_to_end(needs, graph.sets[state]);
    std::vector<bool>& waits = waits_.emplace_back();
    for (const StageEdge& edge : graph.edges[state]) {
      waits.push_back(state == 0 || (last && std::ranges::any_of(edge.units, [&](UnitId id) {
                                       const std::vector<UnitId>& before = graph.units[id].before;
                                       return std::ranges::find(before, *last) != before.end();
                                     })));
    }
  }
  for (const std::vector<StageEdge>& edges : graph.edges) {
    for (const StageEdge& edge : edges) {
      for (const StageOption& option : edge.options) limits_.push_back(option.cost.every);
    }
  }
  std::ranges::sort(limits_);
  std::vector<double> few;  // as many options between each and the next
  for (std::size_t i = 1; i <= kLimits && !limits_.empty(); ++i) {
    few.push_back(limits_[i * limits_.size() / kLimits - (i * limits_.size() >= kLimits ? 1 : 0)]);
  }
  limits_ = images == 1 ? std::vector<double>{kNever} : std::move(few);
  const std::size_t tables = limits_.size() * kWeights.size() * graph.sets.size();
  least_.assign(tables * static_cast<std::size_t>(cores + 1), kNever);
}

std::size_t OnwardBounds::place(std::size_t limit, std::size_t weight, std::size_t state) const {
  return ((limit * kWeights.size() + weight) * graph_.sets.size() + state) *
         static_cast<std::size_t>(cores_ + 1);
}

double OnwardBounds::cost(std::size_t limit, std::size_t weight, bool waits,
                          const StageOption& option) const {
  if (option.cost.every > limits_[limit]) return kNever;
  return (waits ? option.cost.first : 0) + option.cost.load_traffic +
         more_images_ * kWeights[weight] * option.cost.traffic;
}

/// K(E, n) = min( g(E), min over stages on c ≤ n cores, none slower than the limit, of first (if it
/// waits for what ends last) + load_traffic + (images − 1) · weight · traffic + K(E', n − c) )
void OnwardBounds::add(std::size_t state) {
  for (std::size_t l = 0; l < limits_.size(); ++l) {
    for (std::size_t w = 0; w < kWeights.size(); ++w) {
      double* const here = &least_[place(l, w, state)];
      std::fill_n(here, cores_ + 1, graph_.onward[state]);
      const std::vector<StageEdge>& edges = graph_.edges[state];
      for (std::size_t e = 0; e < edges.size(); ++e) {
        const double* const there = &least_[place(l, w, edges[e].to)];
        for (const StageOption& option : edges[e].options) {
          const double step = cost(l, w, waits_[state][e], option);
          if (step == kNever) continue;
          for (std::int64_t n = option.cores; n <= cores_; ++n) {
            here[n] = std::min(here[n], step + there[n - option.cores]);
          }
        }
      }
    }
  }
}

double OnwardBounds::least(std::size_t state, std::int64_t cores_left, double done, double slowest,
                           double traffic) const {
  double least = kNever;
  for (std::size_t l = 0; l < limits_.size(); ++l) {
    if (slowest > limits_[l]) continue;
    // The slowest stage will be between the last limit and this one.
    const double slow = l == 0 ? slowest : std::max(slowest, limits_[l - 1]);
    double most = 0;
    for (std::size_t w = 0; w < kWeights.size(); ++w) {
      const double interval = (1 - kWeights[w]) * slow + kWeights[w] * traffic;
      const double onward = least_[place(l, w, state) + static_cast<std::size_t>(cores_left)];
      most = std::max(most, done + more_images_ * interval + onward);
    }
    least = std::min(least, most);
  }
  return least;
}

OnwardBounds::Onward OnwardBounds::best(std::size_t limit, std::size_t weight, std::size_t state,
                                        std::int64_t left) const {
  Onward best{graph_.onward[state], {}};
  const std::vector<StageEdge>& edges = graph_.edges[state];
  for (std::size_t e = 0; e < edges.size(); ++e) {
    const double* const there = &least_[place(limit, weight, edges[e].to)];
    for (std::size_t o = 0; o < edges[e].options.size(); ++o) {
      const StageOption& option = edges[e].options[o];
      if (option.cores > left) continue;
      const double cycles =
          cost(limit, weight, waits_[state][e], option) + there[left - option.cores];
      if (cycles < best.cycles) best = {cycles, PipelineStep{state, e, o}};
    }
  }
  return best;
}

std::vector<std::vector<PipelineStep>> OnwardBounds::proposals(std::size_t state) const {
  std::vector<std::vector<PipelineStep>> found;
  for (std::size_t l = 0; l < limits_.size(); ++l) {
    for (std::size_t w = 0; w < kWeights.size(); ++w) {
      std::vector<PipelineStep>& steps = found.emplace_back();
      std::int64_t left = cores_;
      std::size_t at = state;
      for (Onward next = best(l, w, at, left); next.step; next = best(l, w, at, left)) {
        steps.push_back(*next.step);
        const StageEdge& edge = graph_.edges[at][next.step->edge];
        left -= edge.options[next.step->option].cores;
        at = edge.to;
      }
    }
  }
  return found;
}

FoundPipeline best_pipeline(const StageGraph& graph, const OnwardBounds& bounds,
                            const cost::MulticoreMachine& machine, std::size_t start,
                            const PipelinedOptions& options, double beat, std::int64_t& labels) {
  return LabelSearch(graph, bounds, machine, start, options, beat, labels).run();
}

}  // namespace tileloom::scheduler

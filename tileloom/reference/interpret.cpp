#include "tileloom/reference/interpret.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <utility>

#include "tileloom/reference/path_execution.hpp"

namespace tileloom::reference {
namespace {

/// A Store with its buffers, one for each combination of trips of its spatial loops.
struct Level {
  std::size_t node = 0;
  Keep keep = Keep::overlap;
  const Operand* operand = nullptr;
  std::optional<std::size_t> parent;  ///< next outer Store of the same tensor
  std::vector<std::size_t> own;       ///< its spatial loops
  std::map<Trips, Buffer> buffers;
  cost::StoreCounts counts;
};

/// An element that a group of children (or lanes) of one buffer exchanges with it.
struct Exchange {
  Trips buffer;
  Trips group;
  std::int64_t element;
  auto operator<=>(const Exchange&) const = default;
};

class Execution {
 public:
  Execution(const Operator& op, const Architecture& arch, std::span<const PathNode> path,
            const TensorValues& tensors)
      : op_(op), arch_(arch), path_(path), tensors_(tensors), steps_(enumerate_steps(op, path)) {
    place_stores();
    place_buffers();
    output_ = tensors.at(op.output.tensor);
  }

  Interpretation run(std::vector<StepTrace>* trace = nullptr, Buffer* sums = nullptr) {
    trace_ = trace;
    sums_ = sums;
    for (const auto& [step, work] : steps_) {
      if (trace_ != nullptr) trace_->emplace_back();
      move_boxes(&step);
      compute(work);
      record(&StepTrace::computing);
    }
    if (trace_ != nullptr) trace_->emplace_back();
    move_boxes(nullptr);
    return {totals(), output_};
  }

 private:
  bool is_output(const Level& level) const { return level.operand == &op_.output; }

  void place_stores() {
    for (std::size_t i = 0; i < path_.size(); ++i) {
      const Store* store = std::get_if<Store>(&path_[i]);
      if (store == nullptr) continue;
      Level level;
      level.node = i;
      level.keep = store->keep;
      for (const Operand* operand : operands(op_)) {
        if (operand->tensor == store->tensor) level.operand = operand;
      }
      if (level.operand == nullptr) throw std::logic_error("a Store of no operand");
      level.parent = innermost(*level.operand);
      level.own = own_spatial_loops(arch_, path_, i);
      level.counts.store = *store;
      level.counts.role = level.operand->role;
      levels_.push_back(std::move(level));
    }
    for (const Operand* operand : operands(op_)) {
      if (!innermost(*operand)) throw std::logic_error("an operand without a Store");
    }
    for (std::size_t i = 0; i < path_.size(); ++i) {
      const Loop* loop = std::get_if<Loop>(&path_[i]);
      if (loop != nullptr && loop->axis) spatial_.push_back(i);
    }
  }

  void place_buffers() {
    for (const auto& [step, work] : steps_) {
      for (const LaneWork& lane : work) {
        for (Level& level : levels_) level.buffers[only(lane.lane, level.own)];
      }
    }
  }

  /// The innermost Store of an operand among those placed so far.
  std::optional<std::size_t> innermost(const Operand& operand) const {
    std::optional<std::size_t> found;
    for (std::size_t i = 0; i < levels_.size(); ++i) {
      if (levels_[i].operand == &operand) found = i;
    }
    return found;
  }

  /// The loops of `child` (own spatial loops of a Store, or all of them for lanes) that tell groups
  /// of one buffer of `parent` apart: its own, and those between whose axis is not `able`.
  std::vector<std::size_t> group_loops(const Level& parent, const std::vector<std::size_t>& child,
                                       bool SpatialAxis::*able) const {
    std::vector<std::size_t> loops = parent.own;
    for (const std::size_t i : child) {
      const bool between = std::ranges::find(parent.own, i) == parent.own.end();
      if (between && !(arch_.axes[*std::get<Loop>(path_[i]).axis].*able)) loops.push_back(i);
    }
    return loops;
  }

  static Element& present(Level& level, const Trips& buffer, std::int64_t element) {
    Buffer& elements = level.buffers.at(buffer);
    const auto found = elements.find(element);
    if (found == elements.end()) throw std::logic_error("an element is not where it is needed");
    return found->second;
  }

  /// From the boxes of the step before to those of `step`; null is the end of the run.
  void move_boxes(const Trips* step) {
    std::vector<std::map<Trips, std::vector<std::int64_t>>> entering(levels_.size());
    std::vector<std::map<Trips, std::vector<std::int64_t>>> leaving(levels_.size());
    for (std::size_t i = 0; i < levels_.size(); ++i) {
      Level& level = levels_[i];
      for (const auto& [instance, buffer] : level.buffers) {
        std::vector<std::int64_t> box;
        if (step != nullptr) {
          box = box_elements(*level.operand,
                             chunks_at(op_, path_, level.node, *step, instance, level.own));
        }
        level.counts.tile = std::max(level.counts.tile, static_cast<std::int64_t>(box.size()));
        std::vector<std::int64_t> old;
        for (const auto& [element, state] : buffer) old.push_back(element);
        if (old == box) continue;
        if (level.keep == Keep::same) {
          entering[i][instance] = box;
          leaving[i][instance] = old;
        } else {
          std::ranges::set_difference(box, old, std::back_inserter(entering[i][instance]));
          std::ranges::set_difference(old, box, std::back_inserter(leaving[i][instance]));
        }
      }
    }
    for (std::size_t i = levels_.size(); i-- > 0;) {
      is_output(levels_[i]) ? drain(levels_[i], leaving[i]) : drop(levels_[i], leaving[i]);
    }
    record(&StepTrace::leaving);
    for (std::size_t i = 0; i < levels_.size(); ++i) {
      is_output(levels_[i]) ? open(levels_[i], entering[i]) : fill(levels_[i], entering[i]);
    }
    record(&StepTrace::entering);
  }

  /// Writes the accesses since the last record to the trace.
  void record(Accesses StepTrace::*phase) {
    if (trace_ == nullptr) return;
    recorded_.resize(levels_.size());
    for (std::size_t i = 0; i < levels_.size(); ++i) {
      const cost::StoreCounts& now = levels_[i].counts;
      cost::StoreCounts since = now;
      since.tile = since.instances = 0;
      since.fills -= recorded_[i].fills;
      since.reads -= recorded_[i].reads;
      since.updates -= recorded_[i].updates;
      since.update_reads -= recorded_[i].update_reads;
      since.drains -= recorded_[i].drains;
      since.deliveries -= recorded_[i].deliveries;
      (trace_->back().*phase).push_back(since);
      recorded_[i] = now;
    }
  }

  using Moves = std::map<Trips, std::vector<std::int64_t>>;

  static void drop(Level& level, const Moves& leaving) {
    for (const auto& [instance, elements] : leaving) {
      for (const std::int64_t element : elements) level.buffers.at(instance).erase(element);
    }
  }

  void fill(Level& level, const Moves& entering) {
    if (!level.parent) {
      const std::vector<double>& values = tensors_.at(level.operand->tensor);
      for (const auto& [instance, elements] : entering) {
        for (const std::int64_t e : elements) {
          level.buffers.at(instance)[e].value = values[static_cast<std::size_t>(e)];
        }
      }
      return;
    }
    Level& parent = levels_[*level.parent];
    const std::vector<std::size_t> loops = group_loops(parent, level.own, &SpatialAxis::multicast);
    std::set<Exchange> read;
    for (const auto& [instance, elements] : entering) {
      const Trips from = only(instance, parent.own);
      for (const std::int64_t e : elements) {
        level.buffers.at(instance)[e].value = present(parent, from, e).value;
        ++level.counts.fills;
        ++parent.counts.deliveries;
        read.insert({from, only(instance, loops), e});
      }
    }
    parent.counts.reads += static_cast<std::int64_t>(read.size());
  }

  /// Outputs enter: a first visit starts from the neutral element, a return is handed its sum.
  void open(Level& level, const Moves& entering) {
    std::set<Element*> first_visits;
    std::set<Element*> returns;
    for (const auto& [instance, elements] : entering) {
      for (const std::int64_t e : elements) {
        Element& element = level.buffers.at(instance)[e];
        if (!level.parent && sums_ != nullptr) element = (*sums_)[e];
        if (!level.parent) continue;
        Level& parent = levels_[*level.parent];
        Element& above = present(parent, only(instance, parent.own), e);
        if (!above.visited) {
          first_visits.insert(&above);
          continue;
        }
        // Of several children entered at once, the first is handed the sum.
        if (!returns.insert(&above).second) continue;
        element.value = std::exchange(above.value, std::nullopt);
        element.found = true;
        ++level.counts.fills;
        ++parent.counts.deliveries;
      }
    }
    for (Element* above : first_visits) above->visited = true;
  }

  void drain(Level& level, const Moves& leaving) {
    std::map<Exchange, std::optional<double>> sums;
    for (const auto& [instance, elements] : leaving) {
      for (const std::int64_t e : elements) {
        const std::optional<double> value = present(level, instance, e).value;
        if (!level.parent && sums_ != nullptr) (*sums_)[e] = present(level, instance, e);
        level.buffers.at(instance).erase(e);
        if (!level.parent) {
          if (value) output_[static_cast<std::size_t>(e)] = *value;
          continue;
        }
        Level& parent = levels_[*level.parent];
        ++level.counts.drains;
        ++parent.counts.deliveries;
        merge(sums[{only(instance, parent.own),
                    only(instance, group_loops(parent, level.own, &SpatialAxis::reduce)), e}],
              value);
      }
    }
    if (level.parent) update(levels_[*level.parent], sums);
  }

  void merge(std::optional<double>& sum, const std::optional<double>& value) const {
    if (!value) return;
    sum = sum ? combine(op_.reduction, *sum, *value) : *value;
  }

  void update(Level& level, const std::map<Exchange, std::optional<double>>& sums) {
    for (const auto& [exchange, value] : sums) {
      Element& element = present(level, exchange.buffer, exchange.element);
      ++level.counts.updates;
      if (element.found) ++level.counts.update_reads;
      element.found = true;
      merge(element.value, value);
    }
  }

  void compute(const std::vector<LaneWork>& work) {
    std::vector<std::vector<double>> read(work.size());
    for (const Operand& input : op_.inputs) {
      Level& level = levels_[*innermost(input)];
      const std::vector<std::size_t> loops = group_loops(level, spatial_, &SpatialAxis::multicast);
      std::set<Exchange> distinct;
      for (std::size_t i = 0; i < work.size(); ++i) {
        const std::optional<std::int64_t> e = element_at(input, work[i].point);
        read[i].push_back(0.0);
        if (!e) continue;
        const Trips from = only(work[i].lane, level.own);
        read[i].back() = present(level, from, *e).value.value();
        ++level.counts.deliveries;
        distinct.insert({from, only(work[i].lane, loops), *e});
      }
      level.counts.reads += static_cast<std::int64_t>(distinct.size());
    }
    Level& level = levels_[*innermost(op_.output)];
    const std::vector<std::size_t> loops = group_loops(level, spatial_, &SpatialAxis::reduce);
    std::map<Exchange, std::optional<double>> sums;
    for (std::size_t i = 0; i < work.size(); ++i) {
      const std::optional<std::int64_t> e = element_at(op_.output, work[i].point);
      if (!e) continue;
      ++level.counts.deliveries;
      merge(sums[{only(work[i].lane, level.own), only(work[i].lane, loops), *e}],
            apply_function(op_.function, read[i]));
    }
    update(level, sums);
  }

  cost::PathCounts totals() const {
    cost::PathCounts counts;
    Trips most(path_.size(), 0);
    for (const auto& [step, work] : steps_) {
      counts.points += static_cast<std::int64_t>(work.size());
      for (const LaneWork& lane : work) {
        for (const std::size_t i : spatial_) most[i] = std::max(most[i], lane.lane[i] + 1);
      }
    }
    counts.steps = static_cast<std::int64_t>(steps_.size());
    for (const std::size_t i : spatial_) counts.lanes *= most[i];
    for (const Level& level : levels_) {
      counts.stores.push_back(level.counts);
      for (const std::size_t i : level.own) counts.stores.back().instances *= most[i];
    }
    return counts;
  }

  const Operator& op_;
  const Architecture& arch_;
  std::span<const PathNode> path_;
  const TensorValues& tensors_;
  Steps steps_;
  std::vector<Level> levels_;         ///< in path order
  std::vector<std::size_t> spatial_;  ///< all spatial loops
  std::vector<double> output_;
  std::vector<StepTrace>* trace_ = nullptr;
  Buffer* sums_ = nullptr;  ///< the home's elements outlive the run
  Accesses recorded_;       ///< the counts at the last record
};

}  // namespace

Interpretation interpret_path(const Operator& op, const Architecture& arch,
                              std::span<const PathNode> path, const TensorValues& tensors) {
  return Execution(op, arch, path, tensors).run();
}

Interpretation interpret_run(const Operator& op, const Architecture& arch,
                             std::span<const PathNode> path, const TensorValues& tensors,
                             Buffer& sums) {
  return Execution(op, arch, path, tensors).run(nullptr, &sums);
}

std::vector<StepTrace> trace_path(const Operator& op, const Architecture& arch,
                                  std::span<const PathNode> path) {
  const TensorValues values = sample_values(op);
  std::vector<StepTrace> trace;
  Execution(op, arch, path, values).run(&trace);
  return trace;
}

}  // namespace tileloom::reference

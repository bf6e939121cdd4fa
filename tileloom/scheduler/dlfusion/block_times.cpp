#include "tileloom/scheduler/dlfusion/block_times.hpp"

#include <algorithm>
#include <limits>
#include <memory>

#include "tileloom/scheduler/dlfusion/boxed_plan.hpp"

namespace tileloom::scheduler {
namespace {

void append(std::string& text, std::int64_t number) {
  text += std::to_string(number);
  text += ',';
}

/// How the operands move with the ranks, for plans in boxes.
void append_accesses(std::string& text, const Operator& op) {
  for (const Rank& rank : op.ranks) append(text, rank.extent);
  for (const Operand* operand : operands(op)) {
    for (const Axis& axis : operand->axes) {
      append(text, axis.offset);
      append(text, axis.extent);
      for (const Term& term : axis.terms) {
        append(text, static_cast<std::int64_t>(index(term.rank)));
        append(text, term.coefficient);
      }
      text += ';';
    }
  }
}

/// All that costs depend on: ranks, reads and writes along the split axes, weights.
std::string shape_text(const FusionProblem& problem, OperatorId id) {
  const OperatorField& field = problem.network.field.operators[id];
  const cost::OperatorWork& work = problem.network.operators[id];
  std::string text;
  append_accesses(text, problem.workload.operators[id]);
  const auto move = [&](const AxisMove& m) {
    for (const std::int64_t n : {std::int64_t{m.moves}, m.stride, m.first, m.last, m.inner}) {
      append(text, n);
    }
  };
  for (std::size_t a = 0; a < kSplitAxes; ++a) {
    append(text, field.extent[a]);
    append(text, static_cast<std::int64_t>(work.kind[a]));
    move(field.write[a]);
  }
  for (const std::int64_t n :
       {work.output_channels, work.input_channels, work.positions, work.sequential}) {
    append(text, n);
  }
  for (const OperatorField::Read& read : field.reads) {
    for (const AxisMove& m : read.moves) move(m);
  }
  for (const cost::OperatorWork::Weights& weights : work.weights) {
    text += std::to_string(weights.bits);
    for (const bool divided : weights.divided) append(text, divided);
  }
  return text;
}

std::vector<std::size_t> shapes(const FusionProblem& problem) {
  std::map<std::string, std::size_t> seen;
  std::vector<std::size_t> shape_of;
  for (const OperatorId id : ids<OperatorId>(problem.workload.operators.size())) {
    shape_of.push_back(seen.emplace(shape_text(problem, id), seen.size()).first->second);
  }
  return shape_of;
}

/// Operators by shape, and how they and the world around the block share tensors.
std::string block_text(const FusionProblem& problem, const Block& block,
                       const std::vector<std::size_t>& shape_of) {
  std::string text;
  const std::vector<TensorId> tensors = all_tensors(block);
  const auto slot = [&](TensorId id) {
    return static_cast<std::int64_t>(std::ranges::find(tensors, id) - tensors.begin());
  };
  for (const std::size_t count : {block.inputs.size(), block.outputs.size()}) {
    append(text, static_cast<std::int64_t>(count));
  }
  for (std::size_t i = 0; i < block.operators.size(); ++i) {
    append(text, static_cast<std::int64_t>(shape_of[index(block.operators[i])]));
    append(text, slot(block.output_of[i]));
    for (const OperatorField::Read& read :
         problem.network.field.operators[block.operators[i]].reads) {
      append(text, slot(read.tensor));
    }
    text += ';';
  }
  for (const TensorId id : tensors) {
    for (const std::int64_t extent : problem.network.field.extent[id]) append(text, extent);
    text += std::to_string(problem.network.bits[id]);
  }
  return text;
}

PlanBounds bounds_of(const FusionProblem& problem) {
  return {problem.machine, problem.workload, problem.network, core_counts(problem.machine.cores)};
}

bool is_unit(const FusionProblem& problem, const Block& block) {
  return std::ranges::any_of(problem.units,
                             [&](const Unit& unit) { return unit.operators == block.operators; });
}

}  // namespace

TimeBlock model_back_end(const FusionProblem& problem, std::int64_t& plans) {
  // One evaluator per block: core counts come one after the other.
  struct Last {
    PlanBounds bounds;
    std::vector<OperatorId> operators;
    std::optional<cost::BlockEvaluator> evaluator;
    BlockBound bound;
  };
  const auto last = std::make_shared<Last>(Last{bounds_of(problem), {}, {}, {}});
  return [problem, last, &plans](const Block& block, std::int64_t cores,
                                 double beat) -> std::optional<BlockChoice> {
    if (!last->evaluator || last->operators != block.operators) {
      last->operators = block.operators;
      last->evaluator.emplace(problem.machine, problem.network, block);
      last->bound = last->bounds.bound(block);
    }
    const std::optional<BlockChoice> cut =
        best_plan(*last->evaluator, last->bounds, last->bound, problem.machine, problem.network,
                  cores, beat, plans);
    if (!is_unit(problem, block)) return cut;
    ++plans;
    const std::optional<BlockChoice> boxed =
        boxed_plan(problem.machine, problem.workload, problem.network, block, cores);
    return boxed && boxed->cycles < (cut ? cut->cycles : beat) ? boxed : cut;
  };
}

BlockTimes::BlockTimes(const FusionProblem& problem, TimeBlock back_end)
    : problem_(problem),
      back_end_(std::move(back_end)),
      bounds_(bounds_of(problem)),
      shape_of_(shapes(problem)) {}

BlockTimes::Known& BlockTimes::known(const std::vector<UnitId>& units) {
  Block block = block_of(problem_.workload, problem_.units, units);
  // Only a unit may run in boxes.
  const auto [place, is_new] = known_.try_emplace(shape(block) + (units.size() == 1 ? "unit" : ""));
  if (is_new) {
    place->second.bound = bounds_.bound(block);
    place->second.bound.boxes = units.size() == 1;
    place->second.block = std::move(block);
  }
  return place->second;
}

std::string BlockTimes::shape(const Block& block) const {
  return block_text(problem_, block, shape_of_);
}

std::optional<BlockChoice> BlockTimes::time(Known& known, std::int64_t cores, double beat) {
  const auto [place, is_new] = known.choices.try_emplace(cores);
  Answer& answer = place->second;
  if (is_new) ++evaluations_;
  if (!answer.choice && answer.asked < beat) {
    answer.choice = back_end_(known.block, cores, beat);
    answer.asked = beat;
  }
  return answer.choice;
}

std::optional<BlockChoice> BlockTimes::time(const std::vector<UnitId>& units, std::int64_t cores) {
  return time(known(units), cores, std::numeric_limits<double>::infinity());
}

std::optional<BlockChoice> BlockTimes::best(const std::vector<UnitId>& units,
                                            const std::vector<std::int64_t>& counts, double beat) {
  Known& block = known(units);
  std::vector<std::pair<double, std::int64_t>> order;
  for (const std::int64_t cores : counts) {
    order.emplace_back(bounds_.least(block.bound, cores), cores);
  }
  std::ranges::sort(order);
  std::optional<BlockChoice> best;
  for (const auto& [least, cores] : order) {
    if (least >= beat) break;
    const std::optional<BlockChoice> choice = time(block, cores, beat);
    if (!choice || choice->cycles >= beat) continue;
    beat = choice->cycles;
    best = choice;
  }
  return best;
}

double BlockTimes::least(const std::vector<UnitId>& units,
                         const std::vector<std::int64_t>& counts) {
  const Known& block = known(units);
  double least = std::numeric_limits<double>::infinity();
  for (const std::int64_t cores : counts) {
    least = std::min(least, bounds_.least(block.bound, cores));
  }
  return least;
}

}  // namespace tileloom::scheduler

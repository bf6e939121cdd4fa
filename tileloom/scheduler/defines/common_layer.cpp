#include "tileloom/scheduler/defines/common_layer.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tileloom::scheduler::defines {
namespace {

using cost::defines2022::Dim;
using cost::defines2022::Layer;
using cost::defines2022::LayerOperand;
using cost::defines2022::MemoryOperand;
using MapDirection = cost::defines2022::Axis;
using Why = tl::unexpected<std::string>;

std::size_t at(Dim dim) { return static_cast<std::size_t>(dim); }

/// The axis of the operand that the rank moves, if one does.
std::optional<std::size_t> axis_of(const Operand& operand, RankId rank) {
  for (std::size_t a = 0; a < operand.axes.size(); ++a)
    for (const Term& term : operand.axes[a].terms)
      if (term.rank == rank) return a;
  return std::nullopt;
}

MapAxis map_axis(const Operand& operand, std::size_t axis) {
  MapAxis found{operand.axes[axis].extent, 1};
  for (std::size_t a = axis + 1; a < operand.axes.size(); ++a) found.below *= operand.axes[a].extent;
  return found;
}

class Reading {
 public:
  Reading(const Workload& workload, const Operator& op) : workload_(workload), op_(op) {}

  tl::expected<CommonLayer, std::string> read(const std::optional<MapAxes>& wanted) {
    if (const std::string why = sort_inputs(); !why.empty()) return Why(why);
    if (const std::string why = check_output(); !why.empty()) return Why(why);
    choose_map(wanted);
    for (std::size_t r = 0; r < op_.ranks.size(); ++r) {
      const auto rank = static_cast<RankId>(r);
      if (op_.rank(rank).extent == 1 || rank == x_ || rank == y_) continue;
      if (const std::string why = place(rank); !why.empty()) return Why(why);
    }
    if (x_) found_.ranks[at(Dim::OX)] = x_;
    if (y_) found_.ranks[at(Dim::OY)] = y_;
    if (is_addition() && std::ranges::any_of(op_.inputs, [&](const Operand& input) {
          return input.axes != op_.output.axes;
        }))
      return Why("its two maps are not read alike");
    make_layer();
    return std::move(found_);
  }

 private:
  bool is_addition() const { return activations_.size() == 2; }

  std::string sort_inputs() {
    for (const Operand& input : op_.inputs) {
      const TensorKind kind = workload_.tensors[input.tensor].kind;
      if (kind == TensorKind::constant) {
        constants_.push_back(&input);
      } else {
        activations_.push_back(&input);
        found_.activations.push_back(input.tensor);
      }
    }
    const bool ok = (activations_.size() == 1 && constants_.size() <= 1) || 
                    (is_addition() && constants_.empty() && op_.reduction == Reduction::none);
    return ok ? std::string()
              : fmt::format("it has {} activations and {} constants", activations_.size(),
                            constants_.size());
  }

  std::string check_output() const {
    for (const Axis& axis : op_.output.axes)
      if (axis.terms.size() > 1 || (axis.terms.size() == 1 && axis.terms[0].coefficient != 1) ||
          axis.offset != 0)
        return "its output is not indexed loop by loop";
    if (producers(workload_, op_.output.tensor).size() > 1) return "others write its output too";
    return {};
  }

  /// OX and OY: what the producer's map asks for, else the innermost two that move through the
  /// activation and not through the constant.
  void choose_map(const std::optional<MapAxes>& wanted) {
    std::vector<RankId> candidates;  // innermost first
    for (auto axis = op_.output.axes.rbegin(); axis != op_.output.axes.rend(); ++axis) {
      if (axis->terms.empty()) continue;
      const RankId rank = axis->terms[0].rank;
      const bool weighs = !constants_.empty() && relevant(*constants_[0], rank);
      if (relevant(*activations_[0], rank) && !weighs) candidates.push_back(rank);
    }
    const auto reading = [&](const std::optional<MapAxis>& axis) -> std::optional<RankId> {
      for (const RankId rank : candidates)
        if (axis && map_axis(*activations_[0], *axis_of(*activations_[0], rank)) == *axis)
          return rank;
      return std::nullopt;
    };
    if (wanted && (reading(wanted->x) || reading(wanted->y))) {
      x_ = reading(wanted->x);
      y_ = reading(wanted->y);
    } else {
      if (!candidates.empty()) x_ = candidates[0];
      if (candidates.size() > 1) y_ = candidates[1];
    }
    const auto axes = [&](const Operand& operand) {
      MapAxes map;
      if (x_) map.x = map_axis(operand, *axis_of(operand, *x_));
      if (y_) map.y = map_axis(operand, *axis_of(operand, *y_));
      return map;
    };
    found_.reads = axes(*activations_[0]);
    found_.writes = axes(op_.output);
  }

  /// The loop that the rank is.
  std::string place(RankId rank) {
    const Operand& in = *activations_[0];
    const bool out = relevant(op_.output, rank);
    const bool constant = !constants_.empty() && relevant(*constants_[0], rank);
    const std::optional<std::size_t> axis = axis_of(in, rank);
    std::optional<Dim> fits, otherwise;
    if (axis && !out && in.axes[*axis].terms.size() > 1) {
      if (x_ && axis == axis_of(in, *x_)) fits = Dim::FX;
      if (y_ && axis == axis_of(in, *y_)) fits = Dim::FY;
    } else if (axis && in.axes[*axis].terms.size() == 1) {
      fits = !out ? Dim::C : constant ? Dim::G : constants_.empty() ? Dim::G : Dim::B;
      if (out && constants_.empty()) otherwise = Dim::B;
    } else if (!axis && out && constant) {
      fits = Dim::K;
    }
    for (const std::optional<Dim>& dim : {fits, otherwise}) {
      if (!dim || found_.ranks[at(*dim)]) continue;
      found_.ranks[at(*dim)] = rank;
      return {};
    }
    return fmt::format("its loop {} is none of DeFiNES'", op_.rank(rank).name);
  }

  std::int64_t size(Dim dim) const {
    const std::optional<RankId>& rank = found_.ranks[at(dim)];
    return rank ? op_.rank(*rank).extent : 1;
  }

  /// stride · ox + dilation · fx.
  void add_window(MapDirection direction, Dim output, Dim kernel) {
    if (!found_.ranks[at(output)]) return;
    const Operand& in = *activations_[0];
    cost::defines2022::Relation relation{direction, output, 1, kernel, 1};
    for (const Term& term : in.axes[*axis_of(in, *found_.ranks[at(output)])].terms) {
      if (term.rank == found_.ranks[at(output)]) relation.stride = term.coefficient;
      if (term.rank == found_.ranks[at(kernel)]) relation.dilation = term.coefficient;
    }
    found_.layer.relations.push_back(relation);
  }

  LayerOperand operand(const char* name, MemoryOperand memory, const Operand* of,
                       std::initializer_list<Dim> loops) const {
    LayerOperand made{.name = name, .memory = memory};
    for (const Dim dim : loops)
      if (of == nullptr || (found_.ranks[at(dim)] && relevant(*of, *found_.ranks[at(dim)])))
        made.dims.push_back(dim);
    made.bits = {of == nullptr ? 0 : of->bits};
    return made;
  }

  void make_layer() {
    Layer& layer = found_.layer;
    layer.loops = {Dim::B, Dim::G, Dim::K, Dim::C, Dim::OY, Dim::OX, Dim::FY, Dim::FX};
    for (const Dim dim : layer.loops) layer.sizes[dim] = size(dim);
    layer.output = operand("O", MemoryOperand::O, &op_.output,
                           {Dim::B, Dim::G, Dim::K, Dim::OY, Dim::OX});
    layer.output.bits = {op_.output.partial_bits};
    layer.final_output_bits = {op_.output.bits};
    if (is_addition()) {
      layer.inputs = {operand("X", MemoryOperand::I1, activations_[0],
                              {Dim::B, Dim::G, Dim::OY, Dim::OX}),
                      operand("Y", MemoryOperand::I2, activations_[1],
                              {Dim::B, Dim::G, Dim::OY, Dim::OX})};
      return;
    }
    add_window(MapDirection::x, Dim::OX, Dim::FX);
    add_window(MapDirection::y, Dim::OY, Dim::FY);
    // A pooling has weights of 0 bits.
    LayerOperand weights =
        constants_.empty()
            ? operand("W", MemoryOperand::I2, nullptr, {Dim::FY, Dim::FX})
            : operand("W", MemoryOperand::I2, constants_[0],
                      {Dim::B, Dim::G, Dim::K, Dim::C, Dim::FY, Dim::FX});
    weights.constant = true;
    LayerOperand in = operand("I", MemoryOperand::I1, activations_[0], {Dim::B, Dim::G, Dim::C});
    for (const cost::defines2022::Relation& relation : layer.relations)
      in.windows.push_back(relation.axis);
    layer.inputs = {std::move(weights), std::move(in)};
  }

  const Workload& workload_;
  const Operator& op_;
  std::vector<const Operand*> activations_, constants_;
  std::optional<RankId> x_, y_;
  CommonLayer found_;
};

}  // namespace

tl::expected<CommonLayer, std::string> layer_of(const Workload& workload, OperatorId op,
                                                const std::optional<MapAxes>& wanted) {
  return Reading(workload, workload.operators[op]).read(wanted);
}

}  // namespace tileloom::scheduler::defines

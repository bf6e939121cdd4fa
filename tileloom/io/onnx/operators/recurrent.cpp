// LSTM, GRU and RNN over a sequence of T steps (Z directions, batch B, H states, g = 4, 3, 1
// gates):
//
//   projection  Z·T·B·gH·I  MACs   all steps at once: the inputs are known
//   recurrence  Z·T·B·gH·H  MACs   reads the state of the step before
//   gates       projection + recurrence, activation last
//   cell        the new state from the gates (LSTM: three of them), element by element
//   output      LSTM only: cell times the fourth gate
//
// A workload has no cycles, so the states that the recurrence reads are a tensor of their own,
// "<node>.state", given from outside, and T is an ordinary rank: its steps depend on each other, so
// a mapping must not run them at the same time. Initial states, peepholes and clipping are not
// counted.

#include <fmt/format.h>

#include "tileloom/io/onnx/operators/broadcast.hpp"
#include "tileloom/io/onnx/operators/families.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::onnx_import {
namespace {

struct Sizes {
  std::int64_t directions = 1;
  std::int64_t steps = 1;
  std::int64_t batch = 1;
  std::int64_t inputs = 1;
  std::int64_t states = 1;
  std::int64_t gates = 1;
  bool batch_first = false;  ///< X is [B, T, I] and Y [B, T, Z, H]
};

Sizes sizes_of(const NodeScope& scope, std::int64_t gates) {
  const Shape& x = scope.shape(0);
  const Shape& w = scope.shape(1);
  const Shape& r = scope.shape(2);
  const bool fits = x.size() == 3 && w.size() == 3 && r.size() == 3 && w[0] == r[0] &&
                    w[1] == r[1] && w[2] == x[2] && r[1] == checked_mul(gates, r[2]);
  if (!fits) {
    scope.mistake(fmt::format("X is {}, W {}, R {}: must be [T, B, I], [Z, {}H, I] and [Z, {}H, H]",
                              to_text(x), to_text(w), to_text(r), gates, gates));
  }
  const bool batch_first = scope.integer("layout", 0) != 0;
  return {w[0], x[batch_first ? 1 : 0], x[batch_first ? 0 : 1], x[2], r[2], gates, batch_first};
}

/// Ranks Z, T, B, in this order, and axes over them.
struct Space {
  explicit Space(const Sizes& s) : sizes(s) {
    z = ranks.add("Z", s.directions);
    t = ranks.add("T", s.steps);
    b = ranks.add("B", s.batch);
  }
  std::vector<Axis> ztb() const {
    return {axis(z, sizes.directions), axis(t, sizes.steps), axis(b, sizes.batch)};
  }
  /// Axes of X without its last.
  std::vector<Axis> of_input() const {
    if (sizes.batch_first) return {axis(b, sizes.batch), axis(t, sizes.steps)};
    return {axis(t, sizes.steps), axis(b, sizes.batch)};
  }
  /// Axes of Y without its last.
  std::vector<Axis> of_output() const {
    std::vector<Axis> axes = of_input();
    axes.insert(axes.begin() + (sizes.batch_first ? 2 : 1), axis(z, sizes.directions));
    return axes;
  }
  Sizes sizes;
  Ranks ranks;
  RankId z{}, t{}, b{};
};

std::vector<Axis> with(std::vector<Axis> axes, std::initializer_list<Axis> more) {
  axes.insert(axes.end(), more);
  return axes;
}

/// Σ_k of `left` (axes without k) times weight [Z, N, k] into `out` [Z, T, B, N].
void product(NodeScope& scope, const std::string& part, Space space, Operand left,
             std::size_t weight, std::int64_t depth, TensorId out) {
  const std::int64_t rows = checked_mul(space.sizes.gates, space.sizes.states);
  const RankId n = space.ranks.add("N", rows);
  const RankId k = space.ranks.add("K", depth);
  left.axes.push_back(axis(k, depth));
  scope.emit(part, space.ranks,
             {std::move(left), scope.read_weight(weight, {axis(space.z, space.sizes.directions),
                                                          axis(n, rows), axis(k, depth)})},
             scope.write(out, with(space.ztb(), {axis(n, rows)})), PointFunction::multiply,
             Reduction::sum);
}

/// Output k [Z, B, H] (batch first: [B, Z, H]) is the last step of `sequence`.
void last_step(NodeScope& scope, const std::string& part, std::size_t k, const Sizes& s,
               TensorId sequence, bool sequence_is_output) {
  if (!scope.has_output(k)) return;
  Ranks ranks;
  const Axis z = axis(ranks.add("Z", s.directions), s.directions);
  const Axis b = axis(ranks.add("B", s.batch), s.batch);
  const Axis h = axis(ranks.add("H", s.states), s.states);
  const Axis t = axis(std::vector<Term>{}, s.steps - 1, s.steps);
  std::vector<Axis> source{z, t, b, h};
  if (sequence_is_output) {
    source = s.batch_first ? std::vector<Axis>{b, t, z, h} : std::vector<Axis>{t, z, b, h};
  }
  const TensorId out = scope.make(k, s.batch_first ? Shape{s.batch, s.directions, s.states}
                                                   : Shape{s.directions, s.batch, s.states});
  std::vector<Axis> target{z, b, h};
  if (s.batch_first) std::swap(target[0], target[1]);
  scope.emit(part, ranks, {scope.read(sequence, std::move(source))},
             scope.write(out, std::move(target)), PointFunction::copy, Reduction::none);
}

void recurrent(NodeScope& scope, std::int64_t gates) {
  const Sizes s = sizes_of(scope, gates);
  const ElementType type = scope.input(0).type;
  const std::int64_t width = checked_mul(gates, s.states);
  const Shape wide{s.directions, s.steps, s.batch, width};
  const Shape narrow{s.directions, s.steps, s.batch, s.states};
  const Shape y = s.batch_first ? Shape{s.batch, s.steps, s.directions, s.states}
                                : Shape{s.steps, s.directions, s.batch, s.states};
  const TensorId out = scope.has_output(0) ? scope.make(0, y) : scope.between("states", y, type);
  const Part projection{scope.between("projection", wide, type), wide};
  const Part recurrence{scope.between("recurrence", wide, type), wide};
  const Part sum{scope.between("gates", wide, type), wide};
  const TensorId state = scope.between("state", narrow, type);

  product(scope, "projection", Space(s), scope.read(0, Space(s).of_input()), 1, s.inputs,
          projection.tensor);
  product(scope, "recurrence", Space(s), scope.read(state, Space(s).ztb()), 2, s.states,
          recurrence.tensor);
  map_part(scope, "gates", {projection, recurrence}, sum, PointFunction::add);

  Space space(s);
  const Axis h = axis(space.ranks.add("H", s.states), s.states);
  const std::vector<Axis> target = with(space.of_output(), {h});
  const bool has_cell = gates == 4;
  const std::int64_t combined = has_cell ? 3 : gates;
  const TensorId cell = has_cell ? scope.between("cells", narrow, type) : out;
  Space summed = space;
  const RankId gate = summed.ranks.add("G", combined);
  scope.emit("cell", summed.ranks,
             {scope.read(sum.tensor, with(space.ztb(), {axis(gate, gates), h}))},
             scope.write(cell, has_cell ? with(space.ztb(), {h}) : target), PointFunction::copy,
             Reduction::sum);
  if (has_cell) {
    const Axis last = axis(std::vector<Term>{}, gates - 1, gates);
    scope.emit("output", space.ranks,
               {scope.read(cell, with(space.ztb(), {h})),
                scope.read(sum.tensor, with(space.ztb(), {last, h}))},
               scope.write(out, target), PointFunction::multiply, Reduction::none);
  }
  last_step(scope, "last", 1, s, out, true);
  last_step(scope, "last_cell", 2, s, cell, false);
  scope.note("steps depend on each other; the previous states are given as a tensor");
}

void lstm(NodeScope& scope) { recurrent(scope, 4); }
void gru(NodeScope& scope) { recurrent(scope, 3); }
void rnn(NodeScope& scope) { recurrent(scope, 1); }

}  // namespace

void add_recurrent_rules(Registry& rules) {
  rules["GRU"] = gru;
  rules["LSTM"] = lstm;
  rules["RNN"] = rnn;
}

}  // namespace tileloom::onnx_import

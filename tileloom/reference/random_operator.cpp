#include "tileloom/reference/random_operator.hpp"

#include <algorithm>
#include <set>

namespace tileloom::reference {
namespace {

/// Builds one operator; every rank's extent is drawn from what `max_points` leaves.
class Draft {
 public:
  Draft(Random& random, std::int64_t max_points) : random_(random), budget_(max_points) {}

  bool chance(std::uint64_t percent) { return random_.chance(percent); }
  std::int64_t between(std::int64_t low, std::int64_t high) { return random_.between(low, high); }

  RankId rank(const char* name, std::int64_t most) {
    const std::int64_t extent = between(1, std::min(most, std::max<std::int64_t>(budget_, 1)));
    budget_ /= extent;
    op.ranks.push_back({name, extent});
    return static_cast<RankId>(op.ranks.size() - 1);
  }
  std::int64_t extent(RankId id) const { return op.rank(id).extent; }

  /// An axis that is one rank.
  Axis plain(RankId id) const { return {{{id, 1}}, 0, extent(id)}; }

  /// An axis over several ranks whose extent leaves out `before` indices at its start and `after`
  /// at its end (negative: room that no point reaches).
  Axis sum(std::vector<Term> terms, std::int64_t before, std::int64_t after) const {
    std::int64_t reach = 1;
    for (const Term& term : terms) reach += term.coefficient * (extent(term.rank) - 1);
    return {std::move(terms), -before, std::max<std::int64_t>(1, reach - before - after)};
  }

  void input(std::vector<Axis> axes, Role role = Role::input) {
    op.inputs.push_back({TensorId{}, role, std::move(axes), 8, 8});
  }
  void output(std::vector<Axis> axes) {
    op.output = {TensorId{}, Role::output, std::move(axes), 8, 24};
  }

  Operator op;

 private:
  Random& random_;
  std::int64_t budget_;
};

struct Window {
  RankId position;
  RankId filter;
  Axis axis;
};

/// stride·p + dilation·r − padding.
Window window(Draft& d, const char* position, const char* filter) {
  const RankId p = d.rank(position, 7);
  const RankId r = d.rank(filter, 4);
  const std::int64_t before = d.chance(40) ? d.between(0, 2) : 0;
  const std::int64_t after = d.chance(40) ? d.between(-1, 2) : 0;
  return {p, r, d.sum({{p, d.between(1, 3)}, {r, d.between(1, 2)}}, before, after)};
}

void conv(Draft& d) {
  d.op.kind = "Conv";
  std::vector<Axis> in, weight, out;
  if (d.chance(40)) {
    const RankId n = d.rank("N", 3);
    in.push_back(d.plain(n));
    out.push_back(d.plain(n));
  }
  if (d.chance(40)) {
    const RankId g = d.rank("G", 3);
    for (auto* axes : {&in, &weight, &out}) axes->push_back(d.plain(g));
  }
  std::vector<Window> windows{window(d, "P", "R")};
  if (d.chance(50)) windows.push_back(window(d, "Q", "S"));
  const RankId k = d.rank("K", 6);
  const RankId c = d.rank("C", 6);
  in.push_back(d.plain(c));
  out.push_back(d.plain(k));
  weight.push_back(d.plain(k));
  weight.push_back(d.plain(c));
  for (const Window& w : windows) {
    in.push_back(w.axis);
    out.push_back(d.plain(w.position));
    weight.push_back(d.plain(w.filter));
  }
  d.input(in);
  d.input(weight, Role::weight);
  d.output(out);
}

void transposed_conv(Draft& d) {
  d.op.kind = "ConvTranspose";
  std::vector<Window> windows{window(d, "P", "R")};
  if (d.chance(40)) windows.push_back(window(d, "Q", "S"));
  const RankId k = d.rank("K", 4);
  const RankId c = d.rank("C", 4);
  std::vector<Axis> in{d.plain(c)}, weight{d.plain(c), d.plain(k)}, out{d.plain(k)};
  for (const Window& w : windows) {
    in.push_back(d.plain(w.position));
    weight.push_back(d.plain(w.filter));
    out.push_back(w.axis);
  }
  d.input(in);
  d.input(weight, Role::weight);
  d.output(out);
}

void matmul(Draft& d) {
  d.op.kind = "MatMul";
  std::vector<Axis> left, right, out;
  if (d.chance(50)) {
    const RankId b = d.rank("B", 4);
    out.push_back(d.plain(b));
    left.push_back(d.chance(80) ? d.plain(b) : Axis{});
    right.push_back(d.chance(60) ? d.plain(b) : Axis{});
  }
  const RankId m = d.rank("M", 9);
  const RankId n = d.rank("N", 9);
  const RankId k = d.rank("K", 9);
  left.insert(left.end(), {d.plain(m), d.plain(k)});
  right.insert(right.end(), {d.plain(k), d.plain(n)});
  out.insert(out.end(), {d.plain(m), d.plain(n)});
  d.input(left);
  d.input(right, d.chance(50) ? Role::weight : Role::input);
  d.output(out);
}

void pooling(Draft& d) {
  d.op.kind = "Pool";
  d.op.function = PointFunction::copy;
  d.op.reduction = d.chance(50) ? Reduction::max : Reduction::sum;
  const RankId c = d.rank("C", 5);
  std::vector<Window> windows{window(d, "P", "R")};
  if (d.chance(60)) windows.push_back(window(d, "Q", "S"));
  std::vector<Axis> in{d.plain(c)}, out{d.plain(c)};
  for (const Window& w : windows) {
    in.push_back(w.axis);
    out.push_back(d.plain(w.position));
  }
  d.input(in);
  d.output(out);
}

void elementwise(Draft& d) {
  static constexpr PointFunction kFunctions[] = {PointFunction::add,      PointFunction::multiply,
                                                 PointFunction::maximum,  PointFunction::minimum,
                                                 PointFunction::subtract, PointFunction::divide};
  d.op.kind = "Elementwise";
  d.op.reduction = Reduction::none;
  static constexpr const char* kNames[] = {"A", "B", "C"};
  std::vector<RankId> ranks;
  for (std::int64_t i = d.between(1, 3); i > 0; --i) ranks.push_back(d.rank(kNames[i - 1], 12));
  const std::int64_t inputs = d.between(1, 3);
  // A difference and a quotient have two inputs.
  d.op.function =
      inputs == 1 ? PointFunction::activation : kFunctions[d.between(0, inputs == 2 ? 5 : 3)];
  for (std::int64_t i = 0; i < inputs; ++i) {
    std::vector<Axis> axes;
    for (const RankId rank : ranks) axes.push_back(d.chance(75) ? d.plain(rank) : Axis{});
    d.input(axes, i > 0 && d.chance(40) ? Role::weight : Role::input);
  }
  std::vector<Axis> out;
  for (const RankId rank : ranks) out.push_back(d.plain(rank));
  d.output(out);
}

/// A slice of the input written to a part of the output: concatenation, cropping, padding.
void copy(Draft& d) {
  d.op.kind = "Copy";
  d.op.function = PointFunction::copy;
  d.op.reduction = Reduction::none;
  static constexpr const char* kNames[] = {"A", "B"};
  std::vector<Axis> in, out;
  for (std::int64_t i = d.between(1, 2); i > 0; --i) {
    const RankId rank = d.rank(kNames[i - 1], 20);
    in.push_back(d.sum({{rank, d.between(1, 3)}}, d.between(-2, 2), d.between(-2, 2)));
    out.push_back(d.sum({{rank, 1}}, d.between(-2, 1), d.between(-2, 1)));
  }
  d.input(in);
  d.output(out);
}

void reduce(Draft& d) {
  d.op.kind = "Reduce";
  d.op.function = d.chance(50) ? PointFunction::copy : PointFunction::activation;
  d.op.reduction = d.chance(50) ? Reduction::sum : Reduction::max;
  static constexpr const char* kNames[] = {"A", "B", "C"};
  std::vector<Axis> in, out;
  for (std::int64_t i = d.between(1, 3); i > 0; --i) {
    in.push_back(d.plain(d.rank(kNames[i - 1], 12)));
    if (d.chance(50)) out.push_back(in.back());
  }
  d.input(in);
  d.output(out);
}

/// Affine axes over random ranks; no rank twice in one operand.
std::vector<Axis> random_axes(Draft& d, bool output) {
  std::vector<RankId> left;
  for (const RankId id : ids<RankId>(d.op.ranks.size())) {
    if (d.chance(70)) left.push_back(id);
  }
  std::vector<Axis> axes;
  while (!left.empty()) {
    std::vector<Term> terms;
    for (std::int64_t i = d.between(0, 3); i > 0 && !left.empty(); --i) {
      const auto at = static_cast<std::size_t>(d.between(0, std::ssize(left) - 1));
      terms.push_back({left[at], output && i == 1 ? 1 : d.between(1, 3)});
      left.erase(left.begin() + static_cast<std::ptrdiff_t>(at));
    }
    axes.push_back(
        d.sum(terms, d.chance(30) ? d.between(-2, 2) : 0, d.chance(30) ? d.between(-2, 2) : 0));
  }
  return axes;
}

void einsum(Draft& d) {
  static constexpr const char* kNames[] = {"A", "B", "C", "D"};
  d.op.kind = "Einsum";
  d.op.reduction = d.chance(80) ? Reduction::sum : Reduction::max;
  for (std::int64_t i = d.between(1, 4); i > 0; --i) d.rank(kNames[i - 1], 8);
  for (std::int64_t i = d.between(1, 3); i > 0; --i) {
    d.input(random_axes(d, false), d.chance(40) ? Role::weight : Role::input);
  }
  d.op.function = d.op.inputs.size() == 1 ? PointFunction::copy : PointFunction::multiply;
  d.output(random_axes(d, true));
}

bool usable(const Operator& op) {
  std::vector<std::int64_t> extents;
  for (const Rank& rank : op.ranks) extents.push_back(rank.extent);
  for (const Axis& axis : op.output.axes) {
    if (!gap_free(axis, extents)) return false;
  }
  for (const Operand* operand : operands(op)) {
    if (elements(*operand) > 4000) return false;
  }
  for (const RankId id : ids<RankId>(op.ranks.size())) {
    const auto uses = [&](const Operand* operand) { return relevant(*operand, id); };
    if (std::ranges::none_of(operands(op), uses)) return false;
  }
  return true;
}

}  // namespace

bool gap_free(const Axis& axis, const std::vector<std::int64_t>& length_by_rank) {
  std::set<std::int64_t> sums{0};
  for (const Term& term : axis.terms) {
    std::set<std::int64_t> more;
    for (const std::int64_t sum : sums) {
      for (std::int64_t v = 0; v < length_by_rank[index(term.rank)]; ++v) {
        more.insert(sum + term.coefficient * v);
      }
    }
    sums = std::move(more);
  }
  return *sums.rbegin() + 1 == std::ssize(sums);
}

Workload random_workload(Random& random, std::int64_t max_points) {
  static constexpr void (*kShapes[])(Draft&) = {conv,        conv, transposed_conv, matmul, pooling,
                                                elementwise, copy, reduce,          einsum, einsum};
  for (;;) {
    Draft draft(random, max_points);
    kShapes[random.below(std::size(kShapes))](draft);
    Operator op = std::move(draft.op);
    if (!usable(op)) continue;
    op.name = "op";
    Workload workload;
    workload.name = "random";
    static constexpr const char* kInputs[] = {"I", "W", "V"};
    for (std::size_t i = 0; i <= op.inputs.size(); ++i) {
      const bool output = i == op.inputs.size();
      Operand& operand = output ? op.output : op.inputs[i];
      std::vector<std::int64_t> shape;
      for (const Axis& axis : operand.axes) shape.push_back(axis.extent);
      const TensorKind kind = output                         ? TensorKind::output
                              : operand.role == Role::weight ? TensorKind::constant
                                                             : TensorKind::input;
      operand.tensor =
          workload.tensors.push_back({output ? "O" : kInputs[i], shape, operand.bits, kind});
    }
    workload.operators.push_back(std::move(op));
    return workload;
  }
}

}  // namespace tileloom::reference

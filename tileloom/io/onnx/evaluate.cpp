#include "tileloom/io/onnx/evaluate.hpp"

#include <algorithm>
#include <cmath>
#include <exception>
#include <functional>
#include <map>

#include "tileloom/io/onnx/arithmetic.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::onnx_import {
namespace {

using Integers = std::vector<std::int64_t>;
using Floats = std::vector<double>;

/// The known inputs of a node and the shape of its first output. Left-out inputs are null.
struct Known {
  const Node& node;
  std::vector<const Value*> inputs;
  Shape shape;
  ElementType type;

  const Numbers& numbers(std::size_t i) const { return *inputs[i]->numbers; }
  const Shape& shape_of(std::size_t i) const { return *inputs[i]->shape; }
  bool has(std::size_t i) const { return i < inputs.size() && inputs[i] != nullptr; }
  std::int64_t attribute(const std::string& name, std::int64_t otherwise) const {
    const auto found = node.attributes.find(name);
    return found == node.attributes.end() ? otherwise : found->second.i.value_or(otherwise);
  }
};

using Evaluation = std::optional<Numbers> (*)(const Known&);

/// The same elements in the same order.
std::optional<Numbers> same(const Known& known) { return known.numbers(0); }

std::optional<Numbers> cast(const Known& known) {
  if (known.type == ElementType::boolean) {
    Integers truth;
    for (const double f : as_floats(known.numbers(0))) truth.push_back(f != 0.0);
    return truth;
  }
  if (is_integer(known.type)) return as_integers(known.numbers(0));
  return as_floats(known.numbers(0));
}

/// Rows picked along one axis by index.
std::optional<Numbers> gather(const Known& known) {
  const Shape& data = known.shape_of(0);
  const auto rank = static_cast<std::int64_t>(data.size());
  std::int64_t along = known.attribute("axis", 0);
  if (along < 0) along += rank;
  if (along < 0 || along >= rank) return std::nullopt;
  const std::int64_t outer = elements(Shape(data.begin(), data.begin() + along));
  const std::int64_t inner = elements(Shape(data.begin() + along + 1, data.end()));
  const std::int64_t length = data[static_cast<std::size_t>(along)];
  const Integers indices = as_integers(known.numbers(1));
  Integers from;
  for (std::int64_t o = 0; o < outer; ++o) {
    for (std::int64_t i : indices) {
      if (i < -length || i >= length) return std::nullopt;
      if (i < 0) i += length;
      for (std::int64_t e = 0; e < inner; ++e) from.push_back((o * length + i) * inner + e);
      if (std::ssize(from) > kMostFoldedNumbers) return std::nullopt;
    }
  }
  return pick(known.numbers(0), from);
}

/// Single elements replaced (index vectors as long as the data have dimensions).
std::optional<Numbers> scatter_nd(const Known& known) {
  const Shape& data = known.shape_of(0);
  const Shape& indices = known.shape_of(1);
  if (indices.empty() || indices.back() != std::ssize(data)) return std::nullopt;
  Floats list = as_floats(known.numbers(0));
  const Integers at = as_integers(known.numbers(1));
  const Floats updates = as_floats(known.numbers(2));
  for (std::size_t u = 0; u < updates.size(); ++u) {
    std::int64_t position = 0;
    for (std::size_t d = 0; d < data.size(); ++d) {
      std::int64_t i = at.at(u * data.size() + d);
      if (i < -data[d] || i >= data[d]) return std::nullopt;
      if (i < 0) i += data[d];
      position = position * data[d] + i;
    }
    list.at(static_cast<std::size_t>(position)) = updates[u];
  }
  Numbers result = list;
  if (is_integer(known.type)) result = as_integers(result);
  return result;
}

std::optional<Numbers> range(const Known& known) {
  const std::int64_t count = elements(known.shape);
  if (is_integer(known.type)) {
    const std::int64_t start = as_integers(known.numbers(0)).at(0);
    const std::int64_t step = as_integers(known.numbers(2)).at(0);
    Integers list;
    for (std::int64_t i = 0; i < count; ++i) {
      list.push_back(checked_add(start, checked_mul(i, step)));
    }
    return list;
  }
  const double start = as_floats(known.numbers(0)).at(0);
  const double step = as_floats(known.numbers(2)).at(0);
  Floats list;
  for (std::int64_t i = 0; i < count; ++i) list.push_back(start + static_cast<double>(i) * step);
  return list;
}

template <Arithmetic operation>
std::optional<Numbers> binary(const Known& known) {
  Numbers result = known.numbers(0);
  Shape shape = known.shape_of(0);
  for (std::size_t i = 1; i < known.inputs.size(); ++i) {
    if (!known.has(i)) return std::nullopt;
    const auto step =
        combine(operation, result, shape, known.numbers(i), known.shape_of(i), known.shape);
    if (!step) return std::nullopt;
    result = *step;
    shape = known.shape;
  }
  return result;
}

std::optional<Numbers> where(const Known& known) {
  const Integers yes = stretch(known.shape_of(0), known.shape);
  const Integers first = stretch(known.shape_of(1), known.shape);
  const Integers second = stretch(known.shape_of(2), known.shape);
  const Integers condition = as_integers(known.numbers(0));
  const Numbers a = *pick(known.numbers(1), first);
  const Numbers b = *pick(known.numbers(2), second);
  const bool integers = a.index() == 0 && b.index() == 0;
  Floats floats = as_floats(b);
  Integers ints = as_integers(b);
  const Floats other_floats = as_floats(a);
  const Integers other_ints = as_integers(a);
  for (std::size_t i = 0; i < yes.size(); ++i) {
    if (condition.at(static_cast<std::size_t>(yes[i])) == 0) continue;
    floats[i] = other_floats[i];
    ints[i] = other_ints[i];
  }
  if (integers) return ints;
  return floats;
}

template <double (*function)(double)>
std::optional<Numbers> unary(const Known& known) {
  if (known.numbers(0).index() == 0) {
    Integers list;
    for (const std::int64_t i : as_integers(known.numbers(0))) {
      if (i > (1LL << 52) || i < -(1LL << 52)) return std::nullopt;  // exact as floats
      list.push_back(static_cast<std::int64_t>(function(static_cast<double>(i))));
    }
    return list;
  }
  Floats list;
  for (const double f : as_floats(known.numbers(0))) list.push_back(function(f));
  return list;
}

double negate(double x) { return -x; }
double floor_of(double x) { return std::floor(x); }
double ceil_of(double x) { return std::ceil(x); }
double round_of(double x) { return std::nearbyint(x); }
double root_of(double x) { return std::sqrt(x); }
double absolute(double x) { return std::abs(x); }
double invert(double x) { return x == 0.0 ? 1.0 : 0.0; }
double reciprocal(double x) { return 1.0 / x; }

/// Everything reduced to one number (the only reduction that shapes go through).
template <Arithmetic operation>
std::optional<Numbers> reduce(const Known& known) {
  const Numbers& numbers = known.numbers(0);
  if (elements(known.shape) != 1 || size(numbers) == 0) return std::nullopt;
  std::optional<Numbers> total = pick(numbers, {0});
  for (std::size_t i = 1; i < size(numbers) && total; ++i) {
    const auto next = pick(numbers, {static_cast<std::int64_t>(i)});
    total = combine(operation, *total, {}, *next, {}, {});
  }
  return total;
}

const std::map<std::string, Evaluation>& evaluations() {
  static const std::map<std::string, Evaluation> all = {
      {"Abs", unary<absolute>},
      {"Add", binary<Arithmetic::add>},
      {"And", binary<Arithmetic::logical_and>},
      {"Cast", cast},
      {"CastLike", cast},
      {"Ceil", unary<ceil_of>},
      {"Div", binary<Arithmetic::divide>},
      {"Equal", binary<Arithmetic::equal>},
      {"Flatten", same},
      {"Floor", unary<floor_of>},
      {"Gather", gather},
      {"Greater", binary<Arithmetic::greater>},
      {"GreaterOrEqual", binary<Arithmetic::greater_or_equal>},
      {"Identity", same},
      {"Less", binary<Arithmetic::less>},
      {"LessOrEqual", binary<Arithmetic::less_or_equal>},
      {"Max", binary<Arithmetic::maximum>},
      {"Min", binary<Arithmetic::minimum>},
      {"Mod", binary<Arithmetic::modulo>},
      {"Mul", binary<Arithmetic::multiply>},
      {"Neg", unary<negate>},
      {"Not", unary<invert>},
      {"Or", binary<Arithmetic::logical_or>},
      {"Pow", binary<Arithmetic::power>},
      {"Range", range},
      {"Reciprocal", unary<reciprocal>},
      {"ReduceMax", reduce<Arithmetic::maximum>},
      {"ReduceMin", reduce<Arithmetic::minimum>},
      {"ReduceProd", reduce<Arithmetic::multiply>},
      {"ReduceSum", reduce<Arithmetic::add>},
      {"Reshape", same},
      {"Round", unary<round_of>},
      {"ScatterND", scatter_nd},
      {"Sqrt", unary<root_of>},
      {"Squeeze", same},
      {"Sub", binary<Arithmetic::subtract>},
      {"Sum", binary<Arithmetic::add>},
      {"Unsqueeze", same},
      {"Where", where},
  };
  return all;
}

/// Everything known of the node, or nothing if some content is missing.
std::optional<Known> known_of(const Network& network, const Node& node) {
  if (node.outputs.empty() || node.inputs.empty()) return std::nullopt;
  const auto output = network.values.find(node.outputs[0]);
  if (output == network.values.end() || !output->second.shape) return std::nullopt;
  Known known{node, {}, *output->second.shape, output->second.type};
  if (std::ranges::any_of(known.shape, [](auto e) { return e < 0 || e > kMostFoldedNumbers; }) ||
      elements(known.shape) > kMostFoldedNumbers) {
    return std::nullopt;
  }
  for (const std::string& name : node.inputs) {
    const auto found = network.values.find(name);
    if (name.empty()) {
      known.inputs.push_back(nullptr);
    } else if (found == network.values.end() || !found->second.numbers || !found->second.shape) {
      return std::nullopt;
    } else {
      known.inputs.push_back(&found->second);
    }
  }
  return known.has(0) ? std::optional(std::move(known)) : std::nullopt;
}

/// Row-major position of a point in an operand's tensor; -1 in the padding.
std::int64_t position(const Operand& operand, const std::vector<std::int64_t>& point) {
  std::int64_t at = 0;
  for (const Axis& axis : operand.axes) {
    std::int64_t i = axis.offset;
    for (const Term& term : axis.terms) i += term.coefficient * point[index(term.rank)];
    if (i < 0 || i >= axis.extent) return -1;
    at = at * axis.extent + i;
  }
  return at;
}

/// Carries out one copy: target[output position] = source[input position] (zero in the padding).
void carry_out(const Operator& op, const Floats& source, Floats& target) {
  std::vector<std::int64_t> point(op.ranks.size(), 0);
  for (std::int64_t n = points(op); n > 0; --n) {
    const std::int64_t to = position(op.output, point);
    const std::int64_t from = position(op.inputs[0], point);
    if (to >= 0) {
      target[static_cast<std::size_t>(to)] =
          from < 0 ? 0.0 : source[static_cast<std::size_t>(from)];
    }
    for (std::size_t r = point.size(); r-- > 0;) {
      if (++point[r] < op.ranks[r].extent) break;
      point[r] = 0;
    }
  }
}

/// Content of all outputs of a node that only moved elements. Integers beyond 2^53 are given up.
void evaluate_movement(Network& network, const Node& node, std::size_t mark) {
  std::map<TensorId, Floats> source;
  for (const std::string& name : node.inputs) {
    const auto found = network.values.find(name);
    if (found == network.values.end() || !found->second.numbers) continue;
    source[found->second.storage] = as_floats(*found->second.numbers);
  }
  std::map<TensorId, Floats> target;
  for (std::size_t i = mark; i < network.operators.size(); ++i) {
    const Operator& op = network.operators[i];
    const bool copies = op.function == PointFunction::copy && op.reduction == Reduction::none;
    const std::int64_t count = elements(op.output);
    if (!copies || points(op) > kMostFoldedNumbers || count > kMostFoldedNumbers) return;
    const auto from = source.find(op.inputs[0].tensor);
    if (from == source.end()) return;
    if (std::ssize(from->second) != elements(op.inputs[0])) return;
    auto& to = target[op.output.tensor];
    to.resize(static_cast<std::size_t>(count), 0.0);
    carry_out(op, from->second, to);
  }
  for (const std::string& name : node.outputs) {
    const auto found = network.values.find(name);
    if (found == network.values.end()) continue;
    const auto content = target.find(found->second.storage);
    if (content == target.end()) continue;
    if (std::ranges::any_of(content->second, [](double f) { return std::abs(f) > 0x1p53; })) return;
    Numbers numbers = content->second;
    if (is_integer(found->second.type)) numbers = as_integers(numbers);
    if (network.may_hold(numbers)) found->second.numbers = std::move(numbers);
  }
}

}  // namespace

void evaluate(Network& network, const Node& node, std::size_t mark) {
  if (!node.domain.empty()) return;
  const auto output =
      node.outputs.empty() ? network.values.end() : network.values.find(node.outputs[0]);
  if (output == network.values.end() || output->second.numbers) return;
  const auto known = known_of(network, node);
  if (!known) return;
  if (elements(known->shape) == 0) {
    output->second.numbers = Integers{};
    return;
  }
  const auto found = evaluations().find(node.type);
  if (found == evaluations().end()) {
    if (network.operators.size() > mark) evaluate_movement(network, node, mark);
    return;
  }
  std::optional<Numbers> result;
  try {
    result = found->second(*known);
  } catch (const std::exception&) {
    return;  // sizes that do not fit, or an overflow: the content stays unknown
  }
  if (!result || std::ssize(as_integers(*result)) != elements(known->shape)) return;
  if (network.may_hold(result)) output->second.numbers = std::move(result);
}

}  // namespace tileloom::onnx_import

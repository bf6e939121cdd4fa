#include "tileloom/io/onnx/node_scope.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tileloom/support/checked.hpp"

namespace tileloom::onnx_import {

RankId Ranks::add(std::string name, std::int64_t extent) {
  if (ranks_.size() >= 4 * kMostDimensions) {
    throw NodeMistake{"the iteration space has too many dimensions", "correct the model"};
  }
  ranks_.push_back({std::move(name), extent});
  return static_cast<RankId>(ranks_.size() - 1);
}

Axis axis(RankId rank, std::int64_t extent) { return {{{rank, 1}}, 0, extent}; }
Axis axis(std::vector<Term> terms, std::int64_t offset, std::int64_t extent) {
  return {std::move(terms), offset, extent};
}
Axis single() { return {{}, 0, 1}; }

std::int64_t elements(const Shape& shape) {
  std::int64_t product = 1;
  for (const std::int64_t extent : shape) product = checked_mul(product, extent);
  return product;
}

std::string to_text(const Shape& shape) { return fmt::format("[{}]", fmt::join(shape, ", ")); }

// --- the node

std::int64_t NodeScope::opset() const {
  const auto found = network_.opsets.find(node_.domain);
  return found == network_.opsets.end() ? 1 : found->second;
}

bool NodeScope::has_input(std::size_t i) const {
  return i < node_.inputs.size() && !node_.inputs[i].empty();
}

bool NodeScope::has_output(std::size_t k) const {
  return k < node_.outputs.size() && !node_.outputs[k].empty();
}

const Value& NodeScope::input(std::size_t i) const {
  if (!has_input(i)) mistake(fmt::format("input {} is missing", i));
  return network_.values.at(node_.inputs[i]);
}

const Shape& NodeScope::shape(std::size_t i) const {
  const Value& value = input(i);
  if (!value.shape) {
    unsupported(fmt::format("the size of '{}' is not known before the run", node_.inputs[i]));
  }
  return *value.shape;
}

const Shape& NodeScope::shape(std::size_t i, std::size_t rank) const {
  const Shape& found = shape(i);
  if (found.size() < rank) {
    mistake(fmt::format("input '{}' is {}, must have at least {} dimensions", node_.inputs[i],
                        to_text(found), rank));
  }
  return found;
}

bool NodeScope::constant(std::size_t i) const {
  return has_input(i) && network_.storages[input(i).storage].constant;
}

bool NodeScope::all_constant() const {
  for (std::size_t i = 0; i < inputs(); ++i) {
    if (has_input(i) && !constant(i)) return false;
  }
  return inputs() > 0;
}

std::vector<std::int64_t> NodeScope::integers(std::size_t i) const {
  const Value& value = input(i);
  if (!value.numbers) {
    unsupported(fmt::format("the content of '{}' is not known before the run", node_.inputs[i]));
  }
  return as_integers(*value.numbers);
}

std::vector<double> NodeScope::floats(std::size_t i) const {
  const Value& value = input(i);
  if (!value.numbers) {
    unsupported(fmt::format("the content of '{}' is not known before the run", node_.inputs[i]));
  }
  return as_floats(*value.numbers);
}

std::int64_t NodeScope::integer(const std::string& name, std::int64_t otherwise) const {
  const auto found = node_.attributes.find(name);
  if (found == node_.attributes.end()) return otherwise;
  if (!found->second.i) mistake(fmt::format("attribute {} must be an integer", name));
  return *found->second.i;
}

double NodeScope::floating(const std::string& name, double otherwise) const {
  const auto found = node_.attributes.find(name);
  if (found == node_.attributes.end()) return otherwise;
  if (!found->second.f) mistake(fmt::format("attribute {} must be a number", name));
  return *found->second.f;
}

std::string NodeScope::text(const std::string& name, const std::string& otherwise) const {
  const auto found = node_.attributes.find(name);
  if (found == node_.attributes.end()) return otherwise;
  if (!found->second.s) mistake(fmt::format("attribute {} must be a text", name));
  return *found->second.s;
}

std::vector<std::int64_t> NodeScope::integer_list(const std::string& name,
                                                  std::vector<std::int64_t> otherwise) const {
  const auto found = node_.attributes.find(name);
  if (found == node_.attributes.end()) return otherwise;
  const Attribute& attribute = found->second;
  const bool other = attribute.i || attribute.f || attribute.s || attribute.literal ||
                     !attribute.floats.empty() || !attribute.strings.empty();
  if (other) mistake(fmt::format("attribute {} must be a list of integers", name));
  return attribute.ints.empty() ? otherwise : attribute.ints;
}

std::size_t NodeScope::normal_axis(std::int64_t axis, std::size_t rank) const {
  const auto dimensions = static_cast<std::int64_t>(rank);
  if (axis < -dimensions || axis >= dimensions) {
    mistake(fmt::format("axis {} is outside [{}, {})", axis, -dimensions, dimensions));
  }
  return static_cast<std::size_t>(axis < 0 ? axis + dimensions : axis);
}

// --- what it becomes

void NodeScope::set_output(std::size_t k, Value value) {
  if (!has_output(k)) return;
  const std::string& name = node_.outputs[k];
  const auto readers = network_.readers.find(name);
  if (readers == network_.readers.end() || readers->second != 1) {
    network_.storages[value.storage].shared = true;
  }
  network_.values[name] = std::move(value);
}

TensorId NodeScope::make(std::size_t k, const Shape& shape, ElementType type) {
  // Constants of no elements occur in shape arithmetic (an empty list of axes).
  const std::int64_t least = all_constant() ? 0 : 1;
  for (const std::int64_t extent : shape) {
    if (extent < least) {
      mistake(fmt::format("output {} would be {}, must be at least 1 in every dimension", k,
                          to_text(shape)));
    }
  }
  if (shape.size() > kMostDimensions) {
    mistake(fmt::format("output {} has {} dimensions, at most {} can be handled", k, shape.size(),
                        kMostDimensions));
  }
  checked_mul(elements(shape), bits_of(type));
  const std::string name = has_output(k) ? node_.outputs[k] : fmt::format("{}:{}", name_, k);
  const TensorId tensor = network_.add_storage(name, type, shape);
  set_output(k, {.type = type, .shape = shape, .numbers = {}, .storage = tensor});
  return tensor;
}

TensorId NodeScope::between(const std::string& suffix, const Shape& shape, ElementType type) {
  checked_mul(elements(shape), bits_of(type));
  return network_.add_storage(name_ + "." + suffix, type, shape);
}

Operand NodeScope::read(std::size_t i, std::vector<Axis> axes) const {
  return read(input(i).storage, std::move(axes));
}

Operand NodeScope::read_weight(std::size_t i, std::vector<Axis> axes) const {
  Operand operand = read(i, std::move(axes));
  operand.role = Role::weight;
  return operand;
}

Operand NodeScope::read(TensorId tensor, std::vector<Axis> axes) const {
  const Role role = network_.storages[tensor].constant ? Role::weight : Role::input;
  return {.tensor = tensor, .role = role, .axes = std::move(axes)};
}

Operand NodeScope::write(TensorId tensor, std::vector<Axis> axes) const {
  return {.tensor = tensor, .role = Role::output, .axes = std::move(axes)};
}

void NodeScope::emit(const std::string& part, const Ranks& ranks, std::vector<Operand> inputs,
                     Operand output, PointFunction function, Reduction reduction) {
  const auto is_empty = [](const Rank& rank) { return rank.extent == 0; };
  if (std::ranges::any_of(ranks.list(), is_empty)) return;
  for (std::size_t i = 1; i < inputs.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (inputs[i].tensor != inputs[j].tensor) continue;
      if (inputs[i].axes == inputs[j].axes && reduction == Reduction::none) {
        inputs.erase(inputs.begin() + static_cast<std::ptrdiff_t>(i--));
        if (inputs.size() == 1) function = PointFunction::activation;
        break;
      }
      inputs[i].tensor = copy_of(inputs[i], part);
    }
  }
  Operator op;
  op.name = part.empty() ? name_ : name_ + "." + part;
  op.kind = part.empty() ? node_.type : node_.type + "." + part;
  op.ranks = ranks.list();
  op.inputs = std::move(inputs);
  op.output = std::move(output);
  op.function = function;
  op.reduction = reduction;
  if (const std::optional<std::string> holes = holes_in_output(op)) {
    throw Unsupported{*holes, macs(op)};
  }
  Storage& written = network_.storages[op.output.tensor];
  ++written.writers;
  written.writer = network_.operators.size();
  network_.operators.push_back(std::move(op));
}

TensorId NodeScope::copy_of(const Operand& operand, const std::string& part) {
  const Storage source = network_.storages[operand.tensor];
  const TensorId copy =
      between(part.empty() ? "copied" : part + ".copied", source.tensor.shape, source.type);
  if (source.constant) {
    network_.storages[copy].constant = true;  // is stored twice from the start
    return copy;
  }
  Ranks ranks;
  const std::int64_t count = elements(source.tensor.shape);
  const RankId all = ranks.add("I", count);
  emit(part.empty() ? "copy" : part + ".copy", ranks, {read(operand.tensor, {axis(all, count)})},
       write(copy, {axis(all, count)}), PointFunction::copy, Reduction::none);
  return copy;
}

void NodeScope::view(std::size_t k, std::size_t i, const Shape& shape, const std::string& text) {
  view(k, i, shape, text, input(i).type);
}

void NodeScope::view(std::size_t k, std::size_t i, const Shape& shape, const std::string& text,
                     ElementType type) {
  const Value& source = input(i);
  if (elements(this->shape(i)) != elements(shape)) {
    mistake(fmt::format("cannot see {} as {}: {} elements against {}", to_text(this->shape(i)),
                        to_text(shape), elements(this->shape(i)), elements(shape)));
  }
  if (shape.size() > kMostDimensions) {
    mistake(fmt::format("output {} has {} dimensions, at most {} can be handled", k, shape.size(),
                        kMostDimensions));
  }
  Value result{.type = type, .shape = shape, .numbers = {}, .storage = source.storage};
  set_output(k, std::move(result));
  note(text);
}

void NodeScope::constant(std::size_t k, const Shape& shape, ElementType type,
                         std::optional<Numbers> numbers, const std::string& text) {
  const TensorId tensor = network_.add_storage(
      has_output(k) ? node_.outputs[k] : fmt::format("{}:{}", name_, k), type, shape);
  network_.storages[tensor].constant = true;
  if (!network_.may_hold(numbers)) numbers.reset();
  set_output(k, {.type = type, .shape = shape, .numbers = std::move(numbers), .storage = tensor});
  note(text);
}

bool NodeScope::fold_into_producer(std::size_t i, std::size_t k) {
  return fold_into_producer(i, k, network_.storages[input(i).storage].type);
}

bool NodeScope::fold_into_producer(std::size_t i, std::size_t k, ElementType stored) {
  if (!network_.options->fold_epilogues) return false;
  const Value source = input(i);
  Storage& storage = network_.storages[source.storage];
  if (storage.shared || storage.writers != 1 || !has_output(k)) return false;
  const Operator& producer = network_.operators[storage.writer];
  if (producer.function == PointFunction::copy && producer.reduction == Reduction::none) {
    return false;
  }
  storage.tensor.name = node_.outputs[k];
  storage.tensor.shape = shape(i);
  storage.tensor.bits = bits_of(stored);
  Value result = source;
  if (stored != storage.type) result.type = stored;
  storage.type = stored;
  result.numbers.reset();
  set_output(k, std::move(result));
  note(fmt::format("folded into {}", producer.name));
  return true;
}

bool NodeScope::narrow_given(std::size_t i, std::size_t k, ElementType stored) {
  Storage& storage = network_.storages[input(i).storage];
  const bool known = storage.given || storage.constant;
  if (!network_.options->fold_epilogues || storage.shared || !known) return false;
  storage.type = stored;
  storage.tensor.bits = bits_of(stored);
  Value result = input(i);
  result.type = stored;
  result.numbers.reset();
  set_output(k, std::move(result));
  note("the input is given quantised");
  return true;
}

void NodeScope::mistake(std::string what, std::string hint) const {
  throw NodeMistake{std::move(what), std::move(hint)};
}

void NodeScope::unsupported(std::string why) const { throw Unsupported{std::move(why), 0}; }

}  // namespace tileloom::onnx_import

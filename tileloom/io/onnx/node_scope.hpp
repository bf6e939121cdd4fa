#pragma once
// What a rule for one operator type sees: its node's inputs and attributes, and how to state what
// the node becomes.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tileloom/io/onnx/network.hpp"

namespace tileloom::onnx_import {

/// The node contradicts the operator's definition: a mistake in the model. Thrown by rules, caught
/// by `lower`, which reports it and goes on with the next node.
struct NodeMistake {
  std::string what;
  std::string hint;
};

/// The node may be right but cannot be expressed; it stays in the graph as unmapped.
struct Unsupported {
  std::string why;
  std::int64_t macs = 0;  ///< its share of the work, where it is known nevertheless
};

/// Ranks of an operator being built.
class Ranks {
 public:
  RankId add(std::string name, std::int64_t extent);
  const std::vector<Rank>& list() const { return ranks_; }

 private:
  std::vector<Rank> ranks_;
};

/// index = rank, all of it.
Axis axis(RankId rank, std::int64_t extent);
/// index = offset + Σ terms.
Axis axis(std::vector<Term> terms, std::int64_t offset, std::int64_t extent);
/// index = 0 of one: the axis is broadcast.
Axis single();

class NodeScope {
 public:
  NodeScope(Network& network, const Node& node, std::string name)
      : network_(network), node_(node), name_(std::move(name)) {}

  // --- the node
  const Node& node() const { return node_; }
  const std::string& name() const { return name_; }
  std::int64_t opset() const;
  std::size_t inputs() const { return node_.inputs.size(); }
  bool has_input(std::size_t i) const;
  bool has_output(std::size_t k) const;
  /// Input i; a mistake if it is left out.
  const Value& input(std::size_t i) const;
  /// Shape of input i; Unsupported if it is not known before the run.
  const Shape& shape(std::size_t i) const;
  /// Shape of input i with at least `rank` dimensions, else a mistake.
  const Shape& shape(std::size_t i, std::size_t rank) const;
  bool constant(std::size_t i) const;
  /// True if everything the node reads is known before the run.
  bool all_constant() const;
  /// Content of input i as integers; Unsupported if it is not known before the run.
  std::vector<std::int64_t> integers(std::size_t i) const;
  std::vector<double> floats(std::size_t i) const;

  bool has_attribute(const std::string& name) const { return node_.attributes.contains(name); }
  std::int64_t integer(const std::string& name, std::int64_t otherwise) const;
  double floating(const std::string& name, double otherwise) const;
  std::string text(const std::string& name, const std::string& otherwise) const;
  std::vector<std::int64_t> integer_list(const std::string& name,
                                         std::vector<std::int64_t> otherwise) const;
  /// `axis` counted from the front, in [0, rank); a mistake if outside.
  std::size_t normal_axis(std::int64_t axis, std::size_t rank) const;

  // --- what it becomes
  /// Output k is a new tensor.
  TensorId make(std::size_t k, const Shape& shape, ElementType type);
  TensorId make(std::size_t k, const Shape& shape) { return make(k, shape, input(0).type); }
  /// A tensor between two operators of this node.
  TensorId between(const std::string& suffix, const Shape& shape, ElementType type);
  Operand read(std::size_t i, std::vector<Axis> axes) const;
  Operand read_weight(std::size_t i, std::vector<Axis> axes) const;
  Operand read(TensorId tensor, std::vector<Axis> axes) const;
  Operand write(TensorId tensor, std::vector<Axis> axes) const;
  /// Adds an operator. `part` names it within the node ("" if the node is one operator). Inputs
  /// that are the same tensor are made distinct: equal views merge, others get a copy. Unsupported
  /// if the output has holes.
  void emit(const std::string& part, const Ranks& ranks, std::vector<Operand> inputs,
            Operand output, PointFunction function, Reduction reduction);
  /// Output k is input i seen with another shape (row-major order is kept). Nothing is moved.
  void view(std::size_t k, std::size_t i, const Shape& shape, const std::string& note);
  /// The same, read as elements of another type.
  void view(std::size_t k, std::size_t i, const Shape& shape, const std::string& note,
            ElementType type);
  /// Output k is a constant whose content, if known, is `numbers`.
  void constant(std::size_t k, const Shape& shape, ElementType type, std::optional<Numbers> numbers,
                const std::string& note);
  /// Makes output k the final value of the operator that computes input i, if there is exactly one
  /// such operator and nobody else reads its result. @return whether it could
  bool fold_into_producer(std::size_t i, std::size_t k, ElementType stored);
  bool fold_into_producer(std::size_t i, std::size_t k);
  /// Makes output k the input i of the graph itself, stored in another type, if nobody else reads
  /// it. @return whether it could
  bool narrow_given(std::size_t i, std::size_t k, ElementType stored);
  void note(std::string text) { note_ = std::move(text); }
  const std::string& note() const { return note_; }

  [[noreturn]] void mistake(std::string what, std::string hint = "correct the model") const;
  [[noreturn]] void unsupported(std::string why) const;

 private:
  void set_output(std::size_t k, Value value);
  TensorId copy_of(const Operand& operand, const std::string& part);

  Network& network_;
  const Node& node_;
  std::string name_;
  std::string note_;
};

}  // namespace tileloom::onnx_import

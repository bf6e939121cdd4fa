#pragma once
// A network: tensors and the operators between them, with an account of where every node went.

#include <cstdint>
#include <string>
#include <vector>

#include "tileloom/support/diagnostic.hpp"
#include "tileloom/support/id.hpp"
#include "tileloom/workload/operator.hpp"

namespace tileloom {

enum class TensorKind : std::uint8_t {
  input,         ///< given to the network
  constant,      ///< weights and other values known before the run
  intermediate,  ///< made by one operator (or several that each write a part) and used by others
  output         ///< result of the network
};
std::string to_string(TensorKind kind);

struct Tensor {
  std::string name;
  std::vector<std::int64_t> shape;
  std::int64_t bits = 32;  ///< of one element
  TensorKind kind = TensorKind::intermediate;
  bool operator==(const Tensor&) const = default;
};

std::int64_t elements(const Tensor& tensor);

/// What became of one node of the model the workload was read from.
enum class NodeStatus : std::uint8_t {
  mapped,   ///< became one or more operators
  folded,   ///< costs nothing of its own: constant, identity, view, or part of a neighbour
  unmapped  ///< kept with its sizes, but no method can schedule it
};
std::string to_string(NodeStatus status);

/// One line of the coverage table.
struct NodeCoverage {
  std::string node;
  std::string type;
  NodeStatus status = NodeStatus::unmapped;
  std::vector<OperatorId> operators;  ///< for mapped nodes
  std::string note;                   ///< folded: into what; unmapped: why
  std::int64_t macs = 0;
  std::int64_t bits_moved = 0;  ///< compulsory: every input read and output written once
};

struct Workload {
  std::string name;
  PerId<TensorId, Tensor> tensors;
  PerId<OperatorId, Operator> operators;  ///< in an order in which producers precede consumers
  std::vector<NodeCoverage> coverage;
};

/// Operators that write `tensor`.
std::vector<OperatorId> producers(const Workload& workload, TensorId tensor);
/// Operators that read `tensor`.
std::vector<OperatorId> consumers(const Workload& workload, TensorId tensor);

std::int64_t macs(const Workload& workload);

/// Everything the core relies on: extents positive, coefficients ≥ 1, ranks of operands exist and
/// occur in one axis only, views match their tensors, names unique, producers before consumers,
/// every rank used by an operand, all counts in 64 bits. Each violation is one diagnostic with
/// `where` (usually the model's file).
Diagnostics check(const Workload& workload, const Where& where = {});
Diagnostics check(const Operator& op, const Where& where = {});

}  // namespace tileloom

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tileloom/reference/random_tree.hpp"
#include "tileloom/support/factors.hpp"

namespace tileloom::reference {
namespace {

Axis plain(RankId rank, std::int64_t extent) { return {{{rank, 1}}, 0, extent}; }

/// Adds operators one by one; each reads the newest tensor, so that all depend on each other.
class Network {
 public:
  explicit Network(Random& random) : random_(random) {
    newest_ = add_tensor({random.between(2, 24)}, TensorKind::input);
  }

  void grow() {
    switch (random_.below(5)) {
      case 0:
        return activation();
      case 1:
        return sum_of_rows();
      case 2:
        return pooling();
      case 3:
        return product();
      default:
        return concatenation();
    }
  }

  Workload finish() {
    workload_.tensors[newest_].kind = TensorKind::output;
    return std::move(workload_);
  }

 private:
  std::int64_t size() const { return elements(workload_.tensors[newest_]); }

  TensorId add_tensor(std::vector<std::int64_t> shape, TensorKind kind) {
    return workload_.tensors.push_back(
        {fmt::format("t{}", workload_.tensors.size()), std::move(shape), 8, kind});
  }

  void add(Operator op) {
    op.name = fmt::format("op{}", workload_.operators.size());
    workload_.operators.push_back(std::move(op));
  }

  /// The newest tensor as a matrix of rows × columns.
  std::pair<std::int64_t, std::int64_t> matrix() {
    const std::vector<std::int64_t> rows = divisors(size());
    const std::int64_t chosen = rows[random_.below(rows.size())];
    return {chosen, size() / chosen};
  }

  /// Reads it flat, whatever its shape.
  void activation() {
    Operator op;
    op.ranks = {{"A", size()}};
    op.inputs = {{newest_, Role::input, {plain(RankId{0}, size())}}};
    op.function = PointFunction::activation;
    op.reduction = Reduction::none;
    newest_ = add_tensor({size()}, TensorKind::intermediate);
    op.output = {newest_, Role::output, op.inputs[0].axes};
    add(op);
  }

  void sum_of_rows() {
    const auto [rows, columns] = matrix();
    Operator op;
    op.ranks = {{"A", rows}, {"B", columns}};
    op.inputs = {{newest_, Role::input, {plain(RankId{0}, rows), plain(RankId{1}, columns)}}};
    op.function = PointFunction::copy;
    newest_ = add_tensor({rows}, TensorKind::intermediate);
    op.output = {newest_, Role::output, {plain(RankId{0}, rows)}, 8, 24};
    add(op);
  }

  /// The largest of windows of up to 3 that begin one element before the tensor.
  void pooling() {
    const std::int64_t window = random_.between(1, 3);
    Operator op;
    op.ranks = {{"P", size()}, {"R", window}};
    op.inputs = {{newest_, Role::input, {{{{RankId{0}, 1}, {RankId{1}, 1}}, -1, size()}}}};
    op.function = PointFunction::copy;
    op.reduction = Reduction::max;
    const std::int64_t positions = size();
    newest_ = add_tensor({positions}, TensorKind::intermediate);
    op.output = {newest_, Role::output, {plain(RankId{0}, positions)}};
    add(op);
  }

  void product() {
    const auto [rows, columns] = matrix();
    const std::int64_t outputs = random_.between(1, 3);
    const TensorId weights = add_tensor({columns, outputs}, TensorKind::constant);
    Operator op;
    op.ranks = {{"M", rows}, {"N", outputs}, {"K", columns}};
    op.inputs = {{newest_, Role::input, {plain(RankId{0}, rows), plain(RankId{2}, columns)}},
                 {weights, Role::weight, {plain(RankId{2}, columns), plain(RankId{1}, outputs)}}};
    newest_ = add_tensor({rows, outputs}, TensorKind::intermediate);
    op.output = {newest_, Role::output, {plain(RankId{0}, rows), plain(RankId{1}, outputs)}, 8, 24};
    add(op);
  }

  /// Two operators write one tensor: the newest, and behind it another input.
  void concatenation() {
    const std::int64_t first = size();
    const std::int64_t second = random_.between(1, 6);
    const TensorId other = add_tensor({second}, TensorKind::input);
    const TensorId whole = add_tensor({first + second}, TensorKind::intermediate);
    const auto part = [&](TensorId from, std::int64_t length, std::int64_t offset) {
      Operator op;
      op.ranks = {{"A", length}};
      op.inputs = {{from, Role::input, {plain(RankId{0}, length)}}};
      op.output = {whole, Role::output, {{{{RankId{0}, 1}}, offset, first + second}}};
      op.function = PointFunction::copy;
      op.reduction = Reduction::none;
      add(op);
    };
    part(newest_, first, 0);
    part(other, second, first);
    newest_ = whole;
  }

  Random& random_;
  Workload workload_;
  TensorId newest_{};
};

/// The path without the outermost Store of each tensor.
std::vector<PathNode> without_homes(const std::vector<PathNode>& path) {
  std::vector<PathNode> rest;
  std::vector<TensorId> seen;
  for (const PathNode& node : path) {
    const Store* store = std::get_if<Store>(&node);
    if (store != nullptr && std::ranges::find(seen, store->tensor) == seen.end()) {
      seen.push_back(store->tensor);
    } else {
      rest.push_back(node);
    }
  }
  return rest;
}

}  // namespace

RandomNetwork random_network(Random& random) {
  RandomNetwork drawn;
  Network network(random);
  for (std::int64_t i = random.between(2, 4); i > 0; --i) network.grow();
  drawn.workload = network.finish();
  drawn.arch = random_architecture(random);
  drawn.arch.memories[MemoryId{0}].holds = {true, true, true};
  Sequence sequence;
  for (const OperatorId op : ids<OperatorId>(drawn.workload.operators.size())) {
    LoopTree child = random_path(random, drawn.workload, op, drawn.arch);
    child.path = without_homes(child.path);
    sequence.children.push_back(std::move(child));
  }
  for (const TensorId tensor : ids<TensorId>(drawn.workload.tensors.size())) {
    drawn.tree.path.push_back(Store{tensor, MemoryId{0}, Keep::overlap});
  }
  drawn.tree.tail = std::move(sequence);
  return drawn;
}

}  // namespace tileloom::reference

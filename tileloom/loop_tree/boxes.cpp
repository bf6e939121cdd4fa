#include "tileloom/loop_tree/boxes.hpp"

#include <algorithm>
#include <set>

#include "tileloom/loop_tree/path_loops.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom {
namespace {

struct Chunk {
  std::int64_t start = 0;
  std::int64_t length = 0;
};

/// The longest part of one axis that any combination of chunks covers; by trying the trips of the
/// axis's loops, without those that cannot be longer than the best so far.
class AxisSearch {
 public:
  AxisSearch(const Operator& op, const Axis& axis, std::vector<Loop> loops)
      : axis_(axis), loops_(std::move(loops)) {
    for (const Rank& rank : op.ranks) chunks_.push_back({0, rank.extent});
    std::vector<std::int64_t> tile(op.ranks.size());
    for (const Term& term : axis.terms) tile[index(term.rank)] = op.rank(term.rank).extent;
    for (const Loop& loop : loops_) tile[index(loop.rank)] = loop.tile;
    most_ = 1;
    for (const Term& term : axis.terms) {
      most_ = checked_add(most_, checked_mul(term.coefficient, tile[index(term.rank)] - 1));
    }
    most_ = std::min(most_, axis.extent);
  }

  std::int64_t longest() {
    visit(0);
    return best_;
  }

 private:
  std::int64_t covered() const {
    std::int64_t low = axis_.offset;
    std::int64_t high = axis_.offset;
    for (const Term& term : axis_.terms) {
      const Chunk& chunk = chunks_[index(term.rank)];
      low = checked_add(low, checked_mul(term.coefficient, chunk.start));
      high = checked_add(high, checked_mul(term.coefficient, chunk.start + chunk.length - 1));
    }
    return std::min(high, axis_.extent - 1) - std::max<std::int64_t>(low, 0) + 1;
  }

  void visit(std::size_t depth) {
    const std::int64_t bound = covered();
    if (bound <= best_) return;
    if (depth == loops_.size()) {
      best_ = bound;
      return;
    }
    const Loop& loop = loops_[depth];
    Chunk& chunk = chunks_[index(loop.rank)];
    const Chunk whole = chunk;
    for (std::int64_t start = 0; start < whole.length && best_ < most_; start += loop.tile) {
      chunk = {whole.start + start, std::min(loop.tile, whole.length - start)};
      visit(depth + 1);
    }
    chunk = whole;
  }

  const Axis& axis_;
  std::vector<Loop> loops_;
  std::vector<Chunk> chunks_;  ///< by rank
  std::int64_t most_ = 0;      ///< no chunks cover more
  std::int64_t best_ = 0;
};

}  // namespace

const Operand* find_operand(const Operator& op, TensorId tensor) {
  for (const Operand& input : op.inputs) {
    if (input.tensor == tensor) return &input;
  }
  return op.output.tensor == tensor ? &op.output : nullptr;
}

bool narrows(const Architecture& arch, const Loop& loop, MemoryId memory) {
  return !loop.axis || replicated(arch, memory, *loop.axis);
}

std::vector<std::int64_t> chunk_lengths(const Operator& op, const Architecture& arch,
                                        std::span<const PathNode> path, std::size_t store,
                                        RankId rank) {
  const MemoryId memory = std::get<Store>(path[store]).memory;
  std::set<std::int64_t> lengths{op.rank(rank).extent};
  for (const PathNode& node : path.first(store)) {
    const Loop* loop = std::get_if<Loop>(&node);
    if (loop == nullptr || loop->rank != rank || !narrows(arch, *loop, memory)) continue;
    std::set<std::int64_t> inner;
    for (const std::int64_t length : lengths) {
      inner.insert(std::min(length, loop->tile));
      if (length > loop->tile && length % loop->tile != 0) inner.insert(length % loop->tile);
    }
    lengths = std::move(inner);
  }
  return {lengths.begin(), lengths.end()};
}

std::int64_t largest_box(const Operator& op, const Architecture& arch,
                         std::span<const PathNode> path, std::size_t store) {
  const Store& at = std::get<Store>(path[store]);
  std::int64_t box = 1;
  for (const Axis& axis : find_operand(op, at.tensor)->axes) {
    std::vector<Loop> loops;
    for (const PathNode& node : path.first(store)) {
      const Loop* loop = std::get_if<Loop>(&node);
      if (loop == nullptr || !narrows(arch, *loop, at.memory)) continue;
      const bool used = std::ranges::any_of(
          axis.terms, [&](const Term& term) { return term.rank == loop->rank; });
      if (used) loops.push_back(*loop);
    }
    box = checked_mul(box, AxisSearch(op, axis, std::move(loops)).longest());
  }
  return box;
}

std::int64_t copies(const Architecture& arch, const Store& store) {
  return arch.memories[store.memory].double_buffered && !store.single ? 2 : 1;
}

std::int64_t element_bits(const Operator& op, std::span<const PathNode> path, std::size_t store) {
  const TensorId tensor = std::get<Store>(path[store]).tensor;
  const Operand& operand = *find_operand(op, tensor);
  if (operand.role != Role::output) return operand.bits;
  std::size_t child = store + 1;
  for (; child < path.size(); ++child) {
    const Store* inner = std::get_if<Store>(&path[child]);
    if (inner != nullptr && inner->tensor == tensor) break;
  }
  const std::vector<PathLoop> loops = path_loops(op, path.first(child));
  const bool unfinished = std::ranges::any_of(loops, [&](const PathLoop& at) {
    return !at.loop.axis && at.trips > 1 && !relevant(op.output, at.loop.rank);
  });
  return unfinished ? operand.partial_bits : operand.bits;
}

}  // namespace tileloom

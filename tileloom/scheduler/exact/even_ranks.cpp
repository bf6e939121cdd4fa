// Ranks whose tiles neither overlap nor leave gaps, in any tensor of a stack.
// docs/cost_model.md 9.8

#include "tileloom/scheduler/exact/even_ranks.hpp"

#include <algorithm>

#include "tileloom/loop_tree/boxes.hpp"
#include "tileloom/loop_tree/view.hpp"

namespace tileloom::scheduler::exact {
namespace {

/// What one index of the driver's rank needs of a tensor or computes of an operator: so many
/// neighbouring indices of this axis or rank, all of the others.
struct Share {
  std::size_t place = 0;
  std::int64_t indices = 1;
  bool operator==(const Share&) const = default;
};
/// Absent if every index needs all of it.
using Shares = std::optional<Share>;

/// The view of an operand as that of its tensor.
std::optional<Share> seen_through(const ViewMap& map, const std::vector<std::int64_t>& from,
                                  const std::vector<std::int64_t>& to, const Share& share) {
  if (from == to) return share;
  if (share.indices * 2 > from[share.place]) return std::nullopt;
  Box first = Box::whole(from);
  first[share.place] = {0, share.indices};
  Box second = first;
  second[share.place] = {share.indices, 2 * share.indices};
  const Box a = map(first);
  const Box b = map(second);
  std::optional<Share> found;
  for (std::size_t axis = 0; axis < to.size(); ++axis) {
    if (a[axis] == b[axis] && a[axis] == Interval{0, to[axis]}) continue;
    const std::int64_t length = a[axis].end;
    if (found || a[axis].begin != 0 || b[axis] != Interval{length, 2 * length}) return std::nullopt;
    if (length * from[share.place] != share.indices * to[axis]) return std::nullopt;
    found = Share{axis, length};
  }
  return found;
}

class Tracer {
 public:
  Tracer(const Workload& workload, const FusedStack& stack)
      : workload_(workload), stack_(stack), tensors_(stack_tensors(workload, stack)) {}

  std::optional<EvenRank> trace(RankId rank) {
    const std::size_t children = stack_.children.size();
    computed_.assign(children, std::nullopt);
    computed_.back() = Share{index(rank), 1};
    EvenRank found(tensors_.size());
    for (std::size_t child = children; child-- > 0;) {
      for (std::size_t t = 0; t < tensors_.size(); ++t) {
        const bool written =
            std::ranges::find(tensors_[t].writers, child) != tensors_[t].writers.end();
        if (!written || child + 1 == children) continue;
        Shares share;
        if (!needed(t, share) || !computes(t, child, share)) return std::nullopt;
      }
    }
    for (std::size_t t = 0; t < tensors_.size(); ++t) {
      Shares share;
      if (!needed(t, share)) return std::nullopt;
      if (share) found[t] = share->place;
    }
    return found;
  }

 private:
  const Operator& op(std::size_t child) const {
    return workload_.operators[stack_.children[child].op];
  }

  /// What the child's share sees of an operand, in the tensor's view. False if not evenly.
  bool seen(std::size_t child, const StackTensor& tensor, Shares& share) const {
    share.reset();
    if (!computed_[child]) return true;
    const Operand& operand = *find_operand(op(child), tensor.tensor);
    for (std::size_t a = 0; a < operand.axes.size(); ++a) {
      const Axis& axis = operand.axes[a];
      const bool moves = std::ranges::any_of(axis.terms, [&](const Term& term) {
        return index(term.rank) == computed_[child]->place;
      });
      if (!moves) continue;
      const bool plain = axis.terms.size() == 1 && axis.terms.front().coefficient == 1 &&
                         axis.offset == 0 &&
                         axis.extent == op(child).rank(axis.terms.front().rank).extent;
      if (!plain || share) return false;
      share = Share{a, computed_[child]->indices};
    }
    const std::vector<std::int64_t> view = view_extents(operand);
    if (!share) return true;
    share = seen_through(*ViewMap::between(view, tensor.extents), view, tensor.extents, *share);
    return share.has_value();
  }

  /// What all users need of a tensor; false if not evenly, or if they do not need the same.
  bool needed(std::size_t t, Shares& share) const {
    const StackTensor& at = tensors_[t];
    const auto& users = at.role == StackRole::result ? at.writers : at.readers;
    for (std::size_t u = 0; u < users.size(); ++u) {
      Shares other;
      if (!seen(users[u], at, other)) return false;
      if (u > 0 && other != share) return false;
      share = other;
    }
    return true;
  }

  /// The only writer computes what is needed.
  bool computes(std::size_t t, std::size_t child, const Shares& share) {
    const Operand& output = op(child).output;
    if (!share) return true;
    if (tensors_[t].writers.size() > 1 || view_extents(output) != tensors_[t].extents) return false;
    const Axis& axis = output.axes[share->place];
    if (axis.terms.size() != 1 || axis.offset != 0) return false;
    computed_[child] = Share{index(axis.terms.front().rank), share->indices};
    return true;
  }

  const Workload& workload_;
  const FusedStack& stack_;
  std::vector<StackTensor> tensors_;
  std::vector<Shares> computed_;  ///< per child
};

}  // namespace

std::optional<EvenRank> even_rank(const Workload& workload, const FusedStack& stack, RankId rank) {
  return Tracer(workload, stack).trace(rank);
}

bool apart(const EvenRank& a, const EvenRank& b) {
  for (std::size_t t = 0; t < a.size(); ++t)
    if (a[t] && a[t] == b[t]) return false;
  return true;
}

}  // namespace tileloom::scheduler::exact

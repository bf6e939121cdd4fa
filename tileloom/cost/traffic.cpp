#include "tileloom/cost/traffic.hpp"

#include <algorithm>

#include "tileloom/cost/operand_axes.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::cost {
namespace {

bool shares(const SpatialAxis& axis, Sharing sharing) {
  switch (sharing) {
    case Sharing::multicast:
      return axis.multicast;
    case Sharing::reduce:
      return axis.reduce;
    case Sharing::all:
      return true;
  }
  return false;
}

/// The operand's axes with the loops above the child.
struct BoundaryAxes {
  std::vector<AxisChains> axes;
  std::vector<std::size_t> temporal;  ///< axis of each temporal loop above the child, in path order
};

BoundaryAxes boundary_axes(const Boundary& boundary, Sharing sharing) {
  OperandAxes operand = operand_axes(boundary.op, boundary.operand);
  BoundaryAxes result{std::move(operand.axes), {}};
  for (std::size_t position = 0; position < boundary.child; ++position) {
    const Loop* loop = std::get_if<Loop>(&boundary.path[position]);
    if (loop == nullptr) continue;
    const RankPlace place = operand.places[index(loop->rank)];
    AxisChains& axis = result.axes[place.axis];
    LinkKind kind = LinkKind::temporal;
    if (loop->axis) {
      if (!is_spatial_loop_of(boundary.arch, boundary.path, *loop, position, boundary.child)) {
        continue;
      }
      const bool of_parent =
          boundary.parent &&
          is_spatial_loop_of(boundary.arch, boundary.path, *loop, position, *boundary.parent);
      const bool grouped = !of_parent && shares(boundary.arch.axes[*loop->axis], sharing);
      kind = grouped ? LinkKind::grouped : LinkKind::separate;
    } else {
      axis.loops.push_back(place.chain);
      result.temporal.push_back(place.axis);
    }
    axis.chains[place.chain].append(loop->tile, kind);
  }
  return result;
}

/// Running products over the axes of one move. (C1): |∪(box \ kept)| = Π |∪X| − Π (|∪X| − |∪(X
/// \ kept)|); (C2): Σ|box \ kept| = Π Σ|X| − Π Σ|kept|.
struct Product {
  std::int64_t now = 1, now_kept = 1, before = 1, before_kept = 1, each = 1, each_kept = 1;

  void times(const MoveSums& sums) {
    now = checked_mul(now, sums.united_now);
    now_kept = checked_mul(now_kept, sums.united_now_kept);
    before = checked_mul(before, sums.united_before);
    before_kept = checked_mul(before_kept, sums.united_before_kept);
    each = checked_mul(each, sums.each_now);
    each_kept = checked_mul(each_kept, sums.each_kept);
  }
};

}  // namespace

bool is_spatial_loop_of(const Architecture& arch, std::span<const PathNode> path, const Loop& loop,
                        std::size_t position, std::size_t store) {
  if (!loop.axis || position > store) return false;
  if (store == path.size()) return true;
  return replicated(arch, std::get<Store>(path[store]).memory, *loop.axis);
}

Traffic buffer_traffic(const Boundary& boundary, Sharing sharing) {
  const BoundaryAxes axes = boundary_axes(boundary, sharing);
  const Keep keep = std::get<Store>(boundary.path[boundary.child]).keep;
  Traffic traffic;
  traffic.tile = 1;
  std::vector<AxisSums> sums;
  for (const AxisChains& axis : axes.axes) {
    sums.push_back(axis_sums(axis, keep));
    traffic.tile = checked_mul(traffic.tile, sums.back().largest);
  }

  // (C3): everything enters at the first step and leaves after the last; between them, one kind of
  // move per temporal loop. still[0] holds exactly one state: from the last step round to the
  // first.
  Product round;
  for (const AxisSums& axis : sums) round.times(axis.still.front());
  traffic.entering = round.now;
  traffic.entering_each = round.each;
  traffic.leaving = round.before;
  std::vector<std::size_t> outer(sums.size(), 0);
  for (const std::size_t moving : axes.temporal) {
    Product product;
    for (std::size_t a = 0; a < sums.size(); ++a) {
      product.times(a == moving ? sums[a].own[outer[a]] : sums[a].still[outer[a]]);
    }
    traffic.entering = checked_add(traffic.entering, product.now - product.now_kept);
    traffic.leaving = checked_add(traffic.leaving, product.before - product.before_kept);
    traffic.entering_each = checked_add(traffic.entering_each, product.each - product.each_kept);
    ++outer[moving];
  }
  return traffic;
}

Traffic lane_traffic(const Boundary& boundary, Sharing sharing) {
  const BoundaryAxes axes = boundary_axes(boundary, sharing);
  Traffic traffic;
  traffic.entering = traffic.entering_each = traffic.tile = 1;
  for (const AxisChains& axis : axes.axes) {
    const MoveSums sums = all_states(axis);
    traffic.entering = checked_mul(traffic.entering, sums.united_now);
    traffic.entering_each = checked_mul(traffic.entering_each, sums.each_now);
  }
  traffic.leaving = traffic.entering;
  return traffic;
}

}  // namespace tileloom::cost

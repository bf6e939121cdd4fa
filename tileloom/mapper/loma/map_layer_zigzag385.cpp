#include "tileloom/mapper/loma/map_layer_zigzag385.hpp"

#include <array>
#include <utility>

#include "tileloom/mapper/loma/allocation.hpp"
#include "tileloom/mapper/loma/prefix_shifts.hpp"

namespace tileloom::mapper::loma {
namespace {

/// What is minimised first and what breaks ties.
std::pair<double, double> score(const cost::zigzag385::LayerCost& cost, Objective385 objective) {
  switch (objective) {
    case Objective385::energy:
      return {cost.energy.value, cost.latency2.value};
    case Objective385::latency:
      return {cost.latency2.value, cost.energy.value};
  }
  return {};
}

}  // namespace

std::optional<MappedLayer385> map_layer_zigzag385(const cost::defines2022::Prepared& prepared,
                                                  int loop_limit, Objective385 objective) {
  const Tables tables(prepared, loop_limit, Extents::truncated_in_windows);
  const Allocator allocator(prepared, tables, Rules::exact);
  std::optional<MappedLayer385> best;
  std::int64_t evaluations = 0;
  PrefixShifts orders(tables.items());
  do {
    const std::optional<cost::defines2022::Mapping> mapping = allocator.cut(orders.order());
    if (!mapping) continue;
    ++evaluations;
    cost::zigzag385::LayerCost cost = cost::zigzag385::evaluate(prepared, *mapping);
    if (best && score(cost, objective) >= score(best->cost, objective)) continue;
    best = MappedLayer385{*mapping, std::move(cost), 0};
  } while (orders.next());
  if (best) best->evaluations = evaluations;
  return best;
}

}  // namespace tileloom::mapper::loma

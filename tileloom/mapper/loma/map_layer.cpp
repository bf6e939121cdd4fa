#include "tileloom/mapper/loma/map_layer.hpp"

#include <limits>

#include "tileloom/cost/profiles/defines2022/latency.hpp"
#include "tileloom/mapper/loma/allocation.hpp"
#include "tileloom/mapper/loma/prefix_shifts.hpp"
#include "tileloom/mapper/loma/tables.hpp"

namespace tileloom::mapper::loma {
namespace {

using namespace cost::defines2022;

class Search {
 public:
  Search(const Prepared& prepared, const LomaOptions& options)
      : prepared_(prepared),
        options_(options),
        tables_(prepared, options.loop_limit),
        allocator_(prepared, tables_, options.as_published ? Rules::as_published : Rules::exact) {}

  std::optional<MappedLayer> run() {
    PrefixShifts orders(tables_.items());
    do {
      consider(orders.order());
    } while (orders.next());
    if (evaluations_ == 0) return std::nullopt;
    return MappedLayer{best_, evaluate(prepared_, best_), evaluations_};
  }

 private:
  void consider(const std::vector<int>& order) {
    std::array<Below, kMaxLoops + 1> below{};
    for (std::size_t p = 0; p < order.size(); ++p)
      below[p + 1] = below[p] + tables_.kinds()[static_cast<std::size_t>(order[p])].stride;
    Allocation allocation;
    if (!allocator_.allocate(order, below.data(), allocation)) return;
    ++evaluations_;
    const double energy = energy_of(order, below.data(), allocation);
    if (energy > least_energy_) return;
    if (energy == least_energy_) {
      if (options_.as_published) return;
      const Mapping mapping = allocator_.mapping_of(order, allocation);
      const Cycles latency = latency1_of(mapping);
      if (latency >= least_latency()) return;
      best_ = mapping;
      best_latency_ = latency;
      return;
    }
    least_energy_ = energy;
    best_ = allocator_.mapping_of(order, allocation);
    best_latency_.reset();
  }

  Cycles least_latency() {
    if (!best_latency_) best_latency_ = latency1_of(best_);
    return *best_latency_;
  }

  Cycles latency1_of(const Mapping& mapping) const {
    const Latency time = latency(prepared_, merge(prepared_, mapping));
    return {time.temporal + time.stall + time.loading};
  }

  /// The sum of evaluate.cpp in the same order, from the tables.
  double energy_of(const std::vector<int>& order, const Below* below,
                   const Allocation& allocation) {
    double energy = 0;
    for (std::size_t o = 0; o < prepared_.operands.size(); ++o) {
      const int operand = static_cast<int>(o);
      const int levels = prepared_.operands[o].levels();
      const std::array<double, kLinks>* low = &tables_.energy(operand, 0, 0);
      for (int k = 0; k < levels; ++k) {
        double to_high = 0;
        double from_high = 0;
        const std::array<double, kLinks>* high = nullptr;
        if (k + 1 < levels) {
          std::size_t p = allocation.boundary[o][static_cast<std::size_t>(k)];
          while (p < order.size() && tables_.irrelevant(operand, order[p])) ++p;  // merging
          high = &tables_.energy(operand, k + 1, below[p]);
          to_high = (*high)[at(Link::to_high)];
          from_high = (*high)[at(Link::from_high)];
        }
        energy += (to_high + (*low)[at(Link::to_low)]) + (from_high + (*low)[at(Link::from_low)]);
        low = high;
      }
    }
    return energy;
  }

  const Prepared& prepared_;
  LomaOptions options_;
  Tables tables_;
  Allocator allocator_;
  Mapping best_;
  double least_energy_ = std::numeric_limits<double>::infinity();
  std::optional<Cycles> best_latency_;
  std::int64_t evaluations_ = 0;
};

}  // namespace

std::optional<MappedLayer> map_layer(const Machine& machine, const Layer& layer,
                                     const SpatialMapping& unrolling, const Sizes& tile,
                                     const LomaOptions& options) {
  const Prepared prepared = prepare(machine, layer, unrolling, tile);
  return Search(prepared, options).run();
}

Machine machine_for(const Machine& machine, const Layer& layer, const PerOperand<int>& top) {
  if (!layer.is_addition()) return cut(machine, top);
  PerOperand<int> both = top;
  both[MemoryOperand::I2] = top[MemoryOperand::I1];
  return cut(with_twin_input(machine), both);
}

}  // namespace tileloom::mapper::loma

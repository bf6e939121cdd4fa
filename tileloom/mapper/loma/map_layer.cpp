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
  Search(const Prepared& prepared, const LomaOptions& options, SizeRanges& same)
      : prepared_(prepared),
        options_(options),
        tables_(prepared, options.loop_limit),
        allocator_(prepared, tables_, options.as_published ? Rules::as_published : Rules::exact),
        same_(same) {}

  std::optional<MappedLayer> run() {
    PrefixShifts orders(tables_.items());
    do {
      consider(orders.order());
    } while (orders.next());
    if (evaluations_ == 0) return std::nullopt;
    const Mapping best = equals_.size() == 1 ? mapping_of(equals_[0]) : fastest();
    return MappedLayer{best, evaluate(prepared_, best, same_), evaluations_};
  }

 private:
  void consider(const std::vector<int>& order) {
    std::array<Below, kMaxLoops + 1> below{};
    for (std::size_t p = 0; p < order.size(); ++p)
      below[p + 1] = below[p] + tables_.kinds()[static_cast<std::size_t>(order[p])].stride;
    Allocation allocation;
    if (!allocator_.allocate(order, below.data(), allocation, same_)) return;
    ++evaluations_;
    const double energy = energy_of(order, below.data(), allocation);
    if (energy > least_energy_) return;
    if (energy == least_energy_ && options_.as_published) return;
    if (energy < least_energy_) equals_.clear();
    least_energy_ = energy;
    equals_.push_back({order, allocation});
  }

  /// Of the orders with the least energy the one with the least latency1, the first of several.
  Mapping fastest() const {
    std::optional<Cycles> least;
    Mapping best;
    for (const Candidate& candidate : equals_) {
      Mapping mapping = mapping_of(candidate);
      const Latency time = latency(prepared_, merge(prepared_, mapping), same_);
      const Cycles latency1{time.temporal + time.stall + time.loading};
      if (least && latency1 >= *least) continue;
      least = latency1;
      best = std::move(mapping);
    }
    return best;
  }

  struct Candidate {
    std::vector<int> order;
    Allocation allocation;
  };
  Mapping mapping_of(const Candidate& candidate) const {
    return allocator_.mapping_of(candidate.order, candidate.allocation);
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
  SizeRanges& same_;
  std::vector<Candidate> equals_;  ///< of least energy so far, in the order of enumeration
  double least_energy_ = std::numeric_limits<double>::infinity();
  std::int64_t evaluations_ = 0;
};

}  // namespace

std::optional<MappedLayer> map_layer(const Machine& machine, const Layer& layer,
                                     const SpatialMapping& unrolling, const Sizes& tile,
                                     const LomaOptions& options) {
  SizeRanges same;
  return map_layer(machine, layer, unrolling, tile, options, same);
}

std::optional<MappedLayer> map_layer(const Machine& machine, const Layer& layer,
                                     const SpatialMapping& unrolling, const Sizes& tile,
                                     const LomaOptions& options, SizeRanges& same) {
  const Prepared prepared = prepare(machine, layer, unrolling, tile);
  same.assign(prepared.memories.size(), {});
  return Search(prepared, options, same).run();
}

Machine machine_for(const Machine& machine, const Layer& layer, const PerOperand<int>& top) {
  if (!layer.is_addition()) return cut(machine, top);
  PerOperand<int> both = top;
  both[MemoryOperand::I2] = top[MemoryOperand::I1];
  return cut(with_twin_input(machine), both);
}

}  // namespace tileloom::mapper::loma

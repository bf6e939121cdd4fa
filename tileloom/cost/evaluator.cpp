#include "tileloom/cost/evaluator.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "tileloom/cost/energy.hpp"
#include "tileloom/cost/prepared.hpp"
#include "tileloom/cost/quick_traffic.hpp"

namespace tileloom::cost {
namespace {

struct QuickStore {
  std::size_t memory = 0;
  Keep keep = Keep::overlap;
  std::size_t loops_above = 0;
  AxisSet axes_above = 0;  ///< of the spatial loops above
  double instances = 1;    ///< in use
};

}  // namespace

class Evaluator::Implementation {
 public:
  Implementation(const Operator& op, const Architecture& arch)
      : cycles_per_operation_(arch.compute.cycles_per_operation),
        compute_energy_(cost::compute_energy(op, arch).value) {
    for (const Operand* operand : operands(op)) operands_.push_back(prepare(op, *operand));
    for (const MemoryId id : ids<MemoryId>(arch.memories.size())) {
      memories_.push_back(prepare(arch, id));
    }
    for (const AxisId axis : ids<AxisId>(arch.axes.size())) {
      if (arch.axes[axis].multicast) multicast_ |= axis_bit(axis);
      if (arch.axes[axis].reduce) reduce_ |= axis_bit(axis);
    }
    for (const Rank& rank : op.ranks) extents_.push_back(static_cast<double>(rank.extent));
    stores_.resize(operands_.size());
    memory_use_.resize(memories_.size());
    ragged_.resize(op.ranks.size());
  }

  QuickCost run(std::span<const PathNode> path) {
    read_path(path);
    std::ranges::fill(memory_use_, MemoryUse{});
    energy_ = compute_energy_;
    for (std::size_t o = 0; o + 1 < operands_.size(); ++o) add_input(operands_[o], stores_[o]);
    add_output(operands_.back(), stores_.back());
    return finish();
  }

 private:
  struct MemoryUse {
    double read = 0, written = 0, occupied = 0;  ///< bits of one instance
  };

  void read_path(std::span<const PathNode> path) {
    loops_.clear();
    spatial_.clear();
    for (std::vector<QuickStore>& stores : stores_) stores.clear();
    tile_ = extents_;
    any_ragged_ = false;
    first_reduction_ = SIZE_MAX;
    for (const PathNode& node : path) {
      if (const Loop* loop = std::get_if<Loop>(&node)) {
        read_loop(*loop);
      } else {
        read_store(*std::get_if<Store>(&node));
      }
    }
  }

  void read_loop(const Loop& loop) {
    const std::size_t rank = index(loop.rank);
    const auto tile = static_cast<double>(loop.tile);
    double& enclosing = tile_[rank];
    if (tile >= enclosing) return;
    auto trips = static_cast<double>(static_cast<std::int64_t>(enclosing / tile));
    if (trips * tile != enclosing) {
      trips += 1;
      if (!any_ragged_) std::fill(ragged_.begin(), ragged_.end(), false);
      any_ragged_ = true;
      ragged_[rank] = true;
    }
    enclosing = tile;
    loops_.push_back({trips, tile, loop.axis ? axis_bit(*loop.axis) : 0, rank});
    if (loop.axis) {
      spatial_.push_back(loops_.back());
    } else if (first_reduction_ == SIZE_MAX && !operands_.back().ranks[rank].relevant) {
      first_reduction_ = loops_.size();
    }
  }

  void read_store(const Store& store) {
    QuickStore quick{index(store.memory), store.keep, loops_.size(), 0, 1};
    for (const QuickLoop& loop : spatial_) {
      quick.axes_above |= loop.axis;
      if ((loop.axis & memories_[quick.memory].replicated) != 0) quick.instances *= loop.trips;
    }
    std::size_t o = 0;
    while (operands_[o].tensor != store.tensor) ++o;
    stores_[o].push_back(quick);
  }

  bool innermost(const std::vector<QuickStore>& stores, std::size_t s) const {
    return s + 1 == stores.size();
  }

  /// 1.3
  void add_input(const PreparedOperand& operand, const std::vector<QuickStore>& stores) {
    const double width = operand.bits;
    occupy(stores[0], home_tile(operand, stores[0].keep) * width);
    const std::span<const QuickTraffic> traffics = traffic(operand, stores, multicast_);
    for (std::size_t s = 0; s < stores.size(); ++s) {
      const QuickTraffic& t = traffics[s];
      charge(stores[s], t.entering * width, 0);
      energy_ += t.each * width * hop(stores, s);
      if (innermost(stores, s)) break;
      charge(stores[s + 1], 0, t.each * width);
      occupy(stores[s + 1], t.tile * width);
    }
  }

  /// 1.4, (C5)
  void add_output(const PreparedOperand& operand, const std::vector<QuickStore>& stores) {
    double entries = home_tile(operand, stores[0].keep);
    double returns = 0;
    occupy(stores[0], entries * width_below(operand, stores, 0));
    // Returns unite all positions between two Stores, updates only those that can reduce.
    const std::span<const QuickTraffic> all = traffic(operand, stores, ~AxisSet{0});
    united_.assign(all.begin(), all.end());
    const std::span<const QuickTraffic> traffics = reduces_everywhere(stores)
                                                       ? std::span<const QuickTraffic>(united_)
                                                       : traffic(operand, stores, reduce_);
    for (std::size_t s = 0; s < stores.size(); ++s) {
      const double width = width_below(operand, stores, s);
      const QuickTraffic& reduced = traffics[s];
      const QuickTraffic& united = united_[s];
      charge(stores[s], (reduced.leaving - (entries - returns)) * width, reduced.leaving * width);
      if (innermost(stores, s)) {
        energy_ += reduced.each * width * hop(stores, s);
        break;
      }
      returns = united.entering - entries;
      entries = united.each;
      charge(stores[s + 1], entries * width, returns * width);
      occupy(stores[s + 1], united.tile * width_below(operand, stores, s + 1));
      energy_ += (returns + entries) * width * hop(stores, s);
    }
  }

  /// True if every axis in use inside the outermost Store can reduce.
  bool reduces_everywhere(const std::vector<QuickStore>& stores) const {
    AxisSet used = 0;
    for (const QuickLoop& loop : spatial_) used |= loop.axis;
    return (used & ~memories_[stores[0].memory].replicated & ~reduce_) == 0;
  }

  /// (O2)
  double width_below(const PreparedOperand& operand, const std::vector<QuickStore>& stores,
                     std::size_t s) const {
    const std::size_t loops = innermost(stores, s) ? loops_.size() : stores[s + 1].loops_above;
    return loops >= first_reduction_ ? operand.partial_bits : operand.bits;
  }

  double hop(const std::vector<QuickStore>& stores, std::size_t s) const {
    return memories_[stores[s].memory]
        .hop[innermost(stores, s) ? memories_.size() : stores[s + 1].memory];
  }

  void charge(const QuickStore& store, double read, double written) {
    const PreparedMemory& memory = memories_[store.memory];
    memory_use_[store.memory].read += read / store.instances;
    memory_use_[store.memory].written += written / store.instances;
    energy_ += read * memory.read_per_bit + written * memory.write_per_bit;
  }
  void occupy(const QuickStore& store, double bits) {
    memory_use_[store.memory].occupied += bits * memories_[store.memory].copies;
  }

  double home_tile(const PreparedOperand& operand, Keep keep) const {
    double tile = 1;
    for (std::size_t a = 0; a < operand.own_axes; ++a) {
      const PreparedAxis& axis = operand.axes[a];
      tile *= axis.short_formula ? axis.coefficient * (axis.extent - 1) + 1
                                 : (*axis.memo[static_cast<std::size_t>(keep)])({}).largest;
    }
    return tile;
  }

  /// Traffic between every Store of an operand and its children.
  std::span<const QuickTraffic> traffic(const PreparedOperand& operand,
                                        const std::vector<QuickStore>& stores, AxisSet sharing) {
    boundaries_.clear();
    for (std::size_t s = 0; s < stores.size(); ++s) {
      const AxisSet parent = memories_[stores[s].memory].replicated;
      if (innermost(stores, s)) {
        AxisSet above = 0;
        for (const QuickLoop& loop : spatial_) above |= loop.axis;
        boundaries_.push_back(
            {loops_.size(), above, parent, ~AxisSet{0}, sharing, Keep::overlap, true});
      } else {
        const QuickStore& child = stores[s + 1];
        boundaries_.push_back({child.loops_above, child.axes_above, parent,
                               memories_[child.memory].replicated, sharing, child.keep, false});
      }
    }
    return traffic_(operand, {loops_, spatial_, any_ragged_, ragged_}, boundaries_);
  }

  /// Sections 3 and 4.
  QuickCost finish() const {
    double cycles = steps() * cycles_per_operation_;
    bool fits = true;
    for (std::size_t m = 0; m < memories_.size(); ++m) {
      const PreparedMemory& memory = memories_[m];
      const MemoryUse& use = memory_use_[m];
      if (memory.read) cycles = std::max(cycles, use.read / *memory.read);
      if (memory.write) cycles = std::max(cycles, use.written / *memory.write);
      if (memory.shared) cycles = std::max(cycles, (use.read + use.written) / *memory.shared);
      fits = fits && use.occupied <= memory.capacity;
    }
    return {std::ceil(cycles), energy_, fits};
  }

  double steps() const {
    double product = 1;
    for (const QuickLoop& loop : loops_) {
      if (loop.axis == 0 && !(any_ragged_ && ragged_[loop.rank])) product *= loop.trips;
    }
    for (std::size_t r = 0; any_ragged_ && r < ragged_.size(); ++r) {
      if (ragged_[r]) product *= ragged_steps(r);
    }
    return product;
  }

  double ragged_steps(std::size_t rank) const {
    Chain chain{static_cast<std::int64_t>(extents_[rank]), {}};
    for (const QuickLoop& loop : loops_) {
      if (loop.rank != rank) continue;
      chain.append(static_cast<std::int64_t>(loop.tile),
                   loop.axis == 0 ? LinkKind::temporal : LinkKind::grouped);
    }
    return static_cast<double>(cost::steps(chain));
  }

  double cycles_per_operation_;
  double compute_energy_;
  std::vector<PreparedOperand> operands_;  ///< the output last
  std::vector<PreparedMemory> memories_;
  std::vector<double> extents_;  ///< by rank
  AxisSet multicast_ = 0;
  AxisSet reduce_ = 0;

  // One evaluation's working state, kept to avoid allocation.
  std::vector<QuickLoop> loops_;                 ///< those with more than one trip, in path order
  std::vector<QuickLoop> spatial_;               ///< the spatial ones of them
  std::vector<std::vector<QuickStore>> stores_;  ///< by operand, in path order
  std::vector<double> tile_;                     ///< by rank
  std::vector<bool> ragged_;                     ///< by rank; meaningful if any_ragged_
  bool any_ragged_ = false;
  /// Number of loops down to the first temporal one over a rank the output does not have.
  std::size_t first_reduction_ = SIZE_MAX;
  std::vector<QuickBoundary> boundaries_;
  std::vector<QuickTraffic> united_;
  std::vector<MemoryUse> memory_use_;
  double energy_ = 0;
  QuickTrafficer traffic_;
};

Evaluator::Evaluator(const Operator& op, const Architecture& arch)
    : implementation_(std::make_unique<Implementation>(op, arch)) {}
Evaluator::~Evaluator() = default;
Evaluator::Evaluator(Evaluator&&) noexcept = default;
Evaluator& Evaluator::operator=(Evaluator&&) noexcept = default;

QuickCost Evaluator::operator()(std::span<const PathNode> path) {
  return implementation_->run(path);
}

}  // namespace tileloom::cost

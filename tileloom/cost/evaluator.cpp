#include "tileloom/cost/evaluator.hpp"

#include <algorithm>
#include <cmath>

#include "tileloom/cost/energy.hpp"
#include "tileloom/cost/prepared.hpp"
#include "tileloom/cost/quick_traffic.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::cost {
namespace {

struct QuickStore {
  std::size_t memory = 0;
  Keep keep = Keep::overlap;
  std::size_t loops_above = 0;
};

}  // namespace

class Evaluator::Implementation {
 public:
  Implementation(const Operator& op, const Architecture& arch)
      : op_(op), cycles_per_operation_(arch.compute.cycles_per_operation),
        compute_energy_(cost::compute_energy(op, arch).value) {
    for (const Operand* operand : operands(op)) operands_.push_back(prepare(op, *operand));
    for (const MemoryId id : ids<MemoryId>(arch.memories.size())) {
      memories_.push_back(prepare(arch, id));
    }
    for (const SpatialAxis& axis : arch.axes) {
      multicast_.push_back(axis.multicast);
      reduce_.push_back(axis.reduce);
      every_axis_.push_back(true);
    }
    read_.resize(memories_.size());
    written_.resize(memories_.size());
    used_.resize(memories_.size());
    tile_.resize(op.ranks.size());
    ragged_.resize(op.ranks.size());
  }

  QuickCost run(std::span<const PathNode> path) {
    read_path(path);
    std::ranges::fill(read_, 0.0);
    std::ranges::fill(written_, 0.0);
    std::ranges::fill(used_, 0.0);
    energy_ = compute_energy_;
    for (const PreparedOperand& operand : operands_) add_operand(operand, path);
    return finish();
  }

 private:
  void read_path(std::span<const PathNode> path) {
    loops_.clear();
    for (std::size_t r = 0; r < tile_.size(); ++r) {
      tile_[r] = op_.ranks[r].extent;
      ragged_[r] = false;
    }
    for (const PathNode& node : path) {
      const Loop* loop = std::get_if<Loop>(&node);
      if (loop == nullptr) continue;
      std::int64_t& enclosing = tile_[index(loop->rank)];
      if (loop->tile >= enclosing) continue;
      const std::int64_t trips = ceil_div(enclosing, loop->tile);
      if (trips * loop->tile != enclosing) ragged_[index(loop->rank)] = true;
      enclosing = loop->tile;
      loops_.push_back({index(loop->rank), loop->tile, static_cast<double>(trips),
                        loop->axis ? static_cast<int>(index(*loop->axis)) : -1});
    }
  }

  /// Stores of one tensor in path order.
  void find_stores(TensorId tensor, std::span<const PathNode> path) {
    stores_.clear();
    std::size_t loops = 0;
    for (std::size_t r = 0; r < tile_.size(); ++r) tile_[r] = op_.ranks[r].extent;
    for (const PathNode& node : path) {
      if (const Loop* loop = std::get_if<Loop>(&node)) {
        std::int64_t& enclosing = tile_[index(loop->rank)];
        if (loop->tile < enclosing) ++loops;
        enclosing = loop->tile;
        continue;
      }
      const Store& store = *std::get_if<Store>(&node);
      if (store.tensor == tensor) stores_.push_back({index(store.memory), store.keep, loops});
    }
  }

  /// The equations of sections 2 to 5 for one operand.
  void add_operand(const PreparedOperand& operand, std::span<const PathNode> path) {
    find_stores(operand.tensor, path);
    const bool output = operand.role == Role::output;
    double entries = 0;       // of the current Store
    double returns = 0;       // into the current Store
    for (std::size_t s = 0; s < stores_.size(); ++s) {
      const QuickStore& store = stores_[s];
      const bool innermost = s + 1 == stores_.size();
      const QuickStore child = innermost ? QuickStore{memories_.size(), Keep::overlap, loops_.size()}
                                         : stores_[s + 1];
      const double width = output && partial(operand, child.loops_above) ? operand.partial_bits
                                                                         : operand.bits;
      if (s == 0) {
        entries = home_tile(operand, store.keep);
        occupy(store.memory, entries * width);
      }
      double read = 0, written = 0, delivered = 0;
      if (!output) {
        const QuickTraffic t = traffic(operand, store, child, multicast_);
        read = t.entering * width;
        delivered = t.each;
        if (!innermost) enter_child(child, t.each * width, t.tile * width);
      } else if (innermost) {
        const QuickTraffic t = traffic(operand, store, child, reduce_);
        read = (t.entering - (entries - returns)) * width;
        written = t.entering * width;
        delivered = t.each;
      } else {
        const QuickTraffic reduced = traffic(operand, store, child, reduce_);
        const QuickTraffic united = traffic(operand, store, child, every_axis_);
        read = (reduced.leaving - (entries - returns)) * width;
        written = reduced.leaving * width;
        returns = united.entering - entries;
        entries = united.each;
        delivered = returns + entries;
        enter_child(child, returns * width, 0);
        drain(child, entries * width);
        occupy(child.memory, united.tile * child_width(operand, s + 1));
      }
      charge(store, read, written);
      energy_ += delivered * width * memories_[store.memory].hop[child.memory];
    }
  }

  double child_width(const PreparedOperand& operand, std::size_t s) const {
    const std::size_t below = s + 1 == stores_.size() ? loops_.size() : stores_[s + 1].loops_above;
    return partial(operand, below) ? operand.partial_bits : operand.bits;
  }

  /// Temporal loops over ranks the output does not have among the first `loops`. (O2)
  bool partial(const PreparedOperand& operand, std::size_t loops) const {
    for (std::size_t l = 0; l < loops; ++l) {
      if (loops_[l].axis < 0 && !operand.ranks[loops_[l].rank].relevant) return true;
    }
    return false;
  }

  double instances_in_use(const QuickStore& store) const {
    double product = 1;
    for (std::size_t l = 0; l < store.loops_above; ++l) {
      const int axis = loops_[l].axis;
      if (axis >= 0 && memories_[store.memory].replicated[static_cast<std::size_t>(axis)]) {
        product *= loops_[l].trips;
      }
    }
    return product;
  }

  void charge(const QuickStore& store, double read, double written) {
    const double in_use = instances_in_use(store);
    const PreparedMemory& memory = memories_[store.memory];
    read_[store.memory] += read / in_use;
    written_[store.memory] += written / in_use;
    energy_ += read * memory.read_per_bit + written * memory.write_per_bit;
  }
  void enter_child(const QuickStore& child, double bits, double tile_bits) {
    charge(child, 0, bits);
    occupy(child.memory, tile_bits);
  }
  void drain(const QuickStore& child, double bits) { charge(child, bits, 0); }
  void occupy(std::size_t memory, double bits) { used_[memory] += bits * memories_[memory].copies; }

  double home_tile(const PreparedOperand& operand, Keep keep) {
    double tile = 1;
    for (const PreparedAxis& axis : operand.axes) {
      if (axis.short_formula) {
        tile *= axis.coefficient * (axis.extent - 1) + 1;
      } else {
        tile *= (*axis.memo[static_cast<std::size_t>(keep)])({}).largest;
      }
    }
    return tile;
  }

  QuickTraffic traffic(const PreparedOperand& operand, const QuickStore& parent,
                       const QuickStore& child, const std::vector<bool>& sharing) {
    const bool lanes = child.memory == memories_.size();
    const QuickBoundary boundary{
        .loops = std::span(loops_).first(child.loops_above),
        .ragged = ragged_,
        .parent = memories_[parent.memory].replicated,
        .child = lanes ? every_axis_ : memories_[child.memory].replicated,
        .sharing = sharing,
        .keep = child.keep,
        .lanes = lanes};
    return traffic_(operand, boundary);
  }

  QuickCost finish() {
    double steps = 1;
    for (std::size_t r = 0; r < ragged_.size(); ++r) {
      if (ragged_[r]) steps *= ragged_steps(r);
    }
    for (const QuickLoop& loop : loops_) {
      if (loop.axis < 0 && !ragged_[loop.rank]) steps *= loop.trips;
    }
    QuickCost cost;
    cost.fits = true;
    cost.picojoules = energy_;
    cost.cycles = std::ceil(steps * cycles_per_operation_);
    for (std::size_t m = 0; m < memories_.size(); ++m) {
      const PreparedMemory& memory = memories_[m];
      if (memory.read) cost.cycles = std::max(cost.cycles, std::ceil(read_[m] / *memory.read));
      if (memory.write) cost.cycles = std::max(cost.cycles, std::ceil(written_[m] / *memory.write));
      if (memory.shared) {
        cost.cycles = std::max(cost.cycles, std::ceil((read_[m] + written_[m]) / *memory.shared));
      }
      cost.fits = cost.fits && used_[m] <= memory.capacity;
    }
    return cost;
  }

  double ragged_steps(std::size_t rank) const {
    Chain chain{op_.ranks[rank].extent, {}};
    for (const QuickLoop& loop : loops_) {
      if (loop.rank != rank) continue;
      chain.append(loop.tile, loop.axis < 0 ? LinkKind::temporal : LinkKind::grouped);
    }
    return static_cast<double>(steps(chain));
  }

  const Operator& op_;
  double cycles_per_operation_;
  double compute_energy_;
  std::vector<PreparedOperand> operands_;
  std::vector<PreparedMemory> memories_;
  std::vector<bool> multicast_, reduce_, every_axis_;  ///< by axis

  // One evaluation's working state, kept to avoid allocation.
  std::vector<QuickLoop> loops_;
  std::vector<QuickStore> stores_;
  std::vector<std::int64_t> tile_;
  std::vector<bool> ragged_;
  std::vector<double> read_, written_, used_;
  double energy_ = 0;
  QuickTrafficer traffic_;
};

Evaluator::Evaluator(const Operator& op, const Architecture& arch)
    : implementation_(std::make_unique<Implementation>(op, arch)) {}
Evaluator::~Evaluator() = default;
Evaluator::Evaluator(Evaluator&&) noexcept = default;
Evaluator& Evaluator::operator=(Evaluator&&) noexcept = default;

QuickCost Evaluator::operator()(std::span<const PathNode> path) { return implementation_->run(path); }

}  // namespace tileloom::cost

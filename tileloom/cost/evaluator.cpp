#include "tileloom/cost/evaluator.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "tileloom/cost/energy.hpp"
#include "tileloom/cost/prepared.hpp"
#include "tileloom/cost/quick_traffic.hpp"

namespace tileloom::cost {
namespace {

AxisSet axes_that(const Architecture& arch, bool SpatialAxis::*can) {
  AxisSet set = 0;
  for (const AxisId axis : ids<AxisId>(arch.axes.size())) {
    if (arch.axes[axis].*can) set |= axis_bit(axis);
  }
  return set;
}

}  // namespace

/// One pass down the path. A spatial loop is pending until the Stores that stand below it but do
/// not count it among their loops (1.6 rule 4) are over.
class Evaluator::Implementation {
 public:
  Implementation(const Operator& op, const Architecture& arch)
      : operator_(prepare(op)),
        cycles_per_operation_(arch.compute.cycles_per_operation),
        compute_energy_(cost::compute_energy(op, arch).value) {
    for (const PreparedOperand& operand : operator_.operands) {
      const bool output = operand.role == Role::output;
      const AxisSet sharing =
          axes_that(arch, output ? &SpatialAxis::reduce : &SpatialAxis::multicast);
      operands_.push_back({.prepared = operand, .walk = {operand, sharing}});
    }
    for (const MemoryId id : ids<MemoryId>(arch.memories.size())) {
      memories_.push_back(prepare(arch, id));
    }
    for (const RankId rank : ids<RankId>(op.ranks.size())) {
      reduced_.push_back(!relevant(op.output, rank));
    }
    use_.resize(memories_.size());
  }

  QuickCost run(std::span<const PathNode> path) {
    ragged_.clear();
    if (!pass(path)) {
      find_ragged(path);
      pass(path);
    }
    return finish();
  }

 private:
  /// What the Stores in one memory do and need.
  struct MemoryUse {
    double read = 0, written = 0;  ///< bits of all instances
    double occupied = 0;           ///< bits of one instance, a single copy
    double instances = 1;          ///< in use
  };
  /// An operand on the way down.
  struct OperandState {
    const PreparedOperand& prepared;
    OperandWalk walk;
    bool home_passed = false;
    std::size_t memory = 0;  ///< of the Store above
    double tile = 0;         ///< elements of its largest box
    double entries = 0;      ///< outputs: elements that enter it
    double returns = 0;      ///< outputs: of them, those handed down to it
    AxisSet taken = 0;       ///< axes of pending loops that the walk has taken already
  };

  /// False if it met a tile that does not divide the enclosing one, of a rank not in `ragged_`.
  bool pass(std::span<const PathNode> path) {
    begin();
    for (const PathNode& node : path) {
      if (const Loop* loop = std::get_if<Loop>(&node)) {
        if (!take(*loop)) return false;
      } else {
        enter(*std::get_if<Store>(&node));
      }
    }
    if (!pending_.empty()) release_pending();
    for (OperandState& operand : operands_) reach_lanes(operand);
    return true;
  }

  void begin() {
    tile_ = operator_.extents;
    loops_.clear();
    pending_.clear();
    steps_ = 1;
    unfinished_ = false;
    energy_ = compute_energy_;
    std::ranges::fill(use_, MemoryUse{});
    for (OperandState& operand : operands_) {
      operand.walk.begin(ragged_);
      operand.home_passed = false;
      operand.taken = 0;
    }
  }

  bool take(const Loop& given) {
    const std::size_t rank = index(given.rank);
    const auto tile = static_cast<double>(given.tile);
    double& enclosing = tile_[rank];
    if (tile >= enclosing) return true;
    const bool ragged = !ragged_.empty() && ragged_[rank];
    auto trips = static_cast<double>(static_cast<std::int64_t>(enclosing / tile));
    if (trips * tile != enclosing) {
      if (!ragged) return false;
      trips += 1;
    }
    enclosing = tile;
    const QuickLoop loop{trips, tile, given.axis ? axis_bit(*given.axis) : 0, rank};
    if (!ragged_.empty()) loops_.push_back(loop);
    if (loop.axis != 0) {
      take_spatial(loop);
      return true;
    }
    if (!pending_.empty()) release_pending();
    if (!ragged) steps_ *= trips;
    unfinished_ = unfinished_ || reduced_[rank];
    for (OperandState& operand : operands_) operand.walk.take(loop);
    return true;
  }

  void take_spatial(const QuickLoop& loop) {
    pending_.push_back(loop);
    for (std::size_t m = 0; m < memories_.size(); ++m) {
      if ((loop.axis & memories_[m].replicated) != 0) use_[m].instances *= loop.trips;
    }
  }

  void release_pending() {
    for (OperandState& operand : operands_) {
      take_pending(operand, ~AxisSet{0});
      operand.taken = 0;
    }
    pending_.clear();
  }

  void take_pending(OperandState& operand, AxisSet axes) {
    for (const QuickLoop& loop : pending_) {
      if ((loop.axis & axes & ~operand.taken) != 0) operand.walk.take_spatial(loop);
    }
    operand.taken |= axes;
  }

  void enter(const Store& store) {
    std::size_t o = 0;
    while (operands_[o].prepared.tensor != store.tensor) ++o;
    OperandState& operand = operands_[o];
    const std::size_t memory = index(store.memory);
    if (!operand.home_passed) {
      operand.home_passed = true;
      operand.tile = operand.entries = operand.prepared.home_tile;
      operand.returns = 0;
    } else {
      if (!pending_.empty()) take_pending(operand, memories_[memory].replicated);
      const Crossing crossing = operand.walk.cross(store.keep);
      occupy(operand);
      operand.prepared.role == Role::output ? cross_output(operand, crossing, memory)
                                            : cross_input(operand, crossing, memory);
      operand.tile = crossing.tile;
    }
    operand.memory = memory;
  }

  void reach_lanes(OperandState& operand) {
    const Crossing crossing = operand.walk.reach_lanes();
    const double width = bits_below(operand);
    occupy(operand);
    MemoryUse& use = use_[operand.memory];
    if (operand.prepared.role == Role::output) {
      use.read += (crossing.leaving - (operand.entries - operand.returns)) * width;
      use.written += crossing.leaving * width;
    } else {
      use.read += crossing.entering * width;
    }
    energy_ += crossing.each * width * memories_[operand.memory].hop.back();
  }

  /// 1.3
  void cross_input(const OperandState& operand, const Crossing& crossing, std::size_t child) {
    const double width = operand.prepared.bits;
    use_[operand.memory].read += crossing.entering * width;
    use_[child].written += crossing.each * width;
    energy_ += crossing.each * width * memories_[operand.memory].hop[child];
  }

  /// 1.4, (C5)
  void cross_output(OperandState& operand, const Crossing& crossing, std::size_t child) {
    const double width = bits_below(operand);
    MemoryUse& parent = use_[operand.memory];
    parent.read += (crossing.leaving - (operand.entries - operand.returns)) * width;
    parent.written += crossing.leaving * width;
    operand.returns = crossing.united - operand.entries;
    operand.entries = crossing.each;
    use_[child].read += operand.entries * width;
    use_[child].written += operand.returns * width;
    energy_ += (operand.returns + operand.entries) * width * memories_[operand.memory].hop[child];
  }

  /// (O2), of the Store above and what it exchanges with the place reached.
  double bits_below(const OperandState& operand) const {
    return unfinished_ ? operand.prepared.partial_bits : operand.prepared.bits;
  }

  /// (O1), of the Store above
  void occupy(const OperandState& operand) {
    use_[operand.memory].occupied += operand.tile * bits_below(operand);
  }

  /// Sections 3 to 5.
  QuickCost finish() {
    double cycles = steps() * cycles_per_operation_;
    bool fits = true;
    for (std::size_t m = 0; m < memories_.size(); ++m) {
      const PreparedMemory& memory = memories_[m];
      const MemoryUse& use = use_[m];
      const double read = use.read / use.instances;
      const double written = use.written / use.instances;
      cycles = std::max(
          {cycles, read / memory.read, written / memory.write, (read + written) / memory.shared});
      fits = fits && use.occupied * memory.copies <= memory.capacity;
      energy_ += use.read * memory.read_per_bit + use.written * memory.write_per_bit;
    }
    return {std::ceil(cycles), energy_, fits};
  }

  /// (C6)
  double steps() const {
    double product = steps_;
    for (std::size_t r = 0; r < ragged_.size(); ++r) {
      if (ragged_[r]) product *= ragged_steps(r);
    }
    return product;
  }

  double ragged_steps(std::size_t rank) const {
    Chain chain{static_cast<std::int64_t>(operator_.extents[rank]), {}};
    for (const QuickLoop& loop : loops_) {
      if (loop.rank != rank) continue;
      chain.append(static_cast<std::int64_t>(loop.tile),
                   loop.axis == 0 ? LinkKind::temporal : LinkKind::grouped);
    }
    return static_cast<double>(cost::steps(chain));
  }

  void find_ragged(std::span<const PathNode> path) {
    ragged_.assign(operator_.extents.size(), false);
    tile_ = operator_.extents;
    for (const PathNode& node : path) {
      const Loop* loop = std::get_if<Loop>(&node);
      if (loop == nullptr) continue;
      double& enclosing = tile_[index(loop->rank)];
      const auto tile = static_cast<double>(loop->tile);
      if (tile >= enclosing) continue;
      if (std::fmod(enclosing, tile) != 0) ragged_[index(loop->rank)] = true;
      enclosing = tile;
    }
  }

  PreparedOperator operator_;
  std::vector<PreparedMemory> memories_;
  std::vector<bool> reduced_;  ///< by rank: the output does not have it
  double cycles_per_operation_;
  double compute_energy_;

  // The state of one pass, kept to avoid allocation.
  std::vector<OperandState> operands_;  ///< parallel to operator_.operands
  std::vector<double> tile_;            ///< by rank, of the loops so far
  std::vector<bool> ragged_;            ///< by rank; empty if all tiles divide
  std::vector<QuickLoop> loops_;        ///< if any rank is ragged
  std::vector<QuickLoop> pending_;      ///< spatial
  double steps_ = 1;                    ///< of the ranks that are not ragged
  bool unfinished_ = false;  ///< a temporal loop stands above over a rank the output does not have
  std::vector<MemoryUse> use_;
  double energy_ = 0;
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

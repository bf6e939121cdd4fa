#pragma once
// What every plan of a block has to compute and move, known before any plan is priced.

#include <cstdint>
#include <vector>

#include "tileloom/cost/block_cost.hpp"

namespace tileloom::scheduler {

/// Parts per axis, one for each core.
using Layout = PerSplit<std::int64_t>;

/// How so many cores may be laid out whatever the block: rows, and grids of rows and columns;
/// channels, and with rows; batch, and with rows.
std::vector<Layout> all_layouts(std::int64_t cores);

/// The least that some operators compute and move; loads of operators add up.
struct Load {
  struct Cut {
    double last = 0;     ///< cycles of the core with the last part, each computing its even share
    double weights = 0;  ///< bits, all cores
    bool operator==(const Cut&) const = default;
  };
  double compute = 0;     ///< cycles of one core
  std::vector<Cut> cuts;  ///< per layout of `PlanBounds`
  double weights = 0;     ///< bits, once
};
Load& operator+=(Load& sum, const Load& more);

/// The load of a block and what else its bound depends on.
struct BlockBound {
  Load load;
  double activations = 0;        ///< bits in and out, cut along the split axes
  double touched = 0;            ///< bits of all tensors that an operator in boxes moves at least
  double weights = 0;            ///< bits
  std::size_t inside = 0;        ///< tensors that cores may exchange
  bool channels_divide = false;  ///< cut by channels maybe no operator is computed twice
  bool tiles_add_up = false;     ///< tiles of one core never take less than all as one tile
  bool boxes = false;            ///< an operator by itself may also run in boxes of its ranks (M9)
};

/// Bounds under one machine and network, for plans on some core counts.
class PlanBounds {
 public:
  PlanBounds(const cost::MulticoreMachine& machine, const Workload& workload,
             const cost::NetworkWork& network, const std::vector<std::int64_t>& counts);

  /// Of an operator in any block: nothing if a block may leave out some of its results.
  const Load& load(OperatorId op) const { return loads_[op]; }
  Load no_load() const { return {0, std::vector<Load::Cut>(places_.size()), 0}; }
  BlockBound bound(const Block& block) const;

  /// No block of the operators that `after` has more than `before` takes fewer cycles.
  double least(const Load& before, const Load& after) const;
  /// No plan of the block takes fewer cycles on so many cores.
  double least(const BlockBound& bound, std::int64_t cores) const;
  /// Nor with this layout, halos recomputed: dispatch, and the longer of the mean core and the
  /// traffic.
  double recomputed(const BlockBound& bound, const Layout& layout) const;
  /// Nor with halos exchanged: the longer of the last core and the traffic, and a synchronisation
  /// for every tensor inside.
  double exchanged(const BlockBound& bound, const Layout& layout) const;

 private:
  struct Place {
    Layout layout{};
    std::int64_t cores = 1;
    double dispatch = 0;
    double sharing = 1;  ///< cores that one read of weights may serve
    double per_bit = 0;  ///< cycles per bit of weights
  };
  std::size_t number(const Place& place) const {
    return static_cast<std::size_t>(&place - places_.data());
  }
  Load load_of(OperatorId op) const;
  void add_inputs(const Block& block, BlockBound& bound) const;
  double traffic(const BlockBound& bound, const Place& place) const;
  double recomputed(const BlockBound& bound, const Place& place) const;
  double exchanged(const BlockBound& bound, const Place& place) const;
  double boxed(const BlockBound& bound, std::int64_t cores) const;

  /// Dispatch, and the longer of the computation and the traffic of any number of cores up to
  /// `cores`.
  double on_any_cores(double compute, double bits, std::int64_t cores) const;
  double touched(const Block& block) const;

  const cost::MulticoreMachine& machine_;
  const Workload& workload_;
  const cost::NetworkWork& network_;
  std::vector<Place> places_;
  std::vector<std::int64_t> primes_;  ///< that divide a core count
  PerId<OperatorId, TensorId> made_;
  std::vector<bool> dense_;          ///< per operator: passes over nothing between what it reads
  std::vector<bool> partly_needed_;  ///< per operator: some block may leave out some of its results
  PerSplit<bool> written_apart_{};   ///< along the axis some tensor is made in pieces
  PerId<OperatorId, Load> loads_;
};

/// Cutting channels makes sense if no operator is then computed by several cores: the first ones of
/// the block, then only operators that keep channels apart.
bool channels_divide(const cost::NetworkWork& network, const Block& block, std::int64_t parts);

}  // namespace tileloom::scheduler

#pragma once
// Cycles of a block on several cores in closed form: docs/cost_model.md, section 10. Checked
// against reference/block_replay.

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "tileloom/cost/block_plan.hpp"
#include "tileloom/cost/block_work.hpp"
#include "tileloom/cost/channel_load.hpp"
#include "tileloom/cost/stage_cost.hpp"

namespace tileloom::cost {

/// A network as blocks see it. Keeps no reference to the workload.
struct NetworkWork {
  NetworkField field;
  PerId<OperatorId, OperatorWork> operators;
  PerId<TensorId, double> bits;  ///< of all of a tensor
};
NetworkWork network_work(const Workload& workload);
/// Bits of the part of a tensor that the block's operators write.
double written_bits(const NetworkWork& network, const Block& block, TensorId tensor);

/// What a plan costs and why.
struct BlockCost {
  bool fits = false;        ///< else only `room` and `limit` (or `reason`) are known
  double room = 0;          ///< bits that one core needs at the most
  double limit = 0;         ///< bits that it has
  bool weights_fit = true;  ///< false: with smaller pieces of weights it might fit
  double cycles = 0;        ///< all of it, dispatch included
  double dispatch = 0;      ///< launch and synchronisation
  double compute = 0;       ///< of the busiest core, by itself
  double memory = 0;        ///< of the busiest channel or port, by itself
  double exchange = 0;      ///< between cores
  double dram_bits = 0;     ///< read and written
  double work = 0;          ///< points computed by all cores
  double useful = 0;        ///< points of the block's operators
  bool operator==(const BlockCost&) const = default;
};

/// Costs of many plans of one block; keeps what plans have in common.
class BlockEvaluator {
 public:
  BlockEvaluator(const MulticoreMachine& machine, const NetworkWork& network, Block block);

  BlockCost cost(const BlockPlan& plan);
  /// The plan as a stage of a pipeline. (M10)
  StageCost stage(const BlockPlan& plan);
  /// No plan with this layout that computes halos again takes fewer cycles, however many tiles each
  /// core has: dispatch, and the longer of the busiest core and the traffic with one tile per core.
  /// Only for one shape of lanes and operators that need all between the first and last index read:
  /// what one tile needs is what finer ones need together; what lies between two windows could be
  /// left out. Where a part needs indices that lie apart it is the dispatch alone.
  double least_of_tiles(const PerSplit<std::int64_t>& layout);
  /// No plan needs fewer bits of a core: one buffer of activations, parts of one index along
  /// each axis, `extents` of them, the same at every call; weights left out. Only if these are the
  /// extents of every output: else coarse parts may match one another better.
  double least_room(const PerSplit<std::int64_t>& extents);
  const Block& block() const { return block_; }

 private:
  /// Parts of one axis with the same lengths everywhere.
  struct Kind {
    std::vector<std::int64_t> ranks;  ///< per operator
    std::vector<double> needed;       ///< per tensor: of its extent
    std::vector<double> own;          ///< per tensor: an even share, of its extent
    std::int64_t count = 0;
  };
  /// How one axis is cut.
  struct Cut {
    std::vector<Kind> kinds;
    std::vector<std::size_t> kind_of;  ///< per part
    std::vector<bool> same;            ///< per tensor: all parts need the same
    std::vector<bool> same_ranks;      ///< per operator: all parts compute the same
    bool apart = false;                ///< some part needs indices that lie apart
  };
  struct Sums;
  struct Phase;
  struct Traffic;
  struct Resident {
    double total = 0;  ///< bits, all cores
    double room = 0;   ///< bits, the core with most
    ChannelLoad load;
  };
  /// One tile's transfers, all cores at it.
  struct Transfers {
    std::vector<ChannelLoad> weights;  ///< per operator
    ChannelLoad in;
    ChannelLoad out;
  };
  struct Slowest {
    double cycles = 0;
    double steady = 0;  ///< if tiles before and after it were its neighbours
    double compute = 0;
  };

  const Cut& cut(SplitAxis axis, std::int64_t parts, Halo halo);
  ChannelLoads& loads(const PerSplit<std::int64_t>& layout);
  /// Axes along which the cores of a plan need different weights of the i-th operator, different
  /// parts of the t-th tensor.
  ApartAlong weights_apart(const BlockPlan& plan, std::size_t i);
  ApartAlong tensor_apart(const BlockPlan& plan, std::size_t t);
  Sums sums(const BlockPlan& plan, bool twice);
  Resident resident(const BlockPlan& plan);
  Transfers transfers(const BlockPlan& plan, const Sums& total);
  Traffic traffic(const BlockPlan& plan, bool twice, BlockCost& cost);
  void fit(BlockCost& cost, double activations, double weights) const;
  Slowest slowest_core(const BlockPlan& plan, const Sums& total, const Transfers& move);

  const MulticoreMachine& machine_;
  const NetworkWork& network_;
  Block block_;
  std::vector<TensorId> tensors_;
  std::vector<std::vector<std::size_t>> live_;  ///< per operator: tensors inside then alive
  double useful_ = 0;                           ///< points of its operators
  std::optional<double> least_room_;
  std::map<std::tuple<SplitAxis, std::int64_t, Halo>, Cut> cuts_;
  std::map<PerSplit<std::int64_t>, ChannelLoads> loads_;
};

}  // namespace tileloom::cost

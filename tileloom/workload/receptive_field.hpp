#pragma once
// What parts of the operators of a block must be computed, and what parts of its tensors read, for
// given parts of what leaves the block: halos that are computed again by every part that needs
// them.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "tileloom/workload/interval.hpp"
#include "tileloom/workload/split_axis.hpp"

namespace tileloom {

/// Part `part` of `parts` of an axis: ⌊part·extent/parts⌋ … ⌊(part+1)·extent/parts⌋ − 1, as even as
/// it can be; with more parts than indices some are empty.
Interval even_part(std::int64_t extent, std::int64_t parts, std::int64_t part);

/// The indices of a tensor's axis that go with one value r of an operator's rank:
/// ⌊(stride·r + first)/inner⌋ … ⌊(stride·r + last)/inner⌋. Without a rank: all of the axis.
struct AxisMove {
  bool moves = false;
  std::int64_t stride = 1;
  std::int64_t first = 0;
  std::int64_t last = 0;
  std::int64_t inner = 1;
  bool operator==(const AxisMove&) const = default;
};

/// One operator along the split axes.
struct OperatorField {
  PerSplit<std::optional<RankId>> rank;         ///< that moves along the axis of the output
  PerSplit<std::int64_t> extent{{1, 1, 1, 1}};  ///< of that rank; 1 = none
  PerSplit<AxisMove> write;                     ///< of the output
  struct Read {
    TensorId tensor{};
    PerSplit<AxisMove> moves;
  };
  std::vector<Read> reads;  ///< of activations; weights have no axis that is split
};

/// A workload along the split axes.
struct NetworkField {
  PerId<TensorId, AxisRoles> roles;
  PerId<TensorId, PerSplit<std::int64_t>> extent;  ///< of each tensor; 1 = no such axis
  PerId<OperatorId, OperatorField> operators;
};
NetworkField network_field(const Workload& workload);

/// Operators that run as one block, producers first, and what it exchanges with memory.
struct Block {
  std::vector<OperatorId> operators;
  std::vector<TensorId> output_of;  ///< of each of them
  std::vector<TensorId> inputs;     ///< activations read but not made here
  std::vector<TensorId> outputs;    ///< made here, and read elsewhere or a result of the network
  std::vector<TensorId> inside;     ///< made and read here only
  bool operator==(const Block&) const = default;
};
Block make_block(const Workload& workload, std::vector<OperatorId> operators);

/// Who makes what other parts of a block need too.
enum class Halo : std::uint8_t {
  recomputed,  ///< every part all that it needs
  exchanged    ///< every part its even share of each tensor; the rest comes from the other parts
};

/// One axis of a block cut into parts.
struct PartField {
  std::vector<std::vector<Interval>> ranks;    ///< per operator of the block, per part: computed
  std::vector<std::vector<Interval>> tensors;  ///< per tensor of `all_tensors`, per part: needed
  /// Some part needs indices of a tensor that lie apart (two slices of it, say): its interval holds
  /// others between them, which finer parts may leave out.
  bool apart = false;
};
/// Inputs, then outputs, then tensors inside.
std::vector<TensorId> all_tensors(const Block& block);

/// What the block writes of one of its tensors along an axis: of a concatenation a part only.
Interval written(const NetworkField& field, const Block& block, TensorId tensor, SplitAxis axis);

/// What the block writes of every output, cut evenly into `parts` along `axis`.
PartField part_field(const NetworkField& field, const Block& block, SplitAxis axis,
                     std::int64_t parts, Halo halo = Halo::recomputed);

/// Values of the rank whose indices meet `wanted`, within [0, extent).
Interval ranks_for(const AxisMove& write, Interval wanted, std::int64_t extent);
/// Indices that these values need, within [0, extent).
Interval indices_for(const AxisMove& read, Interval ranks, std::int64_t extent);

}  // namespace tileloom

#pragma once
// A machine as blocks on several cores see it: docs/cost_model.md, section 10.

#include <cstdint>
#include <optional>
#include <vector>

#include "tileloom/arch/architecture.hpp"

namespace tileloom::cost {

/// Lanes of one core that run together over output channels, input channels and positions.
struct LaneShape {
  std::int64_t output_channels = 1;
  std::int64_t input_channels = 1;
  std::int64_t positions = 1;
  bool operator==(const LaneShape&) const = default;
};

struct MulticoreMachine {
  std::int64_t cores = 1;
  std::int64_t channels = 1;       ///< core i is near channel i mod channels
  double channel_bandwidth = 0;    ///< bits per cycle of one channel; infinity = unlimited
  double remote = 1;               ///< of that for cores not near
  double port = 0;                 ///< bits per cycle of one core; infinity = unlimited
  std::optional<double> exchange;  ///< bits per cycle that one core gets from others
  bool multicast = false;          ///< one read serves all cores near the channel that need it
  bool overlap = false;            ///< the next data arrive during computation
  std::optional<std::int64_t> activation_bits;  ///< room of one core for activations
  std::optional<std::int64_t> weight_bits;      ///< and for weights
  bool one_room = true;                         ///< the two are the same memory
  std::vector<LaneShape> lanes;  ///< what the lanes may be; several where an axis is free
  double cycles_per_operation = 1;
  double launch = 0;
  double sync = 0;
  double sync_core = 0;
};

/// Memories outside the innermost axis of cores; 1 without cores.
std::size_t memories_above_cores(const Architecture& arch);
/// The outermost memory inside a core that holds operands of a role.
std::optional<MemoryId> room_in_core(const Architecture& arch, Role role);

/// The memory above the cores is the one with channels; the outermost memories below them that hold
/// inputs and weights are their rooms. A machine without cores is one core.
MulticoreMachine multicore_machine(const Architecture& arch);

/// Cycles to launch a block on `cores` cores and to synchronise them after it.
double dispatch(const MulticoreMachine& machine, std::int64_t cores);

}  // namespace tileloom::cost

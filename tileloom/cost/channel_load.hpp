#pragma once
// What transfers keep busy: the channels of the memory and the ports of the cores. (M5)

#include <cstdint>
#include <map>

#include "tileloom/cost/block_plan.hpp"
#include "tileloom/cost/multicore_machine.hpp"

namespace tileloom::cost {

/// Cycles that transfers of all cores together take of the first channel (near most cores), of the
/// last one (near fewest), of the mean channel and of a core's port. Loads add up.
struct ChannelLoad {
  double first = 0;
  double last = 0;
  double mean = 0;
  double port = 0;
  ChannelLoad& operator+=(const ChannelLoad& more);
  bool operator==(const ChannelLoad&) const = default;
};
ChannelLoad operator+(ChannelLoad a, const ChannelLoad& b);
ChannelLoad operator*(double times, const ChannelLoad& load);
/// Cycles that the transfers take with nothing else under way.
double longest(const ChannelLoad& load);

/// The axes along which cores need different data.
using ApartAlong = PerSplit<bool>;

/// Loads of transfers under one machine, of cores laid out in a grid: core i stands at the i-th
/// place in row-major order and is near channel i mod G.
class ChannelLoads {
 public:
  ChannelLoads(const MulticoreMachine& machine, const PerSplit<std::int64_t>& layout);

  /// Reads of `bits`, all cores together, from the channel near each. With multicast one read
  /// serves all cores near a channel that need the same.
  ChannelLoad near(double bits, const ApartAlong& apart);
  /// Reads of `bits` from all channels in turn. With multicast one read serves all cores that need
  /// the same, at the pace of the remotest.
  ChannelLoad far(double bits, const ApartAlong& apart) const;
  /// Each core its own.
  ChannelLoad far(double bits) const;
  /// Reads that one of `far` stands for.
  double sharing(const ApartAlong& apart) const;

 private:
  /// Different needs among the cores near a channel.
  struct Needs {
    double most = 0;
    double last = 0;  ///< near the last one
    double mean = 0;
  };
  Needs needs(const ApartAlong& apart);

  const MulticoreMachine& machine_;
  PerSplit<std::int64_t> layout_;
  std::int64_t cores_ = 1;
  std::map<ApartAlong, Needs> needs_;
};

/// Cycles to move so many bits from near channels and interleaved ones, all cores together; near
/// ones are read once for every `near_sharing` cores near a channel: no more than loads that know
/// which cores need the same. (M5)
double dram_cycles(const MulticoreMachine& machine, std::int64_t cores, double near, double far,
                   double near_sharing);

}  // namespace tileloom::cost

#pragma once
// What the profile answers, figure by figure as Timeloop prints it.

#include <cstdint>
#include <vector>

#include "tileloom/cost/profiles/timeloop/problem.hpp"
#include "tileloom/cost/profiles/timeloop/traffic.hpp"
#include "tileloom/support/quantity.hpp"

namespace tileloom::cost::timeloop {

/// Traffic of one dataspace from a level to its children; words per instance of the level.
struct NetworkStats {
  std::int64_t fanout = 1;
  std::int64_t max_multicast = 0;
  double ingresses = 0;  ///< words injected
  std::vector<Record> records;
  std::int64_t link_transfers = 0;      ///< words
  std::int64_t spatial_reductions = 0;  ///< additions
  double average_hops = 0;
  Picojoules energy;       ///< all instances, links included
  Picojoules link_energy;  ///< all instances
};

/// One dataspace in one level. Counts are words per instance and 0 where the level is bypassed.
struct StorageStats {
  bool kept = false;
  std::int64_t tile_size = 0;
  std::int64_t partition_size = 0;
  std::int64_t instances = 0;  ///< in use
  std::int64_t clusters = 0;   ///< in use
  std::int64_t reads = 0;
  std::int64_t fills = 0;
  std::int64_t updates = 0;
  std::int64_t temporal_reductions = 0;
  Picojoules energy;  ///< all instances
  NetworkStats network;
};

struct LevelStats {
  Cycles cycles;
  double slowdown = 1;  ///< at most 1: compute cycles over the level's cycles before rounding up
  PerId<SpaceId, StorageStats> spaces;
};

struct MacStats {
  std::int64_t instances = 0;  ///< in use
  std::int64_t computes = 0;
  Cycles cycles;
  Picojoules energy;
};

struct Stats {
  Cycles cycles;
  double utilization = 0;          ///< of all MACs over all cycles, at most 1
  std::vector<LevelStats> levels;  ///< innermost first
  MacStats mac;
  Picojoules energy;
};

}  // namespace tileloom::cost::timeloop

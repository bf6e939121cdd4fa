#pragma once
// Tasks in time: computations that take cycles and transfers that share channels.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tileloom::reference {

/// What a transfer takes from one channel: so many bits, each costing `weight` of the channel's
/// bandwidth (above 1 for remote ones).
struct Demand {
  std::size_t channel = 0;
  double bits = 0;
  double weight = 1;
};

/// Starts when all its predecessors have ended. Without demands it takes `cycles`; else it ends
/// when the last demand is served.
struct Task {
  double cycles = 0;
  std::vector<Demand> demands;
  std::vector<std::size_t> cores;         ///< through whose ports all demands go
  std::vector<std::size_t> predecessors;  ///< indices; no task waits for itself
};

struct SharedChannels {
  std::size_t channels = 1;
  double bandwidth = 0;  ///< bits per cycle of one channel
  std::size_t cores = 1;
  double port = 0;  ///< bits per cycle of one core
};

/// When each task ends. At every moment a channel gives every demand on it the same share of its
/// time and a port every demand through it the same share of its bandwidth; what some cannot use,
/// because something else is narrower for them, goes to the others.
std::vector<double> end_times(const std::vector<Task>& tasks, const SharedChannels& machine);

}  // namespace tileloom::reference

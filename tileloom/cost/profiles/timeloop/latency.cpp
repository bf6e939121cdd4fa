#include "tileloom/cost/profiles/timeloop/latency.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>

#include "tileloom/support/checked.hpp"

namespace tileloom::cost::timeloop {
namespace {

void limit(double& slowdown, const std::optional<double>& bandwidth, double demand) {
  if (bandwidth && demand > 0) slowdown = std::min(slowdown, *bandwidth / demand);
}

}  // namespace

void throttle(LevelStats& stats, const Bandwidth& bandwidth, Cycles compute) {
  // Timeloop divides per dataspace and then adds; adding first changes last digits.
  const auto steps = static_cast<double>(compute.value);
  double read = 0;
  double write = 0;
  for (const StorageStats& space : stats.spaces) {
    read += static_cast<double>(space.reads) / steps;
    write += static_cast<double>(space.fills + space.updates) / steps;
  }
  stats.slowdown = 1;
  limit(stats.slowdown, bandwidth.read, read);
  limit(stats.slowdown, bandwidth.write, write);
  limit(stats.slowdown, bandwidth.shared, read + write);
  const double cycles = std::ceil(steps / stats.slowdown);
  constexpr double largest = 9223372036854774784.0;  // below 2^63
  if (!(cycles <= largest)) throw_overflow();
  stats.cycles = {static_cast<std::int64_t>(cycles)};
}

}  // namespace tileloom::cost::timeloop

#pragma once
#include "tileloom/cost/evaluate.hpp"
#include "tileloom/cost/occupancy.hpp"

namespace tileloom::cost {

/// Bits read from and written to a Store by everything around it, all instances.
struct StoreBits {
  double read = 0;
  double written = 0;
};
StoreBits store_traffic_bits(const StoreCounts& counts, const StoreWidth& width);

/// ⌈ cycles ⌉; an overflow error if a double does not count single cycles there.
Cycles whole_cycles(double cycles);

/// Sums of a few quotients are this exact, relatively; what they exceed a whole number by within it
/// is no cycle.
constexpr double kRounding = 1e-12;

/// Model `overlapped`. (L1) to (L3)
Latency latency(const Architecture& arch, const PathCounts& counts,
                const std::vector<StoreWidth>& widths);

/// Share of the lanes' operations that did work: points · cycles per operation / (lanes · cycles).
/// (L4)
double utilisation(const Architecture& arch, const PathCounts& counts, const Latency& latency);

}  // namespace tileloom::cost

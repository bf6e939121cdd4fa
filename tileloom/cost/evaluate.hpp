#pragma once
// What a mapping costs: the one ruler of every method. Equations: docs/cost_model.md, sections 3
// to 5.

#include <span>
#include <string>
#include <vector>

#include "tileloom/cost/counts.hpp"
#include "tileloom/support/diagnostic.hpp"

namespace tileloom::cost {

/// One buffer's share of its memory, in bits of one instance.
struct BufferSize {
  TensorId tensor{};
  Bits bits{};
};

/// Occupancy of one instance of a memory: Σ largest boxes, twice if double-buffered. (O1)
struct Occupancy {
  MemoryId memory{};
  Bits used{};
  std::optional<Bits> capacity;
  std::vector<BufferSize> buffers;
  bool fits() const { return !capacity || used <= *capacity; }
};

enum class PortKind : std::uint8_t { read, write, shared };
std::string to_string(PortKind kind);

/// Transfer time of one port: bits of one instance (mean over the instances in use) / bandwidth.
/// (L2)
struct PortTime {
  MemoryId memory{};
  PortKind kind = PortKind::read;
  double bits = 0;
  Cycles cycles{};  ///< 0 if the bandwidth is unlimited
};

/// How time is counted: docs/cost_model.md 4.1 and 4.2.
enum class LatencyModel : std::uint8_t { overlapped, stalling };
std::string to_string(LatencyModel model);
Result<LatencyModel> parse_latency_model(std::string_view text);

/// Cycles the lanes wait at the ends of turns because a port, or the exchange of a memory without
/// double buffering, is slower than the work.
struct Stall {
  MemoryId memory{};
  std::optional<PortKind> port;  ///< absent: the exchange of a memory that is not double-buffered
  double cycles = 0;
};

/// Where the time of model `stalling` goes: total = ⌈ compute + all others ⌉.
struct StallBreakdown {
  double compute = 0;        ///< steps · cycles per operation
  double lane_ports = 0;     ///< steps that wait for the ports the lanes use
  std::vector<Stall> turns;  ///< waiting at the ends of turns, inner levels first
  double first_fill = 0;
  double last_drain = 0;
};

/// Time of one run of the operator. Model `overlapped`: the slowest of compute and every port (L3).
struct Latency {
  Cycles total{};
  Cycles compute{};  ///< steps · cycles per operation (L1)
  std::vector<PortTime> ports;
  /// The slowest port if one is slower than compute; absent = bound by compute.
  std::optional<std::size_t> bound_by_port;
  std::optional<StallBreakdown> stalls;  ///< model `stalling` only
};

/// Energy of one Store, all instances. (E1), (E2)
struct StoreEnergy {
  Picojoules reads{};
  Picojoules writes{};
  Picojoules network{};  ///< between this Store and its children
  Picojoules total() const { return reads + writes + network; }
};

struct Evaluation {
  PathCounts counts;
  std::vector<StoreEnergy> store_energy;  ///< parallel to counts.stores
  Picojoules compute_energy{};            ///< (E3)
  Picojoules energy{};                    ///< (E4)
  Latency latency;
  std::vector<Occupancy> occupancy;  ///< every memory that holds a Store, outermost first
  double utilisation = 0;            ///< points / (all lanes · total cycles)
};

/// Cost of a path whose structure is legal (capacity may be exceeded: see `occupancy`).
Evaluation evaluate(const Operator& op, const Architecture& arch, std::span<const PathNode> path,
                    LatencyModel model = LatencyModel::overlapped);

/// Width in bits of the elements a Store exchanges with its children: partial sums while any
/// temporal loop over a reduction rank with more than one trip stands above the child. (O2)
std::int64_t store_bits(const Operator& op, std::span<const PathNode> path, std::size_t store);

}  // namespace tileloom::cost

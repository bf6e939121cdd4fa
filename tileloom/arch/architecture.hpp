#pragma once
// An accelerator: memories from outermost in, spatial axes between them, compute at the bottom.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tileloom/support/diagnostic.hpp"
#include "tileloom/support/id.hpp"
#include "tileloom/support/quantity.hpp"
#include "tileloom/workload/operator.hpp"

namespace tileloom {

/// A picojoule figure and where it comes from (given in the file, or an entry of the built-in
/// table).
struct Energy {
  Picojoules value{};
  std::string source;
  bool operator==(const Energy&) const = default;
};

/// Bandwidths in bits per cycle and instance; absent = unlimited.
struct Ports {
  std::optional<double> read;
  std::optional<double> write;
  std::optional<double> shared;  ///< reads and writes together
  bool operator==(const Ports&) const = default;
};

struct Memory {
  std::string name;
  std::optional<Bits> capacity;  ///< of one instance; absent = unlimited
  Bits word{8};                  ///< width of a word
  std::int64_t block = 1;        ///< words per access
  Ports ports;
  Energy read;                                       ///< per access of one block
  Energy write;                                      ///< per access of one block
  std::array<bool, kRoles> holds{true, true, true};  ///< by Role
  bool double_buffered = false;                      ///< a tile occupies twice its size
  /// Axes outside this memory along which one instance serves all positions (no replication).
  std::vector<AxisId> shared_along;
  bool operator==(const Memory&) const = default;
};

/// What an axis of lanes runs over in hardware; `any`: whatever a mapping chooses.
enum class Unroll : std::uint8_t { any, output_channels, input_channels, positions };

/// One named axis of a fanout: `size` copies of everything below, unless a memory is shared along
/// it.
struct SpatialAxis {
  std::string name;
  std::int64_t size = 1;
  bool multicast = true;  ///< an element needed by several positions in a step is read once
  bool reduce = true;     ///< partial sums of one element are added on the way out
  Energy hop;             ///< per bit delivered to (or drained from) one position
  std::size_t below = 0;  ///< the number of memories that lie above (outside) this axis
  bool core = false;      ///< the positions are cores of a multi-core machine
  Unroll unroll = Unroll::any;
  bool operator==(const SpatialAxis&) const = default;
};

struct Compute {
  std::string name = "mac";
  Energy mac;                         ///< one multiply-accumulate
  Energy other;                       ///< one point of any other operator
  double cycles_per_operation = 1.0;  ///< throughput of one lane
  /// Element widths the lanes work on, by Role, and of partial sums; absent = the model's own
  /// types.
  std::optional<std::array<std::int64_t, kRoles>> precision;
  std::optional<std::int64_t> accumulator_bits;
  bool operator==(const Compute&) const = default;
};

/// How the cores reach the memory above them and one another. It matters where whole blocks run on
/// several cores (cost/multicore); mappings of one operator do not see it.
struct CoreLinks {
  /// Equal shares of that memory's bandwidth. Core i is near channel i mod `channels`.
  std::int64_t channels = 1;
  double remote = 1;               ///< a channel's throughput for cores not near it, over that near
  std::optional<double> port;      ///< bits per cycle between one core and that memory
  std::optional<double> exchange;  ///< bits per cycle one core gets from others; absent = none
  std::int64_t sync_core_cycles = 0;  ///< to synchronise, for each core, beside `sync_cycles`
  bool operator==(const CoreLinks&) const = default;
};

struct Architecture {
  std::string name;
  std::string source;  ///< where the figures come from
  double clock_hz = 1e9;
  PerId<MemoryId, Memory> memories;  ///< outermost first
  PerId<AxisId, SpatialAxis> axes;   ///< outermost first; `below` never decreases
  Compute compute;
  /// Cycles to start an operator on the machine and to synchronise its cores after it.
  std::int64_t launch_cycles = 0;
  std::int64_t sync_cycles = 0;
  CoreLinks links;
  bool operator==(const Architecture&) const = default;
};

/// True if there is one instance of `memory` per position of `axis`.
bool replicated(const Architecture& arch, MemoryId memory, AxisId axis);
/// Number of physical instances of `memory`, Π size of its replicating axes.
std::int64_t instances(const Architecture& arch, MemoryId memory);
/// Number of cores, Π size of the axes of cores; 1 without any.
std::int64_t cores(const Architecture& arch);
/// Number of compute lanes, Π size of all axes.
std::int64_t lanes(const Architecture& arch);

std::optional<MemoryId> find_memory(const Architecture& arch, std::string_view name);
std::optional<AxisId> find_axis(const Architecture& arch, std::string_view name);

/// Everything the core relies on: at least one memory, positive sizes, unique names, energies ≥ 0,
/// every role held somewhere, `shared_along` naming axes outside the memory, nested instances.
Diagnostics check(const Architecture& arch, const Where& where = {});

}  // namespace tileloom

#pragma once
// Data-copy actions between layers: their path through the memories, energy and time.
// README.md of the reference, 2.7; exact_model.md, section 3.

#include <vector>

#include "tileloom/scheduler/defines/hierarchy.hpp"
#include "tileloom/scheduler/defines/options.hpp"

namespace tileloom::scheduler::defines {

/// What a copy is for.
enum class CopyKind : std::uint8_t {
  stack_input,    ///< DRAM → the level of the input tile
  output_to_input,///< the producer's level → the consumer's
  h_cache_to_input,
  v_cache_to_input,
  output_to_v_cache,
  output_to_h_cache
};
std::string_view name(CopyKind kind);

/// A level of an operand.
struct Place {
  MemoryOperand operand{};
  int level = 0;
  bool operator==(const Place&) const = default;
};

/// `bits` moved from one memory to another.
struct Copy {
  CopyKind kind{};
  Bits bits;
  Place from, to;
  bool operator==(const Copy&) const = default;
};

/// One hop of a copy, for the port it keeps busy: read at `from`, written at `to`.
struct Hop {
  MemoryIndex from{}, to{};
  std::int64_t read_port = 0, write_port = 0;  ///< unique over the machine
  Cycles cycles;
  Picojoules read_energy, write_energy;
};

/// A copy with its cost.
struct CopyAction {
  Copy copy;
  std::vector<MemoryIndex> chain;  ///< memories passed, both ends included
  std::vector<Hop> hops;
  Picojoules energy;
};

/// Copies that run side by side before a layer.
struct CopyLayer {
  std::vector<CopyAction> actions;
  Picojoules energy;
  Cycles latency;
};

/// The path of a copy and what it costs: up along the source operand to the lowest memory shared
/// with the destination operand, then down. Per hop
///     energy = ceil(bits/g_r)·(g_r/bw_r)·E_r + ceil(bits/g_w)·(g_w/bw_w)·E_w
///     cycles = max(ceil(bits/bw_r), ceil(bits/bw_w))
CopyAction cost_of(const Machine& machine, const Hierarchy& hierarchy, const Copy& copy);

/// Hops of one copy run one after the other, copies side by side except on a shared port: a port
/// takes max(latest end, earliest start + Σ busy). (The artifact's clock stands still where a copy
/// enters a port for the second time; no path enters a memory twice.)
CopyLayer run_together(const Machine& machine, const Hierarchy& hierarchy,
                       const std::vector<Copy>& copies);

}  // namespace tileloom::scheduler::defines

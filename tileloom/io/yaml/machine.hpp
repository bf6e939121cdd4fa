#pragma once
// The items of an architecture's `machine` list.

#include <optional>
#include <string>
#include <vector>

#include "tileloom/arch/architecture.hpp"
#include "tileloom/io/yaml/reader.hpp"

namespace tileloom::yaml {

/// What every item of a machine may refer to.
struct MachineContext {
  std::optional<double> clock_hz;
  std::optional<std::string> technology;  ///< default of `energy: table`, and then of energies
  Bits word{8};                           ///< default of a memory's word
};

/// A memory and the places of its parts that other items are checked against.
struct MemoryItem {
  Memory memory;
  struct AxisName {
    std::string name;
    Place place;
  };
  std::vector<AxisName> shared_along;
};
MemoryItem read_memory(Reader& reader, const Node& node, const MachineContext& context);

/// The axes of a `fanout` or `cores` item, outermost first; `below` is left to the caller.
struct AxisItem {
  SpatialAxis axis;
  Place place;
};
std::vector<AxisItem> read_fanout(Reader& reader, const Node& node);

/// What a `cores` item says about the way to memory and between cores, beside its axes.
struct CoresItem {
  std::vector<AxisItem> axes;
  CoreLinks links;
};
CoresItem read_cores(Reader& reader, const Node& node, const MachineContext& context);

/// The compute unit, and its lanes as axes.
struct ComputeItem {
  Compute compute;
  std::vector<AxisItem> lanes;
};
ComputeItem read_compute(Reader& reader, const Node& node, const MachineContext& context);

}  // namespace tileloom::yaml

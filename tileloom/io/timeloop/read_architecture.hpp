#pragma once
// Timeloop's `architecture:` in version 0.4 (`nodes:`) and the older `subtree:` form.

#include <string>
#include <vector>

#include "tileloom/cost/profiles/timeloop/arch.hpp"
#include "tileloom/io/timeloop/reading.hpp"

namespace tileloom::io::timeloop {

/// A fan-out that a node brings along (`spatial: {meshX: 14}`): instances of everything inside it.
struct Container {
  std::string name;
  cost::timeloop::Mesh mesh;      ///< instances of the container over the whole chip
  cost::timeloop::Mesh outside;   ///< instances of what lies around it
  std::size_t levels_inside = 0;  ///< storage levels further in
};

/// An architecture as its file states it. A container's fan-out belongs to the next outer storage
/// level, unless the mapping gives it loops of its own (see with_container_levels).
struct ArchitectureFile {
  cost::timeloop::Arch arch;
  std::vector<Container> containers;  ///< outermost first
  std::vector<std::string> notes;     ///< what the file says that the profile does not carry
};

/// Reads the value of `architecture:`. Energies that are not given come from the public PAT table.
ArchitectureFile read_architecture(const Node& node, Reading& reading);

/// Name of the level that stands for a container with loops of its own: "inter_PE_spatial", as
/// Timeloop's front end calls it.
std::string container_level(const std::string& container);

/// The architecture with one storage level that keeps nothing for each container in `names`.
cost::timeloop::Arch with_container_levels(const ArchitectureFile& file,
                                           const std::vector<std::string>& names);

/// Energy of one access to a block of `level` in the public PAT table [pJ]:
///     DRAM                    200 · bits / 16
///     memories and registers  [(5 / 99.5) · (KB − 0.5) + 1] · width / 16 / cluster_size
/// with width = bits · cluster_size, bits = word_bits · block and KB = width · ⌈entries/block⌉ /
/// 8192. Source: docs of the profile, cost/profiles/timeloop.
double pat_access_pj(const cost::timeloop::Level& level);

}  // namespace tileloom::io::timeloop

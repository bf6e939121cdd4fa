#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tileloom/mapper/cosa/cosa.hpp"
#include "tileloom/mapper/gamma/options.hpp"
#include "tileloom/mapper/mapper.hpp"

namespace tileloom::mapper {

/// What can be chosen about a mapper besides its name.
struct MapperOptions {
  bool imperfect = false;  ///< exact, random: factors that do not divide the extents, too
  /// random, timeloop_random, timeloop_hybrid: stop after so many valid mappings; 0 = never
  std::int64_t valid_samples = 0;
  bool as_published = false;  ///< gamma: without the deviations its README names
  std::size_t levels = 0;     ///< gamma: levels of parallelism per axis, 1 to 3; 0 = its default
  std::string dataflow;       ///< gamma: a fixed or partly fixed accelerator, "dla:0110"
  CosaOptions cosa;  ///< cosa: what stays as published, and the solver
  bool operator==(const MapperOptions&) const = default;
};

/// What the options mean to mapper gamma.
GammaOptions gamma_options(const MapperOptions& options);

/// A mapper, one sentence about it, and the options of the command line that it has a use for
/// besides those that every search has.
struct MapperEntry {
  std::string name;
  std::string about;
  std::vector<std::string> options;
};

/// Every mapper, the default first.
std::vector<MapperEntry> mappers();

/// The mapper of that name, or a mistake with the nearest known name.
Result<std::unique_ptr<Mapper>> make_mapper(std::string_view name, const MapperOptions& options);

/// Identifies everything about mapper and options that can change its answers.
std::string identity(std::string_view name, const MapperOptions& options);

}  // namespace tileloom::mapper

#pragma once
// Fixed and partly fixed accelerators: GAMMA's templates and its sixteen classes of flexibility.

#include <string>
#include <string_view>
#include <vector>

#include "tileloom/arch/architecture.hpp"
#include "tileloom/mapper/constraints.hpp"
#include "tileloom/mapper/gamma/options.hpp"
#include "tileloom/support/diagnostic.hpp"

namespace tileloom::mapper::gamma {

/// A dataflow whose four sides may each be fixed. Ranks are those of a convolution; what an
/// operator does not have does not concern it.
struct Dataflow {
  std::string name;
  std::vector<std::string> parallel;  ///< per level of parallelism: the rank it spreads
  std::string cluster;  ///< size of the inner level: a number, or a rank whose extent it is
  std::vector<std::string> order;   ///< innermost loops of every level, outermost first
  std::vector<std::string> single;  ///< ranks of which a PE holds one value
  std::vector<std::string> whole;   ///< ranks that a PE holds whole
};

/// `dla`: K over clusters, C inside, weights stay; `eyeriss`: output rows over clusters, filter
/// rows inside, filters stay; `tpu`: K over columns, C over rows, single weights stay.
std::vector<Dataflow> dataflows();

/// Which sides of the dataflow are free: GAMMA's class [Order][Parallel][Shape][Tile], 1 = free.
struct Flexibility {
  bool order = false;
  bool parallel = false;
  bool shape = false;  ///< the cluster size
  bool tile = false;
  bool operator==(const Flexibility&) const = default;
};

struct Restriction {
  Constraints constraints;      ///< orders and tiles; ranks along the axes where there are several
  std::vector<PartRule> parts;  ///< where levels are parts of one axis: their ranks and sizes
};

/// What a machine with this dataflow imposes on mappings of `op`. On a machine with several axes
/// the levels are the axes, whose sizes are fixed by the architecture.
Restriction restriction(const Dataflow& dataflow, const Flexibility& free, const Architecture& arch,
                        const Operator& op);

/// "dla" or "dla:0110", as `GammaOptions::dataflow` holds it.
struct Machine {
  Dataflow dataflow;
  Flexibility free;
};
Result<Machine> parse_machine(std::string_view text);

}  // namespace tileloom::mapper::gamma

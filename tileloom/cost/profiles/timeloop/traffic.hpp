#pragma once
// Words a level sends to (or, for outputs, receives from) its children, with multicast, spatial
// reduction and transfers between neighbours (reference text 2.5).

#include <cstdint>
#include <vector>

#include "tileloom/cost/profiles/timeloop/fanout.hpp"
#include "tileloom/cost/profiles/timeloop/walk.hpp"

namespace tileloom::cost::timeloop {

/// Accesses that reach `multicast` children each, from steps with `scatter` such groups.
struct Record {
  std::int64_t multicast = 1;
  std::int64_t scatter = 1;
  double words = 0;      ///< fractional only after bypass
  double word_hops = 0;  ///< Σ over groups and steps of words · hops
};

/// Traffic of one dataspace over the fan-out of one instance, over the whole run.
struct Traffic {
  std::vector<Record> records;  ///< ascending in multicast, then scatter
  std::int64_t link_words = 0;  ///< words that a neighbour passed on instead of the parent
};

/// Words the parent reads (or is updated with): Σ records.
double parent_words(const Traffic& traffic);
/// Words that arrive at all children together: Σ records · multicast.
double child_words(const Traffic& traffic);

/// Spreads the steps over the children. Children with equal offsets form one group; one access
/// serves it. With `link_transfers`, a child whose neighbour had its delta in the previous step
/// gets it from there, if that leaves fewer groups.
Traffic spread(const StepCounts& steps, const Vector& tile, const Fanout& fanout,
               bool link_transfers);

/// Traffic of `space` between level `s` and its children, bypass not yet considered.
struct TrafficRules {
  bool link_transfers = true;
  bool extrapolate = true;
};
Traffic traffic_below(const Arch& arch, const Problem& problem, const Mapping& mapping,
                      SpaceId space, std::size_t s, const TrafficRules& rules);

}  // namespace tileloom::cost::timeloop

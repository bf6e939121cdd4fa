#include "tileloom/cost/profiles/timeloop/counts.hpp"

#include <cmath>

#include "tileloom/support/checked.hpp"

namespace tileloom::cost::timeloop {
namespace {

bool outermost_keeper(const Mapping& mapping, SpaceId space, std::size_t s) {
  for (std::size_t outer = s + 1; outer < mapping.levels.size(); ++outer)
    if (keeps(mapping, outer, space)) return false;
  return true;
}

std::int64_t truncate(double x) {
  constexpr double limit = 9007199254740992.0;  // 2^53
  if (!(std::abs(x) <= limit)) throw_overflow();
  return static_cast<std::int64_t>(x);
}

}  // namespace

std::int64_t round_half_up(double x) { return truncate(std::floor(x + 0.5)); }

StorageStats storage_counts(const Problem& problem, const Mapping& mapping, const Flow& flow,
                            std::int64_t partition, SpaceId space, std::size_t s) {
  StorageStats stats;
  stats.kept = keeps(mapping, s, space);
  if (!stats.kept) return stats;
  stats.tile_size = tile_size(problem, mapping, space, s);
  stats.partition_size = partition;
  stats.instances = used_instances(mapping, s);

  const double content = flow.content[s];
  const double share = flow.share[s];
  const double peer =
      s + 1 < mapping.levels.size()
          ? static_cast<double>(flow.below[s + 1].link_words) / static_cast<double>(stats.instances)
          : 0;
  const bool outermost = outermost_keeper(mapping, space, s);
  if (problem.spaces[space].is_output) {
    const auto first_reads = static_cast<double>(partition);
    stats.updates = round_half_up(content);
    stats.reads = round_half_up(content + peer - first_reads);
    stats.temporal_reductions = stats.reads;
    stats.fills = outermost ? 0 : round_half_up(share + peer - first_reads);
  } else {
    stats.reads = round_half_up(content + peer);
    stats.fills = outermost ? 0 : truncate(share + peer);
  }
  return stats;
}

}  // namespace tileloom::cost::timeloop

#include "tileloom/cost/profiles/timeloop/bypass.hpp"

#include <utility>

namespace tileloom::cost::timeloop {

Flow bypass(const Mapping& mapping, SpaceId space, std::vector<Traffic> below) {
  const std::size_t level_count = mapping.levels.size();
  Flow flow{std::move(below), std::vector<double>(level_count), std::vector<double>(level_count)};
  for (std::size_t s = 0; s < level_count; ++s) flow.content[s] = parent_words(flow.below[s]);

  for (std::size_t c = 0; c + 1 < level_count; ++c) {
    if (keeps(mapping, c, space)) continue;
    Traffic& parent = flow.below[c + 1];
    const double arriving = child_words(parent);
    const auto fanout = static_cast<double>(used_fanout(mapping.levels[c + 1]));
    const double needed = flow.content[c] * fanout;
    for (Record& record : parent.records)
      record.words = arriving == 0 ? 0 : record.words * needed / arriving;
    parent.link_words = 0;
    flow.content[c + 1] = parent_words(parent);
    flow.content[c] = 0;
  }
  if (!keeps(mapping, level_count - 1, space)) flow.content.back() = 0;

  for (std::size_t s = 0; s + 1 < level_count; ++s)
    if (keeps(mapping, s, space))
      flow.share[s] =
          child_words(flow.below[s + 1]) / static_cast<double>(used_fanout(mapping.levels[s + 1]));
  return flow;
}

}  // namespace tileloom::cost::timeloop

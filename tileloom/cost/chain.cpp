#include "tileloom/cost/chain.hpp"

#include <algorithm>

#include "tileloom/support/checked.hpp"

namespace tileloom::cost {
namespace {

/// Trip `i` of a link over a chunk.
Chunk narrow(const Chunk& chunk, std::int64_t tile, std::int64_t i) {
  const std::int64_t from = i * tile;
  if (from >= chunk.length) return {};
  return {chunk.start + from, std::min(tile, chunk.length - from)};
}

std::int64_t steps_from(const Chain& chain, std::size_t link, std::int64_t length) {
  if (length == 0) return 0;
  if (link == chain.links.size()) return 1;
  const Link& here = chain.links[link];
  if (here.kind != LinkKind::temporal) {
    return steps_from(chain, link + 1, std::min(here.tile, length));
  }
  const std::int64_t full = length / here.tile;
  const std::int64_t rest = length % here.tile;
  return checked_add(checked_mul(full, full > 0 ? steps_from(chain, link + 1, here.tile) : 0),
                     steps_from(chain, link + 1, rest));
}

/// Walks the states of one move and fills the table of chunks for each.
class MoveWalk {
 public:
  MoveWalk(const Chain& chain, const Move& move,
           const std::function<void(const ChunkTable&)>& visit)
      : chain_(chain), move_(move), visit_(visit), now_(chain.links.size()), before_(now_) {
    std::size_t separate = 1;
    std::size_t grouped = 1;
    for (const Link& link : chain.links) {
      if (link.kind == LinkKind::separate) separate *= static_cast<std::size_t>(link.trips);
      if (link.kind == LinkKind::grouped) grouped *= static_cast<std::size_t>(link.trips);
    }
    table_.assign(separate, std::vector<ChunkPair>(grouped));
  }

  void run() { choose(0, 0, chain_.extent, chain_.extent); }

 private:
  /// Chooses the trips of link `link` on; `now`/`before` are the lengths of position 0's chunks.
  void choose(std::size_t link, std::size_t temporal, std::int64_t now, std::int64_t before) {
    if (link == chain_.links.size()) {
      fill(0, 0, 0, {0, chain_.extent}, {0, chain_.extent});
      visit_(table_);
      return;
    }
    const Link& here = chain_.links[link];
    if (here.kind != LinkKind::temporal) {
      choose(link + 1, temporal, std::min(now, here.tile), std::min(before, here.tile));
      return;
    }
    if (temporal > move_.outer || (temporal == move_.outer && !move_.moves)) {
      set(link, 0, ceil_div(before, here.tile) - 1);
      descend(link, temporal, now, before);
      return;
    }
    const bool moving = temporal == move_.outer;
    const std::int64_t trips = ceil_div(now, here.tile);
    for (std::int64_t i = moving ? 1 : 0; i < trips; ++i) {
      set(link, i, moving ? i - 1 : i);
      descend(link, temporal, now, before);
    }
  }

  void descend(std::size_t link, std::size_t temporal, std::int64_t now, std::int64_t before) {
    const std::int64_t tile = chain_.links[link].tile;
    choose(link + 1, temporal + 1, narrow({0, now}, tile, now_[link]).length,
           narrow({0, before}, tile, before_[link]).length);
  }

  void set(std::size_t link, std::int64_t now, std::int64_t before) {
    now_[link] = now;
    before_[link] = before;
  }

  /// Fills the table with the chunks of every combination of positions.
  void fill(std::size_t link, std::size_t separate, std::size_t grouped, Chunk now, Chunk before) {
    if (link == chain_.links.size()) {
      table_[separate][grouped] = {now, before};
      return;
    }
    const Link& here = chain_.links[link];
    if (here.kind == LinkKind::temporal) {
      fill(link + 1, separate, grouped, narrow(now, here.tile, now_[link]),
           narrow(before, here.tile, before_[link]));
      return;
    }
    const auto trips = static_cast<std::size_t>(here.trips);
    for (std::size_t i = 0; i < trips; ++i) {
      const bool in_group = here.kind == LinkKind::grouped;
      fill(link + 1, in_group ? separate : separate * trips + i,
           in_group ? grouped * trips + i : grouped,
           narrow(now, here.tile, static_cast<std::int64_t>(i)),
           narrow(before, here.tile, static_cast<std::int64_t>(i)));
    }
  }

  const Chain& chain_;
  const Move& move_;
  const std::function<void(const ChunkTable&)>& visit_;
  std::vector<std::int64_t> now_;
  std::vector<std::int64_t> before_;
  ChunkTable table_;
};

}  // namespace

bool Chain::uniform() const {
  std::int64_t above = extent;
  for (const Link& link : links) {
    if (above % link.tile != 0) return false;
    above = link.tile;
  }
  return true;
}

std::size_t Chain::temporal_links() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      links, [](const Link& link) { return link.kind == LinkKind::temporal; }));
}

void Chain::append(std::int64_t tile, LinkKind kind) {
  links.push_back({tile, kind, ceil_div(innermost_tile(), tile)});
}

std::int64_t steps(const Chain& chain) { return steps_from(chain, 0, chain.extent); }

void for_each_move(const Chain& chain, const Move& move,
                   const std::function<void(const ChunkTable&)>& visit) {
  MoveWalk(chain, move, visit).run();
}

}  // namespace tileloom::cost

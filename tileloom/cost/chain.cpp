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
  using Visit = std::function<void(const ChunkTable&, std::int64_t)>;

  MoveWalk(const Chain& chain, const Move& move, States states, const Visit& visit)
      : chain_(chain),
        move_(move),
        states_(states),
        visit_(visit),
        now_(chain.links.size()),
        before_(now_),
        lengths_(chain.links.size() + 1) {
    std::size_t separate = 1;
    std::size_t grouped = 1;
    for (const Link& link : chain.links) {
      if (link.kind == LinkKind::separate) separate *= static_cast<std::size_t>(link.trips);
      if (link.kind == LinkKind::grouped) grouped *= static_cast<std::size_t>(link.trips);
    }
    table_.assign(separate, std::vector<ChunkPair>(grouped));
  }

  void run() {
    lengths_[0] = {chain_.extent};
    choose(0, 0, chain_.extent, 1);
  }

 private:
  /// Distinct lengths of the chunks at all positions; position 0's, the longest, is the first.
  using Lengths = std::vector<std::int64_t>;

  /// Chooses the trips of link `link` on. `before`: of position 0's chunk before; `count`: how many
  /// states the trips chosen so far stand for.
  void choose(std::size_t link, std::size_t temporal, std::int64_t before, std::int64_t count) {
    const Lengths& now = lengths_[link];
    if (link == chain_.links.size()) {
      fill(0, 0, 0, {0, chain_.extent}, {0, chain_.extent});
      visit_(table_, count);
      return;
    }
    const Link& here = chain_.links[link];
    if (here.kind != LinkKind::temporal) {
      spread(now, here.tile, lengths_[link + 1]);
      choose(link + 1, temporal, std::min(before, here.tile), count);
      return;
    }
    if (temporal > move_.outer || (temporal == move_.outer && !move_.moves)) {
      set(link, 0, ceil_div(before, here.tile) - 1);
      descend(link, temporal, before, count);
      return;
    }
    const bool moving = temporal == move_.outer;
    const std::int64_t trips = ceil_div(now.front(), here.tile);
    for (std::int64_t i = moving ? 1 : 0; i < trips;) {
      const std::int64_t next = next_unlike(now, here.tile, moving, i, trips);
      set(link, i, moving ? i - 1 : i);
      descend(link, temporal, before, count * (next - i));
      i = next;
    }
  }

  void descend(std::size_t link, std::size_t temporal, std::int64_t before, std::int64_t count) {
    const std::int64_t tile = chain_.links[link].tile;
    Lengths& inside = lengths_[link + 1];
    inside.clear();
    for (const std::int64_t length : lengths_[link]) {
      add(narrow({0, length}, tile, now_[link]).length, inside);
    }
    choose(link + 1, temporal + 1, narrow({0, before}, tile, before_[link]).length, count);
  }

  /// The first trip after `i` whose chunks are not those of `i` but for a shift; a trip that moves
  /// is alike if the one before it is, too.
  std::int64_t next_unlike(const Lengths& lengths, std::int64_t tile, bool moving, std::int64_t i,
                           std::int64_t trips) const {
    if (states_ == States::all) return i + 1;
    std::int64_t next = trips;
    const auto changes_at = [&](std::int64_t trip) {
      if (trip > i) next = std::min(next, trip);
      if (moving && trip + 1 > i) next = std::min(next, trip + 1);
    };
    for (const std::int64_t length : lengths) {
      changes_at(length / tile);           // the partial chunk, or none
      changes_at(ceil_div(length, tile));  // none
    }
    return next;
  }

  /// The lengths after a spatial loop: full tiles, and what is left of each.
  static void spread(const Lengths& lengths, std::int64_t tile, Lengths& inside) {
    inside.clear();
    for (const std::int64_t length : lengths) add(std::min(length, tile), inside);
    for (const std::int64_t length : lengths) {
      if (length > tile && length % tile != 0) add(length % tile, inside);
    }
  }

  static void add(std::int64_t length, Lengths& lengths) {
    if (std::ranges::find(lengths, length) == lengths.end()) lengths.push_back(length);
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
  States states_;
  const Visit& visit_;
  std::vector<std::int64_t> now_;
  std::vector<std::int64_t> before_;
  std::vector<Lengths> lengths_;  ///< by link: of the chunks now, above it
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

void for_each_move(const Chain& chain, const Move& move, States states,
                   const std::function<void(const ChunkTable&, std::int64_t)>& visit) {
  MoveWalk(chain, move, states, visit).run();
}

}  // namespace tileloom::cost

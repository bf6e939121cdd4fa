#include "tileloom/mapper/timeloop_scorer.hpp"

#include "tileloom/cost/profiles/timeloop/check.hpp"
#include "tileloom/cost/profiles/timeloop/evaluate.hpp"
#include "tileloom/mapper/memory_bit.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::mapper {
namespace model = cost::timeloop;

model::Mapping timeloop_mapping(const MapSpace& space, const Point& point) {
  const std::vector<bool> is_y = model::y_axes(*space.arch);
  const std::size_t level_count = space.arch->memories.size();
  const std::size_t ranks = space.ranks();
  model::Mapping mapping;
  mapping.levels.resize(level_count);
  const auto level_of = [&](MemoryId memory) -> model::LevelMapping& {
    return mapping.levels[level_count - 1 - index(memory)];
  };
  const std::vector<const Operand*> all = operands(*space.op);
  for (std::size_t o = 0; o < all.size(); ++o) {
    for (std::size_t i = 0; i < space.residents.size(); ++i) {
      if (space.residents[i].tensor != all[o]->tensor) continue;
      for (const MemoryId memory : ids<MemoryId>(level_count)) {
        if ((point.keeps[i] & bit(memory)) != 0) {
          level_of(memory).keep.push_back(static_cast<model::SpaceId>(o));
        }
      }
    }
  }
  for (std::size_t s = 0; s < space.slots.size(); ++s) {
    const Slot& slot = space.slots[s];
    model::LevelMapping& level = level_of(slot.memory);
    std::vector<model::Factor>& loops = !slot.axis                  ? level.temporal
                                        : is_y[index(*slot.axis)] ? level.spatial_y
                                                                  : level.spatial_x;
    for (std::size_t position = 0; position < ranks; ++position) {
      const std::size_t r = point.order[s * ranks + position];
      const std::int64_t factor = point.factor(s, r, ranks);
      if (factor > 1) loops.push_back({static_cast<model::DimId>(r), factor});
    }
  }
  return mapping;
}

std::optional<cost::Score> TimeloopScorer::operator()(const Point& point) const {
  try {
    const model::Mapping mapping = timeloop_mapping(space_, point);
    if (!model::check(nouns_.arch, nouns_.problem, mapping).empty()) return std::nullopt;
    const model::Stats found = model::evaluate(nouns_.arch, nouns_.problem, mapping);
    return cost::score(objective_, found.cycles, found.energy);
  } catch (const OverflowError&) {
    return std::nullopt;
  }
}

model::Stats TimeloopScorer::stats(const Point& point) const {
  return model::evaluate(nouns_.arch, nouns_.problem, timeloop_mapping(space_, point));
}

std::string TimeloopScorer::objection(const Point& point) const {
  std::string text;
  for (const Violation& wrong :
       model::check(nouns_.arch, nouns_.problem, timeloop_mapping(space_, point))) {
    text += (text.empty() ? "" : "; ") + wrong.what;
  }
  return text;
}

}  // namespace tileloom::mapper

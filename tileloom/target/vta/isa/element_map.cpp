#include "tileloom/target/vta/isa/element_map.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tileloom/support/checked.hpp"

namespace tileloom::target::vta {
namespace {

/// Least and greatest value of first + i · step, 0 ≤ i < count; nothing beyond 64 bits.
struct Reach {
  std::int64_t low = 0;
  std::int64_t high = 0;
};
std::optional<Reach> reach(std::int64_t first, std::int64_t step, std::int64_t count) {
  std::int64_t last = 0;
  if (__builtin_mul_overflow(step, count - 1, &last) || __builtin_add_overflow(last, first, &last)) {
    return std::nullopt;
  }
  return Reach{std::min(first, last), std::max(first, last)};
}

std::string leaves_tensor(const BlockRun& run, std::int64_t elements) {
  return fmt::format("a run from element {} on leaves the tensor of {} elements", run.element,
                     elements);
}

/// Calls visit(byte of the region, element) for all bytes that hold one.
template <class Visit>
void for_each_byte(const ElementMap& map, const Visit& visit) {
  for (const BlockRun& run : map.runs) {
    const std::int64_t* const offsets = map.offsets.data() + run.pattern * map.lanes;
    for (std::int64_t i = 0; i < run.count; ++i) {
      const std::int64_t byte = (run.place + i * run.place_step) * map.lanes;
      const std::int64_t element = run.element + i * run.element_step;
      for (std::int64_t lane = 0; lane < map.lanes; ++lane) {
        if (offsets[lane] == kNoElement) continue;
        visit(static_cast<std::size_t>(byte + lane),
              static_cast<std::size_t>(element + offsets[lane]));
      }
    }
  }
}

}  // namespace

ElementMapBuilder::ElementMapBuilder(std::int64_t blocks, std::int64_t lanes) {
  map_.bytes = checked_mul(blocks, lanes);
  map_.lanes = lanes;
}

std::int64_t ElementMapBuilder::pattern(std::span<const std::int64_t> offsets) {
  const auto lanes = static_cast<std::size_t>(map_.lanes);
  if (!map_.runs.empty()) {
    const std::int64_t last = map_.runs.back().pattern;
    if (std::equal(offsets.begin(), offsets.end(), map_.offsets.begin() + last * map_.lanes)) {
      return last;
    }
  }
  const auto number = static_cast<std::int64_t>(map_.offsets.size() / lanes);
  const auto [known, fresh] =
      patterns_.emplace(std::vector<std::int64_t>(offsets.begin(), offsets.end()), number);
  if (fresh) map_.offsets.insert(map_.offsets.end(), offsets.begin(), offsets.end());
  return known->second;
}

void ElementMapBuilder::add(std::int64_t place, std::int64_t element, std::int64_t pattern) {
  if (!map_.runs.empty() && map_.runs.back().pattern == pattern) {
    BlockRun& run = map_.runs.back();
    if (run.count == 1) {
      run.place_step = place - run.place;
      run.element_step = element - run.element;
    }
    if (place == run.place + run.count * run.place_step &&
        element == run.element + run.count * run.element_step) {
      ++run.count;
      return;
    }
  }
  map_.runs.push_back({.place = place, .element = element, .pattern = pattern});
}

void ElementMapBuilder::add(std::int64_t place, std::span<const std::int64_t> elements) {
  const auto first =
      std::ranges::find_if(elements, [](std::int64_t element) { return element != kNoElement; });
  if (first == elements.end()) return;
  scratch_.assign(elements.begin(), elements.end());
  for (std::int64_t& offset : scratch_) {
    if (offset != kNoElement) offset -= *first;
  }
  const std::int64_t element = *first;
  add(place, element, pattern(scratch_));
}

std::optional<std::string> violation(const ElementMap& map, std::int64_t bytes,
                                     std::int64_t elements) {
  if (map.lanes < 1 || map.bytes != bytes || bytes % map.lanes != 0) {
    return fmt::format("blocks of {} bytes do not fill {} bytes", map.lanes, bytes);
  }
  const auto patterns = static_cast<std::int64_t>(map.offsets.size()) / map.lanes;
  const std::int64_t blocks = bytes / map.lanes;
  std::int64_t left = blocks;
  for (const BlockRun& run : map.runs) {
    if (run.count < 1) return fmt::format("a run of {} blocks", run.count);
    if (run.count > left) return fmt::format("runs of more blocks than the region's {}", blocks);
    left -= run.count;
    if (run.pattern < 0 || run.pattern >= patterns) {
      return fmt::format("pattern {} does not exist, there are {}", run.pattern, patterns);
    }
    const auto places = reach(run.place, run.place_step, run.count);
    if (!places || places->low < 0 || places->high >= blocks) {
      return fmt::format("a run from block {} on leaves the region", run.place);
    }
    const auto starts = reach(run.element, run.element_step, run.count);
    if (!starts) return leaves_tensor(run, elements);
    for (std::int64_t lane = 0; lane < map.lanes; ++lane) {
      const std::int64_t offset =
          map.offsets[static_cast<std::size_t>(run.pattern * map.lanes + lane)];
      if (offset == kNoElement) continue;
      std::int64_t low = 0;
      std::int64_t high = 0;
      if (__builtin_add_overflow(starts->low, offset, &low) ||
          __builtin_add_overflow(starts->high, offset, &high) || low < 0 || high >= elements) {
        return leaves_tensor(run, elements);
      }
    }
  }
  return std::nullopt;
}

std::string pack(const ElementMap& map, std::span<const std::int8_t> tensor) {
  std::string region(static_cast<std::size_t>(map.bytes), '\0');
  for_each_byte(map, [&](std::size_t byte, std::size_t element) {
    region[byte] = static_cast<char>(tensor[element]);
  });
  return region;
}

void unpack(const ElementMap& map, const std::string& region, std::span<std::int8_t> tensor) {
  for_each_byte(map, [&](std::size_t byte, std::size_t element) {
    tensor[element] = static_cast<std::int8_t>(region[byte]);
  });
}

}  // namespace tileloom::target::vta

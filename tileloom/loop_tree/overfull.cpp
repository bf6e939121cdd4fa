#include "tileloom/loop_tree/overfull.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>

#include "tileloom/support/checked.hpp"

namespace tileloom {
namespace {

/// All, or if they are many the largest.
std::vector<Occupant> most_listed(std::span<const Occupant> here) {
  constexpr std::size_t kMostListed = 6;
  std::vector<Occupant> all(here.begin(), here.end());
  if (all.size() <= kMostListed) return all;
  std::ranges::stable_sort(all, std::greater<>{}, &Occupant::bits);
  all.resize(kMostListed - 1);
  return all;
}

}  // namespace

Violation overfull(const Workload& workload, const Memory& memory, std::span<const Occupant> here,
                   bool home) {
  std::int64_t used = 0;
  bool bytes = memory.capacity->value % 8 == 0;
  for (const Occupant& occupant : here) {
    used = checked_add(used, occupant.bits);
    bytes = bytes && occupant.bits % 8 == 0;
  }
  const auto size = [&](std::int64_t bits) {
    return bytes ? fmt::format("{} B", bits / 8) : fmt::format("{} bits", bits);
  };
  const std::vector<Occupant> listed = most_listed(here);
  std::vector<std::string> parts;
  for (const Occupant& occupant : listed) {
    parts.push_back(workload.tensors[occupant.tensor].name + " " + size(occupant.bits));
  }
  if (listed.size() < here.size()) {
    parts.push_back(fmt::format("{} more", here.size() - listed.size()));
  }
  const Occupant& largest = *std::ranges::max_element(here, {}, &Occupant::bits);
  return {Violation::Kind::capacity,
          fmt::format("{} holds {} of {}: {}{}", memory.name, size(used),
                      size(memory.capacity->value), fmt::join(parts, " + "),
                      memory.double_buffered ? " (each twice: double-buffered)" : ""),
          home ? fmt::format("the tensors that live at the same time need a {} of {}", memory.name,
                             size(used))
               : fmt::format("store smaller tiles of {} there, or leave it out",
                             workload.tensors[largest.tensor].name)};
}

}  // namespace tileloom

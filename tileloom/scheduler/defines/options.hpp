#pragma once
// What a user of DeFiNES chooses, and which of the published artifact's defects are repaired.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace tileloom::scheduler::defines {

/// What happens to the overlap of neighbouring tiles (axis 2 of the paper).
enum class Mode : std::uint8_t {
  fully_recompute,        ///< both directions are computed again
  h_cached_v_recompute,   ///< columns are kept for the right neighbour, rows are computed again
  fully_cached,           ///< columns and rows are kept
};
inline constexpr std::array<Mode, 3> kModes{Mode::fully_recompute, Mode::h_cached_v_recompute,
                                            Mode::fully_cached};
/// The artifact's name: "fully_recompute", "H_cached_V_recompute", "fully_cached".
std::string_view name(Mode mode);
/// The command line's name: "recompute", "h-cached", "cached".
std::string_view short_name(Mode mode);

/// A part of a feature map: columns and rows.
struct Extent {
  std::int64_t x = 1, y = 1;
  bool operator==(const Extent&) const = default;
};

/// Which defects of the artifact are repaired (numbers: README.md). Each can be chosen on its own.
struct Repairs {
  bool optional_ids = true;        ///< 1: a cut after layer 0 is a cut
  bool whole_weight_level = true;  ///< 2: the stack rule counts all instances of the weight level
  bool highest_cache_level = true; ///< 4: neighbours agree on the higher of their cache levels
  bool counted_caches = true;      ///< 5: first columns count their caches, at the mode's heights
  bool reserved_capacity = true;   ///< 7: the mapper sees what caches, weights and branches leave
  bool charged_input_caches = true;///< 8: caches of the stack input are written before being read
  bool sound_mapper = true;        ///< 9: an order for which a memory has no room is illegal; of
                                   ///<    equal energies the lower latency, not the first found
  bool operator==(const Repairs&) const = default;
};
/// Every repair by name, for options and reports.
struct RepairName {
  std::string_view name;
  bool Repairs::* flag;
  std::string_view meaning;
};
std::vector<RepairName> repair_names();
/// The artifact as it is: no repair.
Repairs as_published();

/// Fuse depth (axis 3): where the network is cut into stacks.
struct Depth {
  enum class Kind : std::uint8_t { automatic, single_stack, single_layer, given };
  Kind kind = Kind::automatic;
  std::vector<std::int64_t> cuts;  ///< after these layer ids, if given
  bool operator==(const Depth&) const = default;
};

/// One point of the design space.
struct Point {
  Mode mode = Mode::fully_cached;
  Extent tile;  ///< at the output of every stack
  bool operator==(const Point&) const = default;
};

struct Options {
  Depth depth;
  int lpf_limit = 6;  ///< loops a mapping's permutations may have (LOMA)
  Repairs repairs;
  bool operator==(const Options&) const = default;
};

}  // namespace tileloom::scheduler::defines

#pragma once
// Which element of a tensor each byte of a region holds: what a host packs and unpacks by. Written
// as runs of blocks alike, so that it takes a fraction of the region's room.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tileloom::target::vta {

/// Of a lane that holds no element.
inline constexpr std::int64_t kNoElement = INT64_MIN;

/// Blocks whose lanes hold elements in the same way. Block i of the run, 0 ≤ i < count, is the
/// region's block place + i · place_step; its lane l holds the element
/// element + i · element_step + offsets[pattern · lanes + l].
struct BlockRun {
  std::int64_t place = 0;
  std::int64_t place_step = 0;
  std::int64_t element = 0;
  std::int64_t element_step = 0;
  std::int64_t count = 1;
  std::int64_t pattern = 0;
  bool operator==(const BlockRun&) const = default;
};

struct ElementMap {
  std::int64_t bytes = 0;  ///< of the region
  std::int64_t lanes = 1;  ///< bytes of a block
  /// [pattern][lane], from a block's element on; kNoElement: zero in an input, dropped from a result.
  std::vector<std::int64_t> offsets;
  std::vector<BlockRun> runs;
  bool operator==(const ElementMap&) const = default;
};

/// Collects blocks to runs: a block joins the last run if it goes on as that one does.
class ElementMapBuilder {
 public:
  /// @param blocks  of the region   @param lanes  bytes of a block
  ElementMapBuilder(std::int64_t blocks, std::int64_t lanes);

  /// The number of a pattern of offsets, one per lane.
  std::int64_t pattern(std::span<const std::int64_t> offsets);
  void add(std::int64_t place, std::int64_t element, std::int64_t pattern);
  /// A block by the elements of its lanes; nothing is noted of one without any.
  void add(std::int64_t place, std::span<const std::int64_t> elements);

  ElementMap finish() && { return std::move(map_); }

 private:
  ElementMap map_;
  std::map<std::vector<std::int64_t>, std::int64_t> patterns_;
  std::vector<std::int64_t> scratch_;
};

/// What is wrong with a map for a region of `bytes` bytes and a tensor of `elements` elements: runs
/// outside either or of more blocks than there are, patterns that do not exist.
std::optional<std::string> violation(const ElementMap& map, std::int64_t bytes,
                                     std::int64_t elements);

/// The region's bytes; zeros where no element lies.
std::string pack(const ElementMap& map, std::span<const std::int8_t> tensor);

/// Puts the region's bytes into the elements they hold.
void unpack(const ElementMap& map, const std::string& region, std::span<std::int8_t> tensor);

}  // namespace tileloom::target::vta

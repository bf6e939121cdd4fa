#pragma once
// A program with the memory it runs in: what a compiler hands to a simulator.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tileloom/target/vta/isa/isa.hpp"

namespace tileloom::target::vta {

/// Bytes that neither a content nor a fill defines.
inline constexpr unsigned char kPoison = 0xA5;

/// Page 0 is invalid. [bytes]
inline constexpr std::int64_t kFirstAddress = 0x1000;

/// A piece of DRAM.
struct Region {
  std::string name;
  std::int64_t address = 0;  ///< physical, in bytes
  std::int64_t size = 0;     ///< [bytes]
  std::string content;       ///< initial bytes, at most `size`
  std::optional<unsigned char> fill;  ///< of what `content` leaves
  bool operator==(const Region&) const = default;
};

/// `size` bytes from `offset` of a region, to be written to `file` after the run.
struct OutputFile {
  std::string region;
  std::string file;
  std::int64_t offset = 0;
  std::int64_t size = 0;
  bool operator==(const OutputFile&) const = default;
};

/// What the region must hold after the run from `offset` on.
struct Expectation {
  std::string region;
  std::string file;  ///< where `content` came from, for messages
  std::int64_t offset = 0;
  std::string content;
  bool operator==(const Expectation&) const = default;
};

struct Image {
  Config config;
  std::vector<Instruction> program;
  std::vector<Region> regions;
  std::vector<OutputFile> outputs;
  std::vector<Expectation> expected;
  bool operator==(const Image&) const = default;
};

/// The region called `name`, or null.
const Region* find_region(const Image& image, const std::string& name);

/// The bytes of a region before the run.
std::string initial_content(const Region& region);

/// The region that holds all of [address, address + bytes), or null.
const Region* region_at(const Image& image, std::int64_t address, std::int64_t bytes);

/// Everything wrong with the regions and the program that can be seen before running it, but for
/// the order of instructions (order.hpp): overlapping regions, misplaced FINISH, violations of
/// single instructions, accesses outside regions and scratchpads. One sentence each.
std::vector<std::string> violations(const Image& image);

}  // namespace tileloom::target::vta

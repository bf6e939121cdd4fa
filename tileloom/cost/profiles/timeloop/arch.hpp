#pragma once
// Timeloop's architecture: a chain of storage levels above the MACs, each laid out as a mesh.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tileloom::cost::timeloop {

/// Hardware instances over the whole chip, laid out x wide and y high.
struct Mesh {
  std::int64_t x = 1;
  std::int64_t y = 1;
  bool operator==(const Mesh&) const = default;
};

/// The network from a level to its next inner level, per word.
struct Network {
  double hop_pj = 0;     ///< wire energy of one hop
  double router_pj = 0;  ///< energy of passing one router
  bool operator==(const Network&) const = default;
};

/// Words per cycle and instance; absent means unlimited.
struct Bandwidth {
  std::optional<double> read;
  std::optional<double> write;
  std::optional<double> shared;  ///< reads and writes together
  bool operator==(const Bandwidth&) const = default;
};

struct Level {
  std::string name;
  bool reduces = true;  ///< has an adder for partial sums; DRAM has none
  Mesh mesh;
  std::optional<std::int64_t> size_words;  ///< absent means unlimited
  std::int64_t word_bits = 16;
  std::int64_t block_size = 1;    ///< words per vector access
  std::int64_t cluster_size = 1;  ///< instances that share one physical array
  double multiple_buffering = 1;  ///< usable capacity = ⌊size / multiple_buffering⌋
  Bandwidth bandwidth;
  double vector_access_pj = 0;  ///< energy of one access to a block: read, fill or update
  std::string energy_source;    ///< where that figure comes from; may be empty
  Network network_to_child;
  /// Dataspaces the architecture lets in (absent: all); the mapping has the final say.
  std::optional<std::vector<std::string>> allowed;
  bool operator==(const Level&) const = default;
};

struct Arithmetic {
  Mesh mesh;
  std::int64_t word_bits = 16;
  double mac_pj = 0;
  std::string energy_source;  ///< where that figure comes from; may be empty
  bool operator==(const Arithmetic&) const = default;
};

/// Levels innermost first: levels[0] feeds the MACs, the last one holds every tensor whole.
struct Arch {
  std::string name;
  Arithmetic arithmetic;
  std::vector<Level> levels;
  bool operator==(const Arch&) const = default;
};

/// Instances that one instance of level `s` feeds, along X and Y (the MACs for s = 0).
Mesh fanout_of(const Arch& arch, std::size_t s);

/// Arrays that the instances of a level share, cluster_size of them each; at least one.
std::int64_t physical_arrays(const Level& level);

}  // namespace tileloom::cost::timeloop

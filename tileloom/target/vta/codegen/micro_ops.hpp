#pragma once
// The micro-op memory of a program being emitted.

#include <cstdint>
#include <map>
#include <vector>

#include "tileloom/target/vta/isa/isa.hpp"

namespace tileloom::target::vta {

/// Hands out places in the micro-op memory. Sequences that have been asked for before keep their
/// place; when the memory is full, it is filled anew from the beginning.
class MicroOpMemory {
 public:
  /// @param entries  of the memory that may be used
  MicroOpMemory(const Config& config, std::int64_t entries) : config_(config), entries_(entries) {}

  /// Where a sequence is, and the load that must run before it is used, if one must.
  struct Place {
    std::int64_t begin = 0;
    bool load = false;
    std::int64_t load_from = 0;  ///< index into `words()` of what is to be loaded to `begin`
    std::int64_t load_count = 0;
  };
  Place place(const std::vector<MicroOp>& sequence);

  /// Every sequence in DRAM, in the order in which they were first asked for.
  const std::vector<std::uint32_t>& words() const { return words_; }
  /// True if no sequence ever displaced another.
  bool never_full() const { return generation_ == 0; }

 private:
  struct Known {
    std::int64_t dram = 0;
    std::int64_t begin = -1;
    std::int64_t generation = -1;
  };
  const Config& config_;
  std::int64_t entries_;
  std::map<std::vector<std::uint32_t>, Known> known_;
  std::vector<std::uint32_t> words_;
  std::int64_t used_ = 0;
  std::int64_t generation_ = 0;
};

}  // namespace tileloom::target::vta

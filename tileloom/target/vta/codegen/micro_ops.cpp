#include "tileloom/target/vta/codegen/micro_ops.hpp"

#include "tileloom/target/vta/isa/encode.hpp"

namespace tileloom::target::vta {

MicroOpMemory::Place MicroOpMemory::place(const std::vector<MicroOp>& sequence) {
  std::vector<std::uint32_t> key;
  key.reserve(sequence.size());
  for (const MicroOp& micro_op : sequence) key.push_back(encode(config_, micro_op));
  const auto count = static_cast<std::int64_t>(key.size());
  const auto [found, is_new] = known_.try_emplace(key);
  Known& known = found->second;
  if (is_new) {
    known.dram = static_cast<std::int64_t>(words_.size());
    words_.insert(words_.end(), key.begin(), key.end());
  }
  if (known.generation == generation_) return {known.begin};
  if (used_ + count > entries_) {
    used_ = 0;
    ++generation_;
  }
  known.begin = used_;
  known.generation = generation_;
  used_ += count;
  return {known.begin, true, known.dram, count};
}

}  // namespace tileloom::target::vta

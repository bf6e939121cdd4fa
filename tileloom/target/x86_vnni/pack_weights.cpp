#include <algorithm>

#include "tileloom/embedding/gather.hpp"
#include "tileloom/target/x86_vnni/emit.hpp"

namespace tileloom::x86_vnni {
namespace {

/// Blocks that one trip of a kernel loop moves in the embedding's array of weights.
std::int64_t stride(const std::vector<std::int64_t>& strides, const KernelLoop& loop) {
  return loop.from.empty() ? 0 : strides[loop.from.back()];
}

}  // namespace

std::vector<std::int8_t> pack_weights(const Operator& op, const Instruction& instruction,
                                      const Embedding& embedding, const Plan& plan,
                                      std::span<const std::int8_t> weights) {
  const std::vector<OuterLoop> loops = outer_loops(op, instruction, embedding);
  const Gather gather(op, embedding, loops, packed_operands(op, instruction, embedding, loops)[1]);
  const std::vector<std::int64_t> strides = loop_strides(gather.packed(), loops.size());
  const std::int64_t size = block_elements(gather.packed());
  std::vector<std::int8_t> packed;
  packed.reserve(static_cast<std::size_t>(weight_bytes(plan)));
  const auto add_block = [&](std::int64_t block) {
    const Gather::Block place = gather.block_at(block);
    for (std::int64_t lane = 0; lane < size; ++lane) {
      const auto element = gather.element(place, lane);
      packed.push_back(element ? weights[static_cast<std::size_t>(*element)] : std::int8_t{0});
    }
  };
  std::vector<std::int64_t> starts{0};
  const auto expand = [&](std::vector<std::int64_t> from, const KernelLoop& loop) {
    std::vector<std::int64_t> to;
    for (const std::int64_t start : from) {
      for (std::int64_t trip = 0; trip < loop.trips; ++trip) {
        to.push_back(start + trip * stride(strides, loop));
      }
    }
    return to;
  };
  for (const KernelLoop& group : plan.groups) starts = expand(starts, group);
  std::vector<std::int64_t> sums{0};
  for (const KernelLoop& sum : plan.sums) sums = expand(sums, sum);
  for (const std::int64_t group : starts) {
    for (std::int64_t k = 0; k < plan.channels.trips; k += plan.tile_blocks) {
      const std::int64_t end = std::min(k + plan.tile_blocks, plan.channels.trips);
      for (const std::int64_t sum : sums) {
        for (std::int64_t b = k; b < end; ++b) {
          add_block(group + sum + b * stride(strides, plan.channels));
        }
      }
    }
  }
  return packed;
}

}  // namespace tileloom::x86_vnni

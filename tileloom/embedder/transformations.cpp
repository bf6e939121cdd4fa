#include "tileloom/embedder/transformations.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tileloom/embedding/check.hpp"

namespace tileloom::embedder {
namespace {

std::string names(const Operator& op, const std::vector<RankId>& ranks) {
  std::vector<std::string> all;
  for (const RankId rank : ranks) all.push_back(op.rank(rank).name);
  return fmt::format("{}", fmt::join(all, "·"));
}

void add_lanes(const Instruction& instruction, const Embedding& embedding,
               std::vector<Transformation>& list) {
  for (std::size_t t = 0; t < embedding.lanes.size(); ++t) {
    const LaneMap& map = embedding.lanes[t];
    const auto dim = static_cast<LaneDimId>(t);
    if (map.fused) {
      Fuse fuse{{}, dim};
      for (const Digit& digit : map.digits) fuse.ranks.push_back(digit.rank);
      list.emplace_back(std::move(fuse));
      continue;
    }
    std::int64_t used = 1;
    for (const Digit& digit : map.digits) {
      list.emplace_back(Tile{digit.rank, digit.lanes, dim});
      used *= digit.lanes;
    }
    if (used < instruction.dim(dim).extent) list.emplace_back(Idle{dim, used});
  }
}

/// One sentence per kind.
struct Sentence {
  const Operator& op;
  const Instruction& instruction;
  const Embedding& embedding;

  std::string operator()(const SwapRoles&) const {
    return "swap roles: the operator's first input is the instruction's weights";
  }
  std::string operator()(const Tile& tile) const {
    return fmt::format("tile {} by {} into {}", op.rank(tile.rank).name, tile.lanes,
                       instruction.dim(tile.dim).name);
  }
  std::string operator()(const Pad& pad) const {
    return fmt::format("pad {} from {} to {}", names(op, pad.ranks), pad.from, pad.to);
  }
  std::string operator()(const Fuse& fuse) const {
    return fmt::format("fuse {} and tile the product by {} into {}", names(op, fuse.ranks),
                       instruction.dim(fuse.dim).extent, instruction.dim(fuse.dim).name);
  }
  std::string operator()(const Idle& idle) const {
    return fmt::format("leave {} of the {} lanes of {} idle",
                       instruction.dim(idle.dim).extent - idle.used,
                       instruction.dim(idle.dim).extent, instruction.dim(idle.dim).name);
  }
  std::string operator()(const Pack& pack) const {
    return fmt::format("pack the {} as [{}][{}]{}",
                       instruction_operand(instruction, pack.part).name,
                       fmt::join(pack.blocks, ", "), fmt::join(pack.lanes, ", "),
                       !pack.copies                ? ""
                       : pack.part == Part::result ? ", adding partial sums"
                                                   : ", copying elements (im2col)");
  }
  std::string operator()(const KeepAxis& keep) const {
    const Axis& axis = tensor_operand(op, embedding, keep.part).axes[keep.axis];
    return fmt::format("keep the {}'s axis {}{}: windows are addressed, not copied",
                       instruction_operand(instruction, keep.part).name, formula(op, axis),
                       keep.unit == 1 ? "" : fmt::format(" in steps of {}", keep.unit));
  }
};

}  // namespace

std::vector<Transformation> transformations(const Operator& op, const Instruction& instruction,
                                            const Embedding& embedding) {
  std::vector<Transformation> list;
  if (embedding.swapped) list.emplace_back(SwapRoles{});
  add_lanes(instruction, embedding, list);
  const std::vector<OuterLoop> loops = outer_loops(op, instruction, embedding);
  for (const OuterLoop& loop : loops) {
    if (is_padded(loop)) list.emplace_back(Pad{loop.ranks, loop.extent, loop.trips * loop.tile});
  }
  for (const PackedOperand& packed : packed_operands(op, instruction, embedding, loops)) {
    Pack pack{packed.part, {}, packed.lanes, false};
    for (const PackedAxis& axis : packed.axes) {
      if (axis.extent > 1) pack.blocks.push_back(axis.extent);
    }
    pack.copies = needed_layout(op, instruction, embedding, packed.part) == Layout::replicated;
    list.emplace_back(std::move(pack));
    for (const PackedAxis& axis : packed.axes) {
      if (axis.shared_axis) list.emplace_back(KeepAxis{packed.part, *axis.shared_axis, axis.unit});
    }
  }
  return list;
}

std::string to_text(const Operator& op, const Instruction& instruction, const Embedding& embedding,
                    const Transformation& transformation) {
  return std::visit(Sentence{op, instruction, embedding}, transformation);
}

tl::expected<LoopTree, std::string> loop_tree(const Operator& op, OperatorId id,
                                              const Instruction& instruction,
                                              const Embedding& embedding,
                                              const std::vector<std::optional<AxisId>>& axes) {
  LoopTree tree;
  tree.tail = ComputeLeaf{id};
  for (const OuterLoop& loop : outer_loops(op, instruction, embedding)) {
    if (loop.ranks.size() > 1) {
      return tl::unexpected(
          fmt::format("the loop over the product {} is none over a rank, so no tree has it",
                      names(op, loop.ranks)));
    }
    if (loop.trips > 1) tree.path.emplace_back(Loop{id, loop.ranks.front(), loop.tile, {}});
  }
  for (std::size_t t = 0; t < embedding.lanes.size(); ++t) {
    for (const Digit& digit : embedding.lanes[t].digits) {
      if (op.rank(digit.rank).extent == 1) continue;
      tree.path.emplace_back(Loop{id, digit.rank, 1, t < axes.size() ? axes[t] : std::nullopt});
    }
  }
  return tree;
}

}  // namespace tileloom::embedder

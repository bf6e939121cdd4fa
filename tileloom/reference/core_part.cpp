#include "tileloom/reference/core_part.hpp"

#include <algorithm>

namespace tileloom::reference {
namespace {

PartBox hull(const PartBox& a, const PartBox& b) {
  if (volume(a) == 0) return b;
  if (volume(b) == 0) return a;
  PartBox both;
  for (std::size_t i = 0; i < kSplitAxes; ++i) {
    both[i] = {std::min(a[i].begin, b[i].begin), std::max(a[i].end, b[i].end)};
  }
  return both;
}

/// The digits of `number` in the mixed base `base`, the last axis fastest.
PerSplit<std::int64_t> digits(std::int64_t number, const PerSplit<std::int64_t>& base) {
  PerSplit<std::int64_t> found{};
  for (std::size_t i = kSplitAxes; i-- > 0;) {
    found[i] = number % base[i];
    number /= base[i];
  }
  return found;
}

}  // namespace

std::int64_t volume(const PartBox& box) {
  std::int64_t product = 1;
  for (const Interval& interval : box) product *= interval.length();
  return product;
}

CorePart core_part(const NetworkField& field, const Block& block, Halo halo,
                   const PerSplit<std::int64_t>& cores, std::int64_t core,
                   const PerSplit<std::int64_t>& tiles, std::int64_t tile) {
  const PerSplit<std::int64_t> c = digits(core, cores);
  const PerSplit<std::int64_t> t = digits(tile, tiles);
  const auto even = [&](TensorId id) {
    PartBox box;
    for (std::size_t a = 0; a < kSplitAxes; ++a) {
      const Interval all = written(field, block, id, static_cast<SplitAxis>(a));
      const Interval share =
          even_part(all.length(), cores[a] * tiles[a], c[a] * tiles[a] + t[a]);
      box[a] = {all.begin + share.begin, all.begin + share.end};
    }
    return box;
  };
  CorePart part;
  for (const TensorId id : block.outputs) part.needed[id] = part.own[id] = even(id);
  if (halo == Halo::exchanged) {
    for (const TensorId id : block.inside) part.needed[id] = part.own[id] = even(id);
  }
  part.ranks.resize(block.operators.size());
  for (std::size_t i = block.operators.size(); i-- > 0;) {
    const OperatorField& op = field.operators[block.operators[i]];
    const TensorId made = block.output_of[i];
    const PartBox wanted = halo == Halo::exchanged ? even(made) : part.needed[made];
    for (std::size_t a = 0; a < kSplitAxes; ++a) {
      part.ranks[i][a] =
          volume(wanted) == 0 ? Interval{} : ranks_for(op.write[a], wanted[a], op.extent[a]);
    }
    if (volume(part.ranks[i]) == 0) continue;
    for (const OperatorField::Read& read : op.reads) {
      PartBox box;
      for (std::size_t a = 0; a < kSplitAxes; ++a) {
        box[a] = indices_for(read.moves[a], part.ranks[i][a], field.extent[read.tensor][a]);
      }
      part.needed[read.tensor] = hull(part.needed[read.tensor], box);
    }
  }
  return part;
}

}  // namespace tileloom::reference

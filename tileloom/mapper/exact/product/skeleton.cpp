#include "tileloom/mapper/exact/product/skeleton.hpp"

#include <algorithm>
#include <bit>

namespace tileloom::mapper::product {
namespace {

/// Orders the Stores of each operand's chain of memories, one Store at a time.
class Weaver {
 public:
  Weaver(const Terrain& terrain, const std::vector<std::uint32_t>& keeps) : terrain_(terrain) {
    for (std::size_t o = 0; o < keeps.size(); ++o) {
      std::vector<MemoryId> chain;
      const MemoryId home = terrain.space->residents[o].home;
      for (std::uint32_t rest = keeps[o]; rest != 0; rest &= rest - 1) {
        const auto memory = static_cast<MemoryId>(std::countr_zero(rest));
        if (memory != home) chain.push_back(memory);
      }
      chains_.push_back(std::move(chain));
    }
    next_.assign(keeps.size(), 0);
    last_.assign(keeps.size(), std::nullopt);
  }

  std::vector<Skeleton> run() {
    extend();
    return std::move(result_);
  }

 private:
  std::size_t segment(std::size_t operand) const {
    return terrain_.memories[index(chains_[operand][next_[operand]])].segment;
  }

  void extend() {
    std::size_t first = SIZE_MAX;  // the outermost segment that still has Stores to come
    for (std::size_t o = 0; o < chains_.size(); ++o) {
      if (next_[o] < chains_[o].size()) first = std::min(first, segment(o));
    }
    if (first == SIZE_MAX) {
      finish();
      return;
    }
    for (std::size_t o = 0; o < chains_.size(); ++o) {
      if (next_[o] == chains_[o].size() || segment(o) != first) continue;
      const std::optional<std::size_t> parent = last_[o];
      stores_.push_back({o, chains_[o][next_[o]], parent});
      last_[o] = stores_.size() - 1;
      ++next_[o];
      extend();
      --next_[o];
      last_[o] = parent;
      stores_.pop_back();
    }
  }

  void finish() {
    Skeleton skeleton;
    skeleton.stores = stores_;
    for (std::size_t a = 0; a < terrain_.open.size(); ++a) {
      const std::size_t below = terrain_.space->arch->axes[terrain_.open[a].id].below;
      std::size_t block = 0;
      while (block < stores_.size() && index(stores_[block].memory) < below) ++block;
      skeleton.block_of_axis.push_back(block);
    }
    find_blocks(skeleton);
    result_.push_back(std::move(skeleton));
  }

  enum class Sinking : std::uint8_t { never, uncrossed, always };

  /// A loop over a rank that the Store below its block does not have can stand below that Store as
  /// well. docs/exact_mapper.md (R2)
  Sinking sinks(const Skeleton& skeleton, std::size_t rank, std::size_t b) const {
    const auto relevance = [&](const PlacedStore& store) {
      return terrain_.operands[store.operand].relevance[rank];
    };
    const auto segment = [&](const PlacedStore& store) {
      return terrain_.memories[index(store.memory)].segment;
    };
    const PlacedStore& below = skeleton.stores[b];
    if (relevance(below) != Relevance::none) return Sinking::never;
    // A reduction above a Store of results makes them partial sums, which may be narrower.
    const OperandFacts& tensor = terrain_.operands[below.operand];
    if (tensor.partial_bits < tensor.bits) return Sinking::never;
    Sinking sinking = Sinking::always;
    for (const OperandFacts& operand : terrain_.operands) {
      if (operand.relevance[rank] == Relevance::general) sinking = Sinking::uncrossed;
    }
    for (std::size_t s = b + 1; s < skeleton.stores.size(); ++s) {
      const PlacedStore& store = skeleton.stores[s];
      if (relevance(store) == Relevance::none) continue;
      if (relevance(store) == Relevance::general) return Sinking::never;
      // Inside others the loop would let them fall back with it, and windows keep less.
      if (!terrain_.operands[store.operand].axes.empty()) return Sinking::never;
      if (segment(store) != segment(below)) return Sinking::never;
      sinking = Sinking::uncrossed;
    }
    return sinking;
  }

  void find_blocks(Skeleton& skeleton) const {
    const std::uint32_t all = (std::uint32_t{1} << skeleton.blocks()) - 1;
    skeleton.may_hold.assign(terrain_.extents.size(), all);
    skeleton.may_hold_crossed = skeleton.may_hold;
    for (std::size_t r = 0; r < terrain_.extents.size(); ++r) {
      for (std::size_t b = 0; b < skeleton.stores.size(); ++b) {
        const Sinking sinking = sinks(skeleton, r, b);
        if (sinking != Sinking::never) skeleton.may_hold[r] &= ~(std::uint32_t{1} << b);
        if (sinking == Sinking::always) skeleton.may_hold_crossed[r] &= ~(std::uint32_t{1} << b);
      }
    }
  }

  const Terrain& terrain_;
  std::vector<std::vector<MemoryId>> chains_;
  std::vector<std::size_t> next_;
  std::vector<std::optional<std::size_t>> last_;
  std::vector<PlacedStore> stores_;
  std::vector<Skeleton> result_;
};

}  // namespace

std::vector<Skeleton> skeletons(const Terrain& terrain, const std::vector<std::uint32_t>& keeps) {
  return Weaver(terrain, keeps).run();
}

}  // namespace tileloom::mapper::product

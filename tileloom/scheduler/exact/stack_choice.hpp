#pragma once
// The ways to run a range of operators as one stack, and what each costs.

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "tileloom/scheduler/exact/run_mapping.hpp"
#include "tileloom/scheduler/exact/weight_sets.hpp"
#include "tileloom/scheduler/fused_schedule.hpp"

namespace tileloom::scheduler::exact {

/// What stays of an intermediate tensor from tile to tile.
enum class Overlap : std::uint8_t {
  recompute,  ///< nothing: halos are computed again
  row,        ///< along the inner loop; along the outer one halos are computed again
  all         ///< everything that is needed again
};

/// A loop over tiles of one rank of the last operator.
struct TileLoop {
  RankId rank{};
  std::int64_t tile = 1;
  auto operator<=>(const TileLoop&) const = default;
};

/// One way to tile a stack: loops over ranks of its last operator, the outermost first.
struct Tiling {
  std::vector<TileLoop> loops;
  Overlap overlap = Overlap::row;
  WeightSet streamed = 0;  ///< weights that are fetched in every run, the others once
  /// Homes of the stack, by their place in `StackSpace::homes`, that lie in the memory of
  /// activations instead of the outermost: a bit each.
  std::uint32_t inside = 0;
  /// Tensors, by their place among those of the stack, whose overlap is another.
  std::map<std::size_t, Overlap> other_overlaps = {};
  auto operator<=>(const Tiling&) const = default;
};

/// Of the stack's tensor at `place`.
Overlap overlap_of(const Tiling& tiling, std::size_t place);
/// The overlap of a tiling that computes nothing twice: along one loop, rows are all there is.
inline Overlap most_kept(const Tiling& tiling) {
  return tiling.loops.size() > 1 ? Overlap::all : Overlap::row;
}

/// ⌈extent / n⌉, n = 1, 2, …: the sizes at which the number of tiles changes, for each number the
/// smallest; the largest first.
std::vector<std::int64_t> breakpoints(std::int64_t extent);

/// Whether a stack fits.
enum class Fit : std::uint8_t {
  no,
  some_paths,  ///< of its runs
  any_paths    ///< also those whose results wait as sums
};

/// Operators first … last of the workload.
struct Range {
  std::size_t first = 0;
  std::size_t last = 0;
  std::size_t length() const { return last - first + 1; }
};

/// A tiling with its cost.
struct StackChoice {
  Tiling tiling;
  Cycles latency{};
  Picojoules energy{};
  double home_bits = 0;         ///< through the outermost memory
  std::int64_t inner_bits = 0;  ///< the most in the memories inside it
  double aimed = 0;             ///< which of them is to be little, if any
  double beside = 0;            ///< the second of them, in fronts of both
};

/// Which tensors of a stack move with which rank of its last operator: [rank][tensor].
using Movement = std::vector<std::vector<bool>>;

/// Bits that pass the ports of the outermost memory.
double home_traffic(const std::vector<cost::PortTime>& ports);
/// Bits in all instances of the memories inside the outermost.
std::int64_t inner_occupancy(const Architecture& arch,
                             const std::vector<cost::Occupancy>& occupancy);

class StackSpace {
 public:
  /// @param less_room  whether less room is worth more traffic: weights are streamed that fit, too
  StackSpace(const NetworkProblem& problem, const StackMemories& memories, RunMapper& runs,
             bool less_room = false)
      : problem_(problem), memories_(memories), runs_(runs), less_room_(less_room) {}

  /// Every tiling of the range that is tried; none if the range is no legal stack: those of `grid`
  /// and of `largest`.
  std::vector<Tiling> tilings(const Range& range) const;
  /// The ranks of one or two loops over tiles, the outer one first.
  std::vector<std::vector<RankId>> loop_ranks(const Range& range) const;
  /// Tiles of few sizes, whether or not they fit.
  std::vector<Tiling> grid(const Range& range) const;
  /// Of the tilings with sizes of `breakpoints` those that fit and that no larger tiles cover: with
  /// no weights streamed, with the largest, with the two largest, … Nothing is looked for that a
  /// tiling covers that is not `worth` it. docs/cost_model.md 9.8
  using Worth = std::function<bool(const Tiling&)>;
  std::vector<Tiling> largest(const Range& range, const Worth& worth) const;

  /// Whether a window of an operator reads more than one index for one of its result, so that tiles
  /// may overlap.
  bool has_windows(const Range& range) const;

  /// The tilings that keep less of one intermediate tensor, by one step: of one whose tiles
  /// overlap.
  std::vector<Tiling> keeping_less(const Range& range, const Tiling& tiling) const;
  /// Whether one memory holds tiles and weights, so that what is kept displaces weights.
  bool weights_beside() const { return memories_.weights == memories_.activations; }

  /// The fused tree of a tiling, below the homes `homes` (its own if they are to be added to).
  /// Absent if an operator has no mapping.
  std::optional<LoopTree> tree(const Range& range, const Tiling& tiling) const;

  /// The tensors of the range that have their home outside it.
  const std::vector<TensorId>& homes(const Range& range) const { return known(range).homes; }

  /// The tensors of the range that may be streamed, the largest first: `Tiling::streamed` counts
  /// them so.
  const std::vector<TensorId>& weights(const Range& range) const { return known(range).weights; }

  /// What no mapping of its runs can beat, whatever weights are streamed (if readers leave nothing
  /// out between them); the tiling with those of the least traffic with which it fits. Absent if nothing fits.
  std::optional<StackChoice> bound(const Range& range, Tiling tiling) const;

  /// The costs with every set of weights streamed that no other set is better than, those of the
  /// least traffic first; none if nothing fits or has a mapping.
  std::vector<StackChoice> costs(const Range& range, const Tiling& tiling) const;

  /// The cost with just the weights of the tiling streamed; absent if it does not fit or has no
  /// mapping.
  std::optional<StackChoice> cost_as_streamed(const Range& range, const Tiling& tiling) const;

  /// As `bound`, were all memories large enough: no tiling that this one covers costs less (F11),
  /// if it streams no fewer weights. Absent if the tiling is not legal.
  std::optional<StackChoice> bound_of_covered(const Range& range, const Tiling& tiling) const;

  /// The cost were all memories large enough, no occupancy counted.
  std::optional<StackChoice> unlimited(const Range& range, const Tiling& tiling) const;

  /// The stack with its homes in front.
  FusedStack stack(const Range& range, const LoopTree& tree, std::uint32_t inside = 0) const;

  /// The homes of the tensors of `homes`.
  std::vector<Store> home_stores(const Range& range, std::uint32_t inside) const;

  /// Every way to have homes of activations in the memory of activations that holds them whole, but
  /// for the one in which none lies there; none if there are more than four.
  std::vector<std::uint32_t> ways_inside(const Range& range) const;

  /// Bits that the homes `inside` take, for the whole life of the stack.
  std::int64_t bits_inside(const Range& range, std::uint32_t inside) const;

  /// Ranges with equal text have equal tilings at equal cost.
  std::string text(const Range& range) const;

 private:
  /// A stack with its plan.
  struct Planned {
    LoopTree frame;
    FusedStack stack;
    FusedPlan plan;
    std::vector<StackPeak> peaks;
  };
  /// The first trips of so many outermost loops, as if there were no other: what they take is no
  /// less if tiles are larger, and no more than what all iterations do.
  Planned first(const Range& range, const Tiling& tiling, std::size_t loops) const;
  Planned planned(const Range& range, const Tiling& tiling) const;
  /// Whether the stack fits with just the weights of the tiling streamed.
  Fit fit(const Range& range, const Tiling& tiling) const;
  /// Whether the first trip of the outer loop of two fits; of one loop all of it.
  Fit row_fit(const Range& range, const Tiling& tiling) const;
  Fit fit(const Range& range, const Tiling& tiling, Planned found) const;
  /// Whether tiles of these ranks neither overlap nor leave gaps.
  bool are_even(const Range& range, const std::vector<RankId>& ranks) const;
  /// Whether all weights fit that are not streamed, no other tensors beside them.
  bool all_weights_fit(const Range& range, WeightSet streamed) const;
  /// A tiling whose weights all stay, and the sets to stream with which it fits (`needed_sets`).
  struct Streamings {
    Planned staying;
    std::vector<StreamedSet> sets;
  };
  /// Absent if it is not legal or does not fit, however many weights are streamed.
  std::optional<Streamings> streamings(const Range& range, Tiling tiling) const;
  std::vector<StreamedSet> sets(const Range& range, const Tiling& tiling,
                                const Planned& staying) const;
  /// The same with the weights of the tiling streamed: its runs are the same.
  Planned streaming(const Range& range, const Tiling& tiling, const Planned& staying) const;
  bool fits(const Range& range, const Tiling& tiling, const std::vector<StackPeak>& peaks) const;

  /// Absent if the range is no legal stack. Remembered.
  std::shared_ptr<const Movement> movement(const Range& range) const;
  std::shared_ptr<const Movement> find_movement(const Range& range) const;
  /// The ranks of the last operator that move an intermediate tensor.
  std::vector<RankId> tiled_ranks(const Range& range) const;

  /// The tensors of a range, and which of them are weights that may be streamed, the largest first,
  /// and which have their home outside it.
  struct RangeTensors {
    std::vector<StackTensor> all;
    std::vector<TensorId> weights;
    std::vector<TensorId> homes;
  };
  /// Remembered.
  const RangeTensors& known(const Range& range) const;
  const std::vector<StackTensor>& tensors(const Range& range) const { return known(range).all; }
  RangeTensors find_tensors(const Range& range) const;
  /// The operators of the range below nothing.
  LoopTree sequence_of(const Range& range) const;
  std::size_t depth_of(const Range& range, const Tiling& tiling, std::size_t place,
                       const StackTensor& tensor) const;
  LoopTree frame(const Range& range, const Tiling& tiling) const;
  /// The frame with its children's paths. Their plan is that of the frame.
  std::optional<LoopTree> filled(const Range& range, LoopTree frame,
                                 const FusedPlan& planned) const;
  StackChoice evaluated(const Tiling& tiling, const FusedStack& stack, const FusedPlan& planned,
                        const std::vector<StackPeak>& peaks) const;
  StackChoice choice_of(const Tiling& tiling, const FusedStack& stack,
                        const cost::FusedEvaluation& evaluation) const;
  /// Whether tiles of this tensor overlap: a reader has a halo, or computes one again.
  bool overlaps(const Range& range, const Tiling& tiling, std::size_t place) const;
  bool is_legal(const Range& range, const LoopTree& tree, std::uint32_t inside) const;
  /// Whether the structure of a tiling is legal, whatever the sizes of its tiles.
  bool is_legal(const Range& range, const Tiling& tiling) const;
  /// Whether all is computed that is needed after the stack.
  bool is_complete(const FusedPlan& planned) const;
  /// What no mapping of the runs can beat.
  cost::FusedEvaluation bounded(const Range& range, const Planned& planned) const;
  bool is_weight(const Range& range, TensorId tensor) const;
  FusedStack bare(const Range& range) const;

  const NetworkProblem& problem_;
  StackMemories memories_;
  RunMapper& runs_;
  bool less_room_;
  mutable std::mutex mutex_;
  mutable std::map<std::pair<std::size_t, std::size_t>, std::shared_ptr<const Movement>> movements_;
  mutable std::map<std::pair<std::size_t, std::size_t>, RangeTensors> tensors_;
};

/// "P in 4, Q in 28, halos kept, 2 weights streamed".
std::string words(const NetworkProblem& problem, const Range& range, const Tiling& tiling);

/// Whether `a` is as good as `b` in latency, energy and the aims.
inline bool as_good(const StackChoice& a, const StackChoice& b) {
  return a.latency <= b.latency && a.energy <= b.energy && a.aimed <= b.aimed &&
         a.beside <= b.beside;
}

}  // namespace tileloom::scheduler::exact

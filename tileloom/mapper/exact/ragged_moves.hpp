#pragma once
// Random changes of a path whose tiles need not divide their chunks: what annealing with imperfect
// factors walks over. docs/exact_mapper.md, section 6.

#include <optional>
#include <vector>

#include "tileloom/mapper/mapspace.hpp"
#include "tileloom/support/random.hpp"

namespace tileloom::mapper {

/// Changes paths that begin with the homes of all tensors and whose other nodes may stand in any
/// order that rule 3 of cost_model.md 1.6 allows.
class RaggedMoves {
 public:
  explicit RaggedMoves(const MapSpace& space);

  /// One change: a loop gets other trips and another of its rank, or a new one, makes up for it;
  /// two ranks exchange factors or positions of an axis; a loop or a Store goes to another place;
  /// or a tensor is kept in one memory more or less. False if the change drawn is none or leaves an
  /// axis or the order of Stores and axes broken; the path is then of no use.
  bool operator()(std::vector<PathNode>& path, Random& random);

  /// The loop over time at one position goes to another; loops of its rank that it passes keep
  /// their trips. False as above, or if there is none at `from`.
  bool place_loop(std::vector<PathNode>& path, std::size_t from, std::size_t to);

 private:
  using Path = std::vector<PathNode>;
  /// Where a loop may stand: among the temporal loops at a place of the path, or on an axis.
  struct Place {
    std::size_t position = 0;
    std::optional<AxisId> axis;
  };

  bool resize(Path& path, Random& random);
  bool exchange(Path& path, Random& random);
  bool trade(Path& path, Random& random);
  bool move_loop(Path& path, Random& random);
  bool move_store(Path& path, Random& random);
  bool toggle(Path& path, Random& random);
  void take_to(Path& path, std::size_t from, std::size_t to);

  std::size_t any_position(const Path& path, Random& random) const;
  std::size_t any_rank(Random& random) const { return ranks_[random.below(ranks_.size())]; }
  Place any_place(const Path& path, Random& random) const;
  std::size_t any_loop(const Path& path, std::size_t rank, Random& random) const;
  std::size_t loop_at(Path& path, std::size_t rank, const Place& place) const;
  std::int64_t room(const Path& path, AxisId axis, std::size_t but);

  void list_loops(const Path& path, std::size_t rank);
  std::size_t number_of(std::size_t position) const;
  std::int64_t trips_at(const Path& path, std::size_t position);
  void refit(Path& path, std::size_t changed, std::int64_t trips, std::size_t absorber);
  void tidy(Path& path);
  bool sound(const Path& path);

  const MapSpace& space_;
  std::vector<std::size_t> ranks_;  ///< with an extent above 1
  std::vector<AxisId> axes_;        ///< inside all homes, of more than one position
  std::size_t homes_ = 0;
  // Working memory.
  std::vector<std::size_t> loops_;    ///< positions of one rank's loops
  std::vector<std::int64_t> trips_;   ///< of these
  std::vector<std::int64_t> chunks_;  ///< by rank
  std::vector<std::int64_t> used_;    ///< by axis
};

}  // namespace tileloom::mapper

#pragma once
#include "tileloom/mapper/exact/product/sketch.hpp"
#include "tileloom/support/random.hpp"

namespace tileloom::mapper::product {

/// Random changes of a sketch; what results has the structure of the space, but the rules of
/// `legal` and what fits are up to the caller.
class SketchMoves {
 public:
  explicit SketchMoves(const Terrain& terrain);

  /// One change: a factor of a rank goes to another block or axis, two ranks exchange factors, a
  /// loop or a Store goes to another place, or a tensor is kept in one memory more or less. False
  /// if the kind drawn finds nothing to change.
  bool operator()(Sketch& sketch, Random& random) const;

 private:
  /// A block, or an axis.
  struct Place {
    std::size_t number = 0;
    bool axis = false;
    bool operator==(const Place&) const = default;
  };

  bool shift(Sketch& sketch, Random& random) const;
  bool exchange(Sketch& sketch, Random& random) const;
  bool reorder(Sketch& sketch, Random& random) const;
  bool swap_stores(Sketch& sketch, Random& random) const;
  bool toggle(Sketch& sketch, Random& random) const;
  void remove_store(Sketch& sketch, std::size_t s) const;
  bool insert_store(Sketch& sketch, const SketchedStore& store, Random& random) const;

  std::int64_t& trips_at(Sketch& sketch, const Place& place, std::size_t rank) const;
  Place any_place(const Sketch& sketch, Random& random) const;
  /// A place where the rank has a loop.
  Place taken_place(Sketch& sketch, std::size_t rank, Random& random) const;
  std::size_t any_rank(Random& random) const { return ranks_[random.below(ranks_.size())]; }
  std::int64_t any_prime(std::size_t rank, std::int64_t trips, Random& random) const;
  void add_trips(Sketch& sketch, const Place& place, std::size_t rank, std::int64_t factor,
                 Random& random) const;
  void move_loop(Sketch& sketch, std::size_t block, std::size_t rank, std::size_t position) const;

  const Terrain& terrain_;
  std::vector<std::size_t> ranks_;                 ///< with an extent above 1
  std::vector<std::vector<std::int64_t>> primes_;  ///< by rank: those of its extent, once each
};

}  // namespace tileloom::mapper::product

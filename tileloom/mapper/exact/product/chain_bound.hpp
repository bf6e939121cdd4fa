#pragma once
// The least cost of a complete spatial choice over all nested tile shapes and all orders in which
// boxes may move. docs/exact_mapper.md (R12)

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "tileloom/mapper/exact/product/chain_values.hpp"
#include "tileloom/mapper/exact/product/temporal.hpp"

namespace tileloom::mapper::product {

/// Sums in another order differ by rounding: bounds are lowered by this share.
inline constexpr double kRoundingOfChains = 1e-11;

/// Shapes times sets of Stores that are worth the memory of a bound: sets with the outer Stores of a
/// tensor before the inner ones; and of search_walks, which has several numbers for every set.
inline constexpr double kMostShapes = 4e6;
inline constexpr double kMostShapesOfWalks = 2e6;

/// True if a spatial choice has few enough Stores and shapes.
bool chains_fit(const ChainProblem& problem);
bool walks_fit(const ChainProblem& problem);
/// About the work that a bound of a spatial choice takes.
double chain_work(const ChainProblem& problem, const cost::Objective& objective);

/// What spatial choices have in common. Not shared between problems.
struct ChainMemo {
  /// Least values of forms that some Stores leave alone, for choices that differ only inside these.
  std::map<std::vector<double>, double> least;
  SlidingMemo sliding;
};

class ChainBound {
 public:
  ChainBound(const ChainProblem& problem, Detail detail, ChainMemo& memo);
  // What makes the numbers of moving() refers to the other members.
  ChainBound(const ChainBound&) = delete;
  ChainBound& operator=(const ChainBound&) = delete;

  /// The least energy and the least cycles, each alone, as far as asked for.
  Bounds bounds(bool energy, bool cycles);
  /// The least cycles times energy. Ends early when it is at least `enough`.
  double product(double enough);
  /// The least score of all mappings of the spatial choice; infinite if nothing fits. Ends early
  /// when it does not improve on the record. What it takes is added to the record's work.
  cost::Score score(Record& record);
  /// The same of the mappings of set_width.
  cost::Score score_there(Record& record);
  /// What the least of every count alone costs there.
  cost::Score floor_there(const Record& record) const;

  /// The output's boundaries that may be the first that partial sums cross: from this one on to
  /// ChainProblem::unfinished.
  std::size_t first_width() const;
  /// What follows is about mappings where that is the first.
  void set_width(std::size_t unfinished);
  /// The least of the form over all walks. `whole`: also of Stores that cost nothing, which still
  /// need room.
  double least_of(const Form& form, bool whole = false);
  /// Of that form: the least that is left by the shape inside, where the Stores of the set are those
  /// whose boxes have moved last; empty if no walk passes there.
  const Grid& left(std::uint32_t set) const { return best_[set & active_]; }
  /// What no Store changes of the form.
  double rest_of(const Form& form) const;
  /// The price of a cycle that score_there tried last.
  double price() const { return price_; }

  /// Since it was asked last, in eighths of an evaluation.
  std::int64_t work();

  const ChainProblem& problem() const { return problem_; }
  const Shapes& shapes() const { return shapes_; }
  const std::vector<Moving>& moving() const { return moving_; }
  const std::vector<std::size_t>& sliding() const { return sliding_; }
  /// Where a loop's number stands in Moving::values of a class; the shape inside it.
  std::size_t place_in(const Moving& moving, std::size_t kind, std::size_t shape,
                       std::int64_t trips) const {
    return moving.slides(kind) ? shapes_.cut(*spans_[kind - 1], shape, trips) : shape;
  }
  double width(const Moving& moving) const;
  /// False where sums that must be whole are not: the shape inside a box of the output.
  bool sums_are_whole(const Moving& moving, std::size_t shape) const {
    return !crosses_whole(moving) || whole_sums_[shape] == 1;
  }

 private:
  /// Results narrower than partial sums pass the boundary.
  bool crosses_whole(const Moving& moving) const {
    return widens_ && moving.nth && *moving.nth < unfinished_;
  }
  std::uint32_t standing(std::uint32_t set) const;
  bool passes(std::uint32_t set) const;
  std::uint64_t frozen(std::uint32_t set) const;
  template <class Visit>
  void for_each_width(const Visit& visit);
  double product_there(double enough);
  double cycles_there(const Record& record);
  Bounds bounds_there(bool energy, bool cycles);
  double known_least_of(const Form& form);
  std::uint32_t stores_of(const Form& form) const;
  std::vector<double> key_of(const Form& form) const;
  void find_costs(const Form& form, std::uint32_t active);
  std::uint32_t mates_in(std::size_t i, std::uint32_t set) const;
  const Grid& bar_of(std::size_t i, std::uint32_t set);
  const Grid& toll_of(std::size_t i, std::uint32_t set);
  void event(std::uint32_t set, Grid& least);
  void event_of(std::uint32_t set, std::size_t kind, Grid& least);
  bool may_move(std::size_t i, std::uint32_t set) const;
  Grid bar(std::size_t i, std::uint32_t mates) const;

  ChainProblem problem_;
  Detail detail_;
  ChainMemo& memo_;
  Shapes shapes_;
  std::vector<std::size_t> sliding_;          ///< ranks; see Moving::values
  std::vector<const Shapes::Span*> spans_;  ///< theirs
  std::vector<Moving> moving_;
  Grid whole_sums_;
  bool widens_ = false;         ///< partial sums are wider than results
  std::size_t unfinished_ = 0;  ///< the output's boundaries further out pass results only
  /// By Moving and set of its mates whose boxes moved last before: 0, or infinite where the memory
  /// is too small. Made when first asked for.
  std::vector<std::vector<Grid>> barred_;
  /// By Moving and class of the loop that moves its box last: the part of the form at hand, as
  /// Moving::values.
  std::vector<std::vector<Grid>> costs_;
  /// By Moving and set of its mates: costs_ of class 0 with barred_; made when first asked for.
  std::vector<std::vector<Grid>> tolls_;
  std::uint32_t active_ = 0;  ///< Moving that take part
  std::vector<Grid> best_;    ///< see left()
  /// By class and set, then by cut: as best_, but the loop just outside may move more boxes last.
  std::vector<std::vector<Grid>> at_once_;
  double price_ = 0;
  std::int64_t numbers_ = 0;  ///< worked out since work() was asked
};

}  // namespace tileloom::mapper::product

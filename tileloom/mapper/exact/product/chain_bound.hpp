#pragma once
// The least cost of a complete spatial choice over all nested tile shapes and all orders in which
// boxes may move. docs/exact_mapper.md (R12)

#include <cstdint>
#include <span>
#include <vector>

#include "tileloom/mapper/exact/product/chain_values.hpp"
#include "tileloom/mapper/exact/product/temporal.hpp"

namespace tileloom::mapper::product {

/// The least score of all mappings of a complete spatial choice; infinite if nothing fits. What it
/// takes is added to the record's work.
cost::Score chain_score(const ChainProblem& problem, Record& record);

/// About the work that takes; infinite if it is not worth the memory.
double chain_work(const ChainProblem& problem);

class ChainBound {
 public:
  explicit ChainBound(const ChainProblem& problem);

  /// The least energy and the least cycles, each alone, as far as asked for.
  Bounds bounds(bool energy, bool cycles);
  /// The least cycles times energy. Ends early when it is at least `enough`.
  double product(double enough);
  /// Runs of the recursion so far.
  std::int64_t runs() const { return runs_; }

 private:
  std::uint32_t standing(std::uint32_t set) const;
  std::uint64_t frozen(std::uint32_t set) const;
  template <class Visit>
  void for_each_width(const Visit& visit);
  Bounds bounds_there(bool energy, bool cycles);
  double product_there(double enough);
  double least_of(const Form& form);
  double find_costs(const Form& form);
  const Grid& cost_of(std::size_t i, std::uint32_t set) const;
  double width(const Moving& moving) const;
  void bar(std::size_t i);

  ChainProblem problem_;
  Shapes shapes_;
  std::vector<Moving> moving_;
  Grid whole_sums_;
  bool widens_ = false;         ///< partial sums are wider than results
  std::size_t unfinished_ = 0;  ///< the output's boundaries further out pass results only
  /// By Moving and set of its mates whose boxes moved last before: 0, or infinite where the memory
  /// is too small.
  std::vector<std::vector<Grid>> barred_;
  std::vector<std::vector<Grid>> costs_;  ///< likewise: the part of the form at hand
  std::vector<Grid> best_;                ///< by set: the least so far of every shape left inside
  std::int64_t runs_ = 0;
};

}  // namespace tileloom::mapper::product

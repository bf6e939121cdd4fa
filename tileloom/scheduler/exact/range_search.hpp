#pragma once
// The ways to run a range of operators as one stack that are worth putting together.

#include <atomic>
#include <cstdint>
#include <set>
#include <vector>

#include "tileloom/scheduler/exact/exact.hpp"
#include "tileloom/scheduler/exact/stack_choice.hpp"

namespace tileloom::scheduler::exact {

class RangeSearch {
 public:
  RangeSearch(const NetworkProblem& problem, const StackSpace& space,
              const ExactFusionOptions& options, const Budget& budget)
      : problem_(problem), space_(space), options_(options), budget_(budget) {}

  /// The choices no other is better than in energy, latency and aim, for all ranges equal to this.
  std::vector<StackChoice> best_of(const Range& range, const std::vector<Range>& equal);

  /// Tilings whose runs were mapped, of all ranges.
  std::int64_t evaluations() const { return evaluations_; }

 private:
  /// Of the tilings that fit; `fitting`: those that need not keep less.
  std::vector<StackChoice> bounds(const Range& range, const std::vector<Tiling>& tilings,
                                  std::set<Tiling>& fitting);
  static bool is_reached(const StackChoice& bound, const std::vector<StackChoice>& found);
  /// Whether something that the tiling covers may be better than what is known. (F11)
  bool may_cover_better(const Range& range, const Tiling& covering,
                        const std::vector<StackChoice>& found) const;
  /// Runs are mapped only of tilings that may be better than what is known, until so many in a row
  /// have not been of the best score.
  void consider_best_first(const Range& range, std::vector<StackChoice> bounds,
                           std::size_t patience, std::vector<StackChoice>& found);
  /// The tilings kept, with homes in the memory of activations; of each way the best.
  void move_boundaries(const Range& range, const std::vector<Range>& equal,
                       std::vector<StackChoice>& found);
  /// Whether keeping a part may be better than what is known: keeping everything, where it does not
  /// fit, is no worse than that. Only less memory can be gained where it fits.
  bool may_pay(const Range& range, const Tiling& everything, bool fits,
               const std::vector<StackChoice>& found);
  /// True if it fits with nothing left to gain by keeping less.
  bool consider(const Range& range, const Tiling& tiling, std::vector<StackChoice>& found);
  void set_aim(const Range& range, StackChoice& choice) const;
  bool nothing_gained_by_less(const StackChoice& choice) const;
  /// Where keeping everything does not fit and keeping nothing does: less and less is kept of one
  /// tensor after the other, until it fits.
  void change_edges(const Range& range, const Tiling& everything, std::vector<StackChoice>& found);

  const NetworkProblem& problem_;
  const StackSpace& space_;
  const ExactFusionOptions& options_;
  const Budget& budget_;
  std::atomic<std::int64_t> evaluations_{0};
};

}  // namespace tileloom::scheduler::exact

#pragma once
// The temporal loops of complete spatial choices, one choice after the other: lists of candidates
// and walks. docs/exact_mapper.md, section 4.

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "tileloom/mapper/exact/product/chain_bound.hpp"
#include "tileloom/mapper/exact/product/list_store.hpp"
#include "tileloom/mapper/exact/product/temporal.hpp"

namespace tileloom::mapper::product {

/// A complete spatial choice of a placement.
struct CompleteChoice {
  std::size_t placement = 0;
  std::span<const std::uint32_t> chosen;  ///< by group: which of its choices
  const ChainProblem& problem;
  const std::vector<bool>& reduces;  ///< see Combination
};

class ChoiceSearch {
 public:
  /// What may bring a better mapping to a search that takes long.
  struct Help {
    std::function<void()> take;        ///< if it is due
    std::function<std::int64_t()> due;  ///< at which Record::work it will be; INT64_MAX: never again
  };

  /// The arguments outlive it.
  ChoiceSearch(const Terrain& terrain, const Choices& choices, const BoundaryTable& table,
               std::vector<AxisTable>& tables, Help help);

  /// True if (R12) takes less than the temporal loops of a choice have taken so far.
  bool worth_chains(const ChainProblem& problem, const Record& record) const;
  /// (R12), the coarse one.
  cost::Score chain_score(const ChainProblem& problem, Record& record);

  /// Searches a choice under every order of its Stores. False if the budget ended.
  bool operator()(const CompleteChoice& choice, PlacementState& state, Record& record);

 private:
  bool search_in_turn(const CompleteChoice& choice, PlacementState& state, Record& record,
                      std::vector<bool>& done);
  bool search_with_help(const CompleteChoice& choice, PlacementState& state, Record& record,
                        std::vector<bool>& done);
  bool search_lists(const CompleteChoice& choice, PlacementState& state, Record& record,
                    std::vector<bool>& done);
  void take_help(Record& record);

  const Terrain& terrain_;
  std::vector<AxisTable>& tables_;
  Evaluators evaluators_;
  ListStore lists_;
  ChainMemo memo_;
  Help help_;
  bool walks_ = false;         ///< see worth_walks
  bool walks_first_ = false;   ///< what ended the last choice
  std::int64_t searched_ = 0;  ///< choices
  std::int64_t work_ = 0;      ///< on these in all
};

}  // namespace tileloom::mapper::product

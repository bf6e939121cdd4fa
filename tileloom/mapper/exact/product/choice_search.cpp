#include "tileloom/mapper/exact/product/choice_search.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

#include "tileloom/mapper/exact/product/spread_rules.hpp"
#include "tileloom/mapper/exact/product/walk_leaves.hpp"

namespace tileloom::mapper::product {
namespace {

/// Work of the first turn of each of two searches, beside a run of (R12).
constexpr std::int64_t kWorkOfTurn = 4'000;
/// Times as much for walks: they find better mappings on the way.
constexpr std::int64_t kForWalks = 4;
/// Times as much in all turns if walks ended the last choice.
constexpr std::int64_t kSureTurn = 64;
/// Times as much as in the turn before.
constexpr std::int64_t kMoreEveryTurn = 4;

}  // namespace

ChoiceSearch::ChoiceSearch(const Terrain& terrain, const Choices& choices,
                           const BoundaryTable& table, std::vector<AxisTable>& tables,
                           Help help)
    : terrain_(terrain),
      tables_(tables),
      evaluators_([&terrain] {
        return cost::Evaluator(*terrain.space->op, *terrain.space->arch);
      }),
      lists_(terrain, choices, table),
      help_(std::move(help)),
      walks_(worth_walks(terrain)) {}

bool ChoiceSearch::worth_chains(const ChainProblem& problem, const Record& record) const {
  if (searched_ == 0 || !chains_fit(problem)) return false;
  const double mean = static_cast<double>(work_) / static_cast<double>(searched_);
  return chain_work(problem, record.objective) <= mean;
}

cost::Score ChoiceSearch::chain_score(const ChainProblem& problem, Record& record) {
  return ChainBound(problem, Detail::coarse, memo_).score(record);
}

bool ChoiceSearch::operator()(const CompleteChoice& choice, PlacementState& state,
                              Record& record) {
  const std::int64_t before = record.work;
  const bool walks = walks_ && walks_fit(choice.problem);
  std::vector<bool> done(state.skeletons.size());
  const bool complete = walks ? search_in_turn(choice, state, record, done)
                              : search_with_help(choice, state, record, done);
  ++searched_;
  work_ += record.work - before;
  return complete;
}

/// Two searches in turn, as none is the faster one everywhere; what ended the last choice begins.
/// Each leaves out the orders of the Stores that are done.
bool ChoiceSearch::search_in_turn(const CompleteChoice& choice, PlacementState& state,
                                  Record& record, std::vector<bool>& done) {
  std::optional<ChainBound> chains;
  std::optional<LeafWalks> leaf_walks;
  const std::int64_t limit = record.work_limit;
  auto turn = static_cast<std::int64_t>(chain_work(choice.problem, record.objective)) + kWorkOfTurn;
  if (walks_first_) turn *= kSureTurn;
  for (bool walks = walks_first_;; walks = !walks) {
    record.work_limit = std::min(limit, record.work + (walks ? kForWalks * turn : turn));
    bool complete = false;
    if (walks) {
      if (!chains) {
        chains.emplace(choice.problem, Detail::fine, memo_);
        leaf_walks.emplace(*chains, state.skeletons, state.layouts, evaluators_, record);
      }
      complete = leaf_walks->run(done);
    } else {
      complete = search_lists(choice, state, record, done);
    }
    record.work_limit = limit;
    if (complete) walks_first_ = walks;
    if (complete || record.exhausted()) return complete;
    take_help(record);
    if (walks != walks_first_) turn *= kMoreEveryTurn;
  }
}

/// Lists alone stop once, where help is due, and begin again.
bool ChoiceSearch::search_with_help(const CompleteChoice& choice, PlacementState& state,
                                    Record& record, std::vector<bool>& done) {
  const std::int64_t limit = record.work_limit;
  record.work_limit = std::min(limit, help_.due());
  const bool complete = search_lists(choice, state, record, done);
  record.work_limit = limit;
  if (complete || record.exhausted()) return complete;
  take_help(record);
  return search_lists(choice, state, record, done);
}

/// What help takes is not work on choices.
void ChoiceSearch::take_help(Record& record) {
  const std::int64_t before = record.work;
  help_.take();
  work_ -= record.work - before;
}

bool ChoiceSearch::search_lists(const CompleteChoice& choice, PlacementState& state,
                                Record& record, std::vector<bool>& done) {
  const ChainProblem& problem = choice.problem;
  const std::span<const SpatialChoice* const> choices = problem.choices;
  // Lists of groups with general axes take longest.
  std::vector<std::size_t> order(choices.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t g) {
    return std::pair(!terrain_.groups[g].axes.empty(), choices[g]->steps);
  });
  for (std::size_t s = 0; s < state.skeletons.size(); ++s) {
    if (done[s]) continue;
    lists_.limit();
    const Skeleton& skeleton = state.skeletons[s];
    const Frame frame{terrain_, state.placement, skeleton, state.layouts[s], tables_};
    const std::uint32_t empty = empty_blocks(terrain_, skeleton, choices);
    const std::uint32_t crossed = crossed_blocks(terrain_, skeleton, choices, empty);
    const auto which = [&](std::size_t group) {
      return ListStore::Which{choice.placement, s, group, choice.chosen[group], empty, crossed};
    };
    const ListOf list = [&](std::size_t group) -> const CandidateList* {
      const CandidateList& found = lists_.get(frame, state, which(group), record);
      if (!record.exhausted()) return &found;
      lists_.forget(which(group));  // it may lack candidates
      return nullptr;
    };
    const ListOf made = [&](std::size_t group) { return lists_.find(which(group)); };
    const Combination combination{list,
                                  made,
                                  order,
                                  box_scale(terrain_, skeleton, choices),
                                  {problem.least.begin(), problem.least.end()},
                                  choice.reduces};
    if (!search_temporal(frame, problem.ledger, combination, choices, evaluators_, record)) {
      return false;
    }
    done[s] = true;
  }
  return true;
}

}  // namespace tileloom::mapper::product

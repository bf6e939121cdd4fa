#include "tileloom/mapper/exact/product/walk_leaves.hpp"

#include "tileloom/mapper/exact/product/contribution.hpp"
#include "tileloom/mapper/exact/product/spread_rules.hpp"

namespace tileloom::mapper::product {
namespace {

/// What it takes to work out a leaf's contributions, in eighths of an evaluation.
constexpr std::int64_t kWorkOfLeaf = 4;

/// With what the spatial choice makes of their blocks.
std::vector<WalkOrder> walk_orders(const ChainProblem& problem, std::span<const Skeleton> skeletons,
                                   std::span<const Layout> layouts) {
  std::vector<WalkOrder> orders;
  for (std::size_t s = 0; s < skeletons.size(); ++s) {
    const std::uint32_t empty = empty_blocks(problem.terrain, skeletons[s], problem.choices);
    orders.push_back({&skeletons[s], &layouts[s], empty,
                      crossed_blocks(problem.terrain, skeletons[s], problem.choices, empty)});
  }
  return orders;
}

}  // namespace

/// Of one order of the Stores.
class LeafWalks::Leaves {
 public:
  Leaves(const ChainProblem& problem, const Skeleton& skeleton, const Layout& layout)
      : problem_(problem),
        frame_{problem.terrain, problem.placement, skeleton, layout, problem.tables},
        drafts_(problem.choices.size()),
        most_(drafts_.size()),
        candidates_(drafts_.size()) {
    for (const Candidate& candidate : candidates_) chosen_.push_back(&candidate);
  }
  // contribute_ refers to frame_, chosen_ to candidates_.
  Leaves(const Leaves&) = delete;
  Leaves& operator=(const Leaves&) = delete;

  /// False if the budget ended.
  bool operator()(const Trips& trips, cost::Evaluator& evaluator, Record& record) {
    record.work += kWorkOfLeaf;
    for (std::size_t g = 0; g < drafts_.size(); ++g) {
      if (contribute_.size() == g) {
        contribute_.push_back(contribution(frame_, g, *problem_.choices[g]));
      }
      drafts_[g].trips = trips[g];
      if (!contribute_[g](drafts_[g])) return true;
      take(g);
    }
    return search_orders(frame_, problem_.ledger, problem_.least, problem_.choices, chosen_,
                         evaluator, record);
  }

 private:
  void take(std::size_t g) {
    const Draft& draft = drafts_[g];
    most_[g].clear();
    for (const Quantity& quantity : frame_.layout.quantities) {
      const std::vector<std::size_t>& sliding = frame_.layout.sliding[quantity.boundary];
      for (std::size_t v = 0; v < quantity.variants && v < sliding.size(); ++v) {
        if (sliding[v] != g) continue;
        const auto first = draft.most.begin() +
                           static_cast<std::ptrdiff_t>(quantity.offset + v * quantity.blocks);
        most_[g].insert(most_[g].end(), first,
                        first + static_cast<std::ptrdiff_t>(quantity.blocks));
      }
    }
    candidates_[g] = {.trips = draft.trips,
                      .least = draft.least,
                      .most = most_[g],
                      .boxes = draft.boxes,
                      .moves = draft.moves,
                      .reduces_from = draft.reduces_from,
                      .values = {}};
  }

  const ChainProblem& problem_;
  Frame frame_;
  std::vector<std::function<bool(Draft&)>> contribute_;  ///< by group, made when first needed
  std::vector<Draft> drafts_;                            ///< by group, of the leaf at hand
  std::vector<std::vector<double>> most_;
  std::vector<Candidate> candidates_;
  std::vector<const Candidate*> chosen_;
};

LeafWalks::LeafWalks(ChainBound& chains, std::span<const Skeleton> skeletons,
                     std::span<const Layout> layouts, Evaluators& evaluators, Record& record)
    : leaves_(skeletons.size()),
      walks_(
          chains, walk_orders(chains.problem(), skeletons, layouts),
          [this, &chains, skeletons, layouts, &evaluators, &record](std::size_t s,
                                                                    const Trips& trips) {
            if (!leaves_[s]) {
              leaves_[s] = std::make_unique<Leaves>(chains.problem(), skeletons[s], layouts[s]);
            }
            return (*leaves_[s])(trips, evaluators.local(), record);
          },
          record) {}

LeafWalks::~LeafWalks() = default;

bool LeafWalks::run(std::vector<bool>& done) { return walks_.run(done); }

bool worth_walks(const Terrain& terrain) {
  bool slides = false;
  for (const OperandFacts& operand : terrain.operands) {
    if (operand.axes.empty()) continue;
    slides = true;
    for (std::size_t rank = 0; rank < operand.relevance.size(); ++rank) {
      const bool lacks = operand.relevance[rank] == Relevance::none;
      if (lacks && terrain.extents[rank] > 1) return true;
    }
  }
  return !slides;
}

}  // namespace tileloom::mapper::product

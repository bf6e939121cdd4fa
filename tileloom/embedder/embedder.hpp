#pragma once
// Finds every way to compute an operator with a tensor instruction, by constraint programming over
// the scalar data flow.
//
// M. Rieber, A. Acosta, H. Fröning: "Joint Program and Layout Transformations to Enable
// Convolutional Operators on Specialized Hardware Based on Constraint Programming", ACM TACO 2022.

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "tileloom/embedding/measure.hpp"
#include "tileloom/support/budget.hpp"

namespace tileloom::embedder {

/// How far the lanes of a box may reach beyond a rank's extent.
enum class Tiles : std::uint8_t {
  padded,  ///< at will: what lies outside reads zero or is cropped
  within,  ///< lanes ≤ extent: only the last trip is padded
  exact    ///< the lanes divide the extent: nothing is padded, nothing fused
};

/// A layout that a neighbour has decided: the lane maps of an operand's dimensions, in the order of
/// the instruction operand's index map.
struct FixedLayout {
  Part part = Part::data;
  std::vector<LaneMap> lanes;
};

struct EmbedOptions {
  Tiles tiles = Tiles::padded;
  bool fused = true;  ///< lanes may run over a product of whole ranks
  /// Also boxes that leave lanes idle, if they take no more trips in any dimension than the best
  /// ones that do not: they can save bytes.
  bool idle_lanes = true;
  std::optional<bool> swapped;  ///< only these roles
  std::vector<FixedLayout> fixed;
};

struct EmbedResult {
  Proof proof = Proof::infeasible;    ///< optimal (all were found), infeasible or budget_spent
  std::vector<Embedding> embeddings;  ///< sorted
  std::string reason;                 ///< infeasible: the constraint that forbids it
};

/// All embeddings. The budget counts nodes of the search.
EmbedResult embed(const Operator& op, const Instruction& instruction, const EmbedOptions& options,
                  const Budget& budget = {});

}  // namespace tileloom::embedder

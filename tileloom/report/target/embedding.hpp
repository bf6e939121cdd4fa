#pragma once
// The embeddings of an operator, as a table and as JSON.

#include <string>
#include <vector>

#include "tileloom/embedder/embedder.hpp"
#include "tileloom/embedder/ranking.hpp"
#include "tileloom/report/schedule/table.hpp"

namespace tileloom::report {

/// What was asked and found for one operator.
struct EmbeddedOperator {
  Operator op;
  embedder::EmbedResult result;
  std::vector<embedder::Ranked> ranked;  ///< what is shown, the preferable first
};

/// One row per embedding: lanes, steps, utilisation, bytes per operand, bytes packed at run time,
/// cycles; below the best one's transformations. Of several operators one row each.
std::string embedding_table(const Instruction& instruction,
                            const std::vector<EmbeddedOperator>& operators,
                            const TableOptions& options);

/// {schema, instruction, operators: [{name, status, count, reason, embeddings: [...]}]}.
std::string embedding_json(const Instruction& instruction,
                           const std::vector<EmbeddedOperator>& operators);

}  // namespace tileloom::report

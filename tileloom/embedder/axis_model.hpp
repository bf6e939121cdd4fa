#pragma once
// The constraint model over axis nodes. Gecode shows in axis_model.cpp only.

#include <cstdint>
#include <vector>

#include "tileloom/embedder/embedder.hpp"

namespace tileloom::embedder {

/// One search over the model.
struct AxisSearch {
  EmbedOptions options;
  /// Lanes may stay idle. Every solution has an idle dimension, in which the trips over all ranks
  /// are at most 2^trip_logs[role][dim] (2^20 units per bit; negative: no limit).
  bool idle = false;
  std::vector<std::vector<std::int64_t>> trip_logs;
};

/// log2 of ⌈extent / lanes⌉ in units of 2^-20, rounded.
int trip_log(std::int64_t extent, std::int64_t lanes);

struct AxisSolutions {
  std::vector<Embedding> embeddings;
  std::int64_t nodes = 0;
  bool complete = true;  ///< the whole tree was searched
};

/// All solutions; requires not_embeddable(op) to be empty.
AxisSolutions search_axis_nodes(const Operator& op, const Instruction& instruction,
                                const AxisSearch& search, const Budget& budget);

}  // namespace tileloom::embedder

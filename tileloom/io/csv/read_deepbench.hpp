#pragma once
// Tables of operators as DeepBench lists them.

#include <string>
#include <variant>
#include <vector>

#include "tileloom/support/diagnostic.hpp"
#include "tileloom/workload/make.hpp"

namespace tileloom {

struct DeepBenchLayer {
  std::string name;  ///< SET_IDX, or lineNUMBER where the table has no such columns; unique
  std::string app;
  std::variant<ConvShape, MatmulShape> shape;
  bool operator==(const DeepBenchLayer&) const = default;
};

/// The first line names the columns, in any order; fields may be quoted.
///  - convolutions: W, H (input), C, N, K, S, R (filter width, height), stride_w, stride_h
///    (required), pad_w, pad_h. Axes are height, then width
///  - products: M, N, K. M are the weights' rows, N the batch: out[n, m] = Σ_k in[n, k] · w[k, m]
///  - set, idx, app (optional); OW, OH and MACs (optional) are checked; a_transpose, b_transpose
///  and
///    note are read over
/// Every mistake is reported with line and column of its field.
Result<std::vector<DeepBenchLayer>> read_deepbench(const std::string& path);
Result<std::vector<DeepBenchLayer>> parse_deepbench(const std::string& text,
                                                    const std::string& file);

/// The layer as a workload of one operator of that name.
Workload workload_of(const DeepBenchLayer& layer, const ElementBits& bits);

}  // namespace tileloom

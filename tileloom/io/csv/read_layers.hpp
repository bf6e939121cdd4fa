#pragma once
// A table of convolution layers, one per line.

#include <cstdint>
#include <string>
#include <vector>

#include "tileloom/support/diagnostic.hpp"
#include "tileloom/workload/make.hpp"

namespace tileloom {

struct TableLayer {
  std::string name;  ///< unique in the table
  ConvShape shape;
  std::int64_t multiplicity = 1;  ///< how often the layer occurs in its network
  bool operator==(const TableLayer&) const = default;
};

/// The first line names the columns, in any order:
///  - R, S, P, Q, C, K, N (required): filter and output along width and height, input and output
///    channels, batch. They are the operator's ranks, so its tensors are [N, C, W, H]
///  - Wstride, Hstride, Wdilation, Hdilation, Wpadding, Hpadding, groups, multiplicity (optional).
///    Wstride belongs to P and R, Hstride to Q and S. Padding is on both sides; the input is as
///    large as what the outputs read without it.
///  - suite, name or names (optional): the layer is called SUITE_NAME (the first of several names),
///    SUITE_line7 or line7
///  - macs (optional): checked against the product of the sizes
///  - Wdilation_field, Hdilation_field, in_evaluation_list: read over. (In CoSA's table these are
///  what
///    its sources hold there, which for some suites is padding; its models use dilation 1.)
/// Every mistake is reported with line and column of its field.
Result<std::vector<TableLayer>> read_layers(const std::string& path);
Result<std::vector<TableLayer>> parse_layers(const std::string& text, const std::string& file);

}  // namespace tileloom

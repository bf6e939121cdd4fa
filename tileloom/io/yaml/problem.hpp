#pragma once
// The operators a problem file can describe.

#include <optional>
#include <string>

#include "tileloom/io/yaml/reader.hpp"
#include "tileloom/workload/make.hpp"

namespace tileloom::yaml {

/// {N, K, C, P, Q, R, S, H, W, stride, dilation, padding, groups}: outputs P, Q or inputs H, W;
/// O, T, D for a third axis; Q, S, W alone for one.
std::optional<ConvShape> read_conv(Reader& reader, const Node& node);

/// {B, M, N, K, shared_weights}.
std::optional<MatmulShape> read_matmul(Reader& reader, const Node& node);

/// {ranks, inputs, output, function, reduction}.
std::optional<Workload> read_einsum(Reader& reader, const Node& node, const std::string& name,
                                    const ElementBits& bits);

}  // namespace tileloom::yaml

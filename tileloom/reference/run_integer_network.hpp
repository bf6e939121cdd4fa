#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "tileloom/workload/integer_network.hpp"

namespace tileloom::reference {

/// The sums of a layer before its Rescale (maxima of a pooling layer), row-major in the result's
/// shape, wrapping at 32 bits. `input` holds the elements of the layer's input tensor.
std::vector<std::int32_t> layer_sums(const IntegerNetwork& network, std::size_t layer,
                                     std::span<const std::int8_t> input);

/// Every tensor of the network for one input, by plain loops over the definition.
/// Requires violations(network) to be empty.
std::vector<std::vector<std::int8_t>> run_integer_network(const IntegerNetwork& network,
                                                          std::span<const std::int8_t> input);

/// One result: Rescale applied to a sum. @param other  element of the added tensor, or 0
std::int8_t rescaled(const Rescale& rescale, std::int32_t sum, std::int32_t bias,
                     std::int8_t other);

}  // namespace tileloom::reference

#pragma once
// Where the tensors between the layers of a network lie in DRAM.

#include <cstdint>
#include <vector>

#include "tileloom/workload/integer_network.hpp"

namespace tileloom::target::vta {

/// Offsets of tensors 1, ..., n − 1 of a network of n layers; tensors whose lives do not overlap may
/// share memory. Entries of the input and of the result are 0 and mean nothing.
struct TensorPlaces {
  std::vector<std::int64_t> offset;  ///< by tensor [bytes]
  std::int64_t bytes = 0;            ///< of all of them together
};

/// Each tensor, in the order in which they are computed, to the lowest place that nothing alive
/// takes. A tensor lives from the layer that computes it to the last one that reads it, both
/// included.
/// @param bytes  by tensor
TensorPlaces place_tensors(const IntegerNetwork& network, const std::vector<std::int64_t>& bytes);

}  // namespace tileloom::target::vta

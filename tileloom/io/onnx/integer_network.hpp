#pragma once
// Reads an ONNX model as an IntegerNetwork. docs/vta_networks.md says how numbers are rounded.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tileloom/support/diagnostic.hpp"
#include "tileloom/workload/integer_network.hpp"

namespace tileloom {

struct IntegerImportOptions {
  std::map<std::string, std::int64_t> bind;  ///< sizes of symbolic dimensions, as ImportOptions
  std::uint64_t seed = 1;                    ///< of what is drawn: weights, the image
  /// Image by which the scales of tensors without one in the model are chosen; empty: a random one.
  std::vector<std::int8_t> image;
};

struct ImportedNetwork {
  IntegerNetwork network;
  std::vector<std::string> notes;  ///< drawn weights, steps that stay with the host
};

/// Weights are rounded to 8 bits and a power of two per layer, tensors to a power of two each: that
/// of the model's quantisation where it has one, else the smallest that holds every value of the
/// layer for the image.
Result<ImportedNetwork> import_integer_network(const std::string& path,
                                               const IntegerImportOptions& options = {});
Result<ImportedNetwork> import_integer_network_bytes(std::string_view bytes,
                                                     const std::string& name,
                                                     const IntegerImportOptions& options = {});

}  // namespace tileloom

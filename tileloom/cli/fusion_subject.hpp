#pragma once
// What explore-fusion is asked about: a network and a machine of DeFiNES, from its own files or from
// an ONNX model and a common architecture.

#include <string>
#include <vector>

#include "tileloom/cost/profiles/defines2022/layer.hpp"
#include "tileloom/support/diagnostic.hpp"

namespace tileloom::cli {

struct FusionSubjectOptions {
  std::string network;            ///< a ZigZag network, by name or file, or an ONNX file
  std::string machine;            ///< a ZigZag machine, or (for ONNX, or *.yaml) a common one
  std::vector<std::string> bind;  ///< sizes of symbolic dimensions: NAME=SIZE
  std::size_t part = 0;           ///< of an ONNX model, from 1; 0: the one with most MACs
};

struct FusionSubject {
  cost::defines2022::Network network;
  cost::defines2022::Machine machine;
  std::vector<std::string> notes;  ///< what of the model this is, and what is left out
};

/// An ONNX model is cut into parts that DeFiNES can tile (scheduler/defines/common_network). With an
/// ONNX model, a name means a common architecture; with a network of ZigZag a machine of ZigZag.
/// All mistakes at once.
Result<FusionSubject> read_fusion_subject(const FusionSubjectOptions& options);

}  // namespace tileloom::cli

#pragma once
// The part of a reference file that is ZigZag 3.8.5's: machines, layers and recorded mappings.

#include <map>
#include <string>
#include <vector>

#include "tileloom/cost/profiles/defines2022/layer.hpp"
#include "tileloom/cost/profiles/defines2022/mapping.hpp"
#include "tileloom/io/json_text.hpp"

namespace tileloom::io::zigzag {

/// One layer of a run with the figures measured for it.
struct Case385 {
  std::string id;  ///< "layer 8"
  std::string arch;
  std::string objective;  ///< "energy" or "latency"
  int loop_limit = 6;
  cost::defines2022::Layer layer;
  cost::defines2022::SpatialMapping unrolling;
  Node place;
};

struct Reference385 {
  std::map<std::string, cost::defines2022::Machine> machines;
  std::vector<Case385> cases;
};

/// Reads "architectures" and "runs"; mistakes are collected in `reading`.
Reference385 read_reference385(Reading& reading);

/// The convolution B·K·C·OY·OX·FY·FX with the file's relations, weights W and activations I of 8
/// bits, outputs of 16 bits while partial and 8 when complete.
cost::defines2022::Layer convolution385(Reading& reading, const Node& layer);

}  // namespace tileloom::io::zigzag

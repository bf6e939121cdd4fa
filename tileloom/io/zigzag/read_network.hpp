#pragma once
// Reads networks as ZigZag and DeFiNES describe them. The schema: README.md beside this file.

#include <string>
#include <vector>

#include "tileloom/cost/profiles/defines2022/layer.hpp"
#include "tileloom/io/json_text.hpp"

namespace tileloom::io::zigzag {

/// The network `node` describes; mistakes are collected in `reading`.
cost::defines2022::Network read_network(Reading& reading, const Node& node, std::string name);

/// Reads a file that holds one network, or several under "workloads"; `FILE#NAME` chooses one of
/// several.
Result<cost::defines2022::Network> read_network_file(const std::string& path);

/// The networks that come with Tileloom, sorted.
std::vector<std::string> network_names();

/// A shipped network by its name (upper or lower case), or one from a file. An unknown name is a
/// mistake that lists the known ones.
Result<cost::defines2022::Network> load_network(const std::string& name_or_path);

/// The loops of `dims` ({"K": 64, …}) in the order of the text, with their sizes.
struct Loops {
  std::vector<cost::defines2022::Dim> order;
  cost::defines2022::Sizes sizes;
};
Loops read_loops(Reading& reading, const Node& dims);

/// A window such as "ix=2*ox+1*fx".
cost::defines2022::Relation read_relation(Reading& reading, const Node& node);

}  // namespace tileloom::io::zigzag

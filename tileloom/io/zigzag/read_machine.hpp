#pragma once
// Reads accelerators as ZigZag and DeFiNES describe them. The schema: README.md beside this file.

#include <string>
#include <vector>

#include "tileloom/cost/profiles/defines2022/machine.hpp"
#include "tileloom/io/json_text.hpp"

namespace tileloom::io::zigzag {

/// The machine `node` describes; mistakes are collected in `reading`.
cost::defines2022::Machine read_machine(Reading& reading, const Node& node, std::string name);

/// Reads a file that holds one machine, or several under "architectures"; `FILE#NAME` chooses one
/// of several.
Result<cost::defines2022::Machine> read_machine_file(const std::string& path);

/// The machines that come with Tileloom, sorted.
std::vector<std::string> machine_names();

/// A shipped machine by its name (upper or lower case), or one from a file. An unknown name is a
/// mistake that lists the known ones.
Result<cost::defines2022::Machine> load_machine(const std::string& name_or_path);

}  // namespace tileloom::io::zigzag

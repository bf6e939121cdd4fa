#pragma once
// One line of a tree's text form, understood on its own.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tileloom/loop_tree/loop_tree.hpp"
#include "tileloom/support/diagnostic.hpp"

namespace tileloom {

struct Statement {
  enum class Kind : std::uint8_t {
    path,  ///< one `for` or `spatial`, or the Stores of one `store`
    compute,
    sequence,
    parallel,
    then,
    mistaken  ///< has been reported
  };
  Kind kind = Kind::mistaken;
  std::vector<PathNode> nodes;  ///< of `path`
  OperatorId op{};              ///< of `compute`
  int line = 0;
  int indent = 0;  ///< spaces before it
  bool is_loop() const {
    return kind == Kind::path && nodes.size() == 1 && std::holds_alternative<Loop>(nodes.front());
  }
};

/// What a text is read against.
struct TreeNames {
  const Workload& workload;
  const Architecture& arch;
};

/// The statements of a text in order; empty lines and comments (`#`) are left out.
std::vector<Statement> read_statements(std::string_view text, const std::string& file,
                                       const TreeNames& names, Diagnostics& mistakes);

/// A name as it stands in the text: in quotes if it could be misread.
std::string written(std::string_view name);
/// A name in quotes.
std::string quoted(std::string_view name);

}  // namespace tileloom

#pragma once
// Users' mistakes: where, what, and what to do. All of them are collected; none is thrown.

#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace tileloom {

/// A place in a user's file. Line and column count from 1; 0 means "the whole file" or "no column".
struct Where {
  std::string file;
  int line = 0;
  int column = 0;
  bool operator==(const Where&) const = default;
};

/// One mistake. `what` states the fact with its numbers, `hint` what to do about it.
struct Diagnostic {
  Where where;
  std::string what;
  std::string hint;
  bool operator==(const Diagnostic&) const = default;
};

using Diagnostics = std::vector<Diagnostic>;

template <class T>
using Result = tl::expected<T, Diagnostics>;

/// "file:line:column: what: what to do" (parts that are absent are left out).
std::string to_string(const Diagnostic& diagnostic);
/// One line per mistake, in the order they were found.
std::string to_string(const Diagnostics& diagnostics);

/// A single mistake as an unexpected value, to be returned from a function of type Result<T>.
tl::unexpected<Diagnostics> mistake(Where where, std::string what, std::string hint = {});

}  // namespace tileloom

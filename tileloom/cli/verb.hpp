#pragma once
// One verb of the command line per file; the registry is the list in main.cpp.

#include <functional>
#include <string>

#include "tileloom/support/diagnostic.hpp"

namespace CLI {
class App;
}

namespace tileloom::cli {

inline constexpr int kOk = 0;
inline constexpr int kDisagree = 1;    ///< a check or comparison did not hold
inline constexpr int kBadInput = 2;    ///< the user's mistake; every mistake was printed
inline constexpr int kInfeasible = 3;  ///< an answer: nothing valid exists

/// Adds one verb to the application and returns what to run if the user chose it.
using Run = std::function<int()>;
using AddVerb = Run (*)(CLI::App& app);

/// Prints every mistake to stderr; returns kBadInput.
int report_mistakes(const Diagnostics& mistakes);

/// Writes the text to the file, or to stdout if no file is named.
int write_or_print(const std::string& file, const std::string& text);

}  // namespace tileloom::cli

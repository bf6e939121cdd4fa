#pragma once
// map --profile timeloop: the search and its answer by Timeloop's own conventions.

#include <string>

#include "tileloom/cli/search_options.hpp"

namespace tileloom::cli {

/// Mistakes in what --profile timeloop is combined with.
Diagnostics check_timeloop_search(const SearchOptions& options);

/// Maps every operator and prints the answers; `mapping` and `json` are files, empty for none. The
/// exit code.
int map_timeloop(const Search& search, bool budget_given, const std::string& mapping,
                 const std::string& json);

}  // namespace tileloom::cli

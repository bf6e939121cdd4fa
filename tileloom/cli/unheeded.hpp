#pragma once
// Options of the search that whoever searches has no use for.

#include <string>
#include <vector>

#include "tileloom/mapper/registry.hpp"

namespace CLI {
class App;
}

namespace tileloom::cli {

/// Who searches, in messages, and the options it has a use for, without their dashes.
struct Searcher {
  std::string name;
  std::vector<std::string> heeds;
};

/// The mapper of that name; absent if there is none.
std::optional<Searcher> searcher(const std::string& mapper);

/// Several mappers: whoever of them has a use for an option will do.
Searcher searcher(const std::vector<std::string>& mappers);

/// A mistake for every option of some mapper that was given but that the searcher does not heed.
Diagnostics unheeded_options(const CLI::App& verb, const Searcher& searcher);

}  // namespace tileloom::cli

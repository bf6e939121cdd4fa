#include "tileloom/cli/verbs.hpp"

namespace tileloom::cli {

std::span<const Verb> verbs() { return {}; }

}  // namespace tileloom::cli

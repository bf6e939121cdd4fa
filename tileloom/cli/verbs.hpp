#pragma once
#include <span>

#include "tileloom/cli/verb.hpp"

namespace tileloom::cli {

struct Verb {
  const char* name;
  AddVerb add;
};

/// Every verb, in the order of the help text. A new verb is one file and one line in verbs.cpp.
std::span<const Verb> verbs();

}  // namespace tileloom::cli

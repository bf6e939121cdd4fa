#pragma once
#include <string>

namespace tileloom::yaml {

/// `text` as a YAML scalar: plain if it is one word, else in double quotes.
std::string scalar_text(const std::string& text);

}  // namespace tileloom::yaml

#pragma once
#include <string>

namespace tileloom::report {

/// The text as it may stand in HTML and SVG, in attributes too; unprintable bytes are replaced.
std::string escaped(const std::string& text);

}  // namespace tileloom::report

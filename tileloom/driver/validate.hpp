#pragma once
// Replays a file of published or measured figures and says how many we agree with.

#include <string>

#include "tileloom/report/validation.hpp"
#include "tileloom/support/diagnostic.hpp"

namespace tileloom::driver {

/// Reads `path`, evaluates every case in every setting under the definition the file's "profile"
/// names, and compares every figure it holds.
Result<report::ValidationReport> validate(const std::string& path);

/// The same for text already read; `path` is for messages.
Result<report::ValidationReport> validate_text(const std::string& path, const std::string& text);

}  // namespace tileloom::driver

#pragma once
#include <string>

namespace tileloom::cli {

/// True if `subject` of the verb `inspect` is an architecture: a name, or a file that ends in .yaml
/// or .yml.
bool names_architecture(const std::string& subject);

/// Prints the architecture; also writes it to `json_file` unless that is empty. An exit code.
int inspect_architecture(const std::string& name_or_path, const std::string& json_file);

}  // namespace tileloom::cli

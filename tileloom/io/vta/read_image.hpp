#pragma once
// VTA program images, version 1: a JSON file that names raw binary files beside it.

#include <functional>
#include <string>

#include "tileloom/support/diagnostic.hpp"
#include "tileloom/target/vta/isa/image.hpp"

namespace tileloom::io::vta {

/// Reads the image whose JSON file is `path`, or the file image.json in the folder `path`. Reported
/// are all mistakes of the JSON text, of the files it names and of single instruction words; what
/// the program does is checked by target::vta::violations.
Result<target::vta::Image> read_image(const std::string& path);

/// The content of a file that an image names.
using FileReader = std::function<Result<std::string>(const std::string& name)>;

/// Reads the JSON text of an image; `read` gives the files it names, messages show them beside
/// `file`.
Result<target::vta::Image> parse_image(const std::string& text, const std::string& file,
                                       const FileReader& read);

}  // namespace tileloom::io::vta

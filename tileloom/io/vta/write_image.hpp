#pragma once
#include <string>
#include <utility>
#include <vector>

#include "tileloom/target/vta/isa/image.hpp"

namespace tileloom::io::vta {

using NamedFiles = std::vector<std::pair<std::string, std::string>>;  ///< (name, content)

/// The files of an image: image.json, program.bin and one file per region and expectation that has
/// a content. read_image of a folder that holds them gives the image again.
NamedFiles image_files(const target::vta::Image& image);

/// Adds a file, under another name where `name` is taken or none that an archive can hold; its name.
std::string add_file(NamedFiles& files, const std::string& name, std::string content);

}  // namespace tileloom::io::vta

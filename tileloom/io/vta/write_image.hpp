#pragma once
#include <string>
#include <utility>
#include <vector>

#include "tileloom/target/vta/image.hpp"

namespace tileloom::io::vta {

/// The files of an image as (name, content): image.json, program.bin and one file per region and
/// expectation that has a content. read_image of a folder that holds them gives the image again.
std::vector<std::pair<std::string, std::string>> image_files(const target::vta::Image& image);

}  // namespace tileloom::io::vta

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tileloom {

/// Where a folder of the files that come with the program (`archs`, `models/defines`) may lie: in
/// the source tree, then where data is installed.
std::vector<std::string> data_folders(std::string_view name);

}  // namespace tileloom

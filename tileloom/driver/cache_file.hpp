#pragma once
#include <string>

namespace tileloom::driver {

/// The file in `folder` that remembers what belongs to `key`: FOLDER/NAME<hash>.json. Two keys may
/// share a file, so it must hold the key as well.
std::string cache_file(const std::string& folder, const std::string& name, const std::string& key);

}  // namespace tileloom::driver

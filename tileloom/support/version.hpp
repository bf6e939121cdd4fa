#pragma once

namespace tileloom {

inline constexpr const char* kVersion = "0.1.0";

}  // namespace tileloom

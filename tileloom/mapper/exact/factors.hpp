#pragma once
#include <cstdint>

namespace tileloom::mapper {

/// Which tiles a search of the level-structured space tries.
enum class Factors : std::uint8_t {
  perfect,   ///< the factors of a rank multiply to its extent
  imperfect  ///< a factor n cuts a tile t into tiles of ⌈t / n⌉, the last of them smaller
};

}  // namespace tileloom::mapper

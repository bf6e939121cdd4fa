#pragma once
// Where the artifact's products of doubles differ from the exact products they stand for.

#include "tileloom/mapper/loma/tables.hpp"

namespace tileloom::mapper::loma {

/// Whether ⌈u · f₁ · f₂ …⌉ in doubles differs from the exact value for any prefix of any order of
/// the factors of a loop whose unrolling u is a fraction, wherever u stands among them.
bool rounding_matters(const Prepared& prepared, const Tables& tables);

}  // namespace tileloom::mapper::loma

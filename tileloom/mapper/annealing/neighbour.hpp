#pragma once
#include "tileloom/mapper/genome.hpp"
#include "tileloom/support/random.hpp"

namespace tileloom::mapper {

/// Changes one gene at random: the rank or the positions of a part, the tile of a rank in a group,
/// the place of a loop in its order, or whether a memory keeps a tensor. Not repaired.
void change_one_gene(const GenomeSpace& space, Genome& genome, Random& random);

}  // namespace tileloom::mapper

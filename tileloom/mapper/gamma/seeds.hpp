#pragma once
// Deviation `seeded`: a first generation that keeps the lanes busy.

#include "tileloom/mapper/genome.hpp"
#include "tileloom/support/random.hpp"

namespace tileloom::mapper::gamma {

/// Steps if every part's positions were used at once and nothing were left over elsewhere:
///     ∏_r ⌈…⌈ extent_r / n_1 ⌉ … / n_p⌉ over the parts that spread r
double least_steps(const GenomeSpace& space, const Genome& genome);

/// Genomes whose parts have few steps: random ranks, then each part in turn gets the best rank and
/// number of positions, the others standing still. Ascending by steps; tiles are left alone.
std::vector<Genome> good_spreads(const GenomeSpace& space, std::size_t draws, Random& random);

/// A genome with random ranks that share their axis evenly, as far as they are long enough.
Genome balanced_spread(const GenomeSpace& space, Random& random);

/// Random orders and, for every rank and group, either the whole tile outside or one of its
/// ⌈outside / k⌉, such that the parts' positions are all used.
void draw_tiles(const GenomeSpace& space, Genome& genome, Random& random);

}  // namespace tileloom::mapper::gamma

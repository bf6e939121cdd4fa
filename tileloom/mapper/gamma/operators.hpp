#pragma once
// The published operators. They change genes and leave legality to `repair`.

#include "tileloom/mapper/genome.hpp"
#include "tileloom/support/random.hpp"

namespace tileloom::mapper::gamma {

/// Crossover: two individuals swap the tiles of one rank, in all groups.
void crossover(const GenomeSpace& space, Genome& a, Genome& b, Random& random);

/// Reorder: two places of one group's loop order are swapped.
void reorder(const GenomeSpace& space, Genome& genome, Random& random);

/// Mutation: one gene, uniformly drawn, becomes a random one: the rank a part spreads, with a
/// random divisor of its tile as positions if it is not the outermost part of its axis; or a tile,
/// uniform from 1 to the tile outside.
void mutate(const GenomeSpace& space, Genome& genome, Random& random);

/// Mutate-par: two parts swap the ranks they spread.
void mutate_parallel(const GenomeSpace& space, Genome& genome, Random& random);

/// Growth: a part not in use gets a random rank and random positions, and its group random tiles.
void grow(const GenomeSpace& space, Genome& genome, Random& random);

/// Aging: the innermost part in use, unless it is the only one of its axis, is used no more.
void age(const GenomeSpace& space, Genome& genome);

/// Extent of the rank's chunk outside a group.
std::int64_t tile_outside(const GenomeSpace& space, const Genome& genome, std::size_t group,
                          std::size_t rank);

}  // namespace tileloom::mapper::gamma

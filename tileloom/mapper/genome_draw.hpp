#pragma once
// Genomes out of random numbers and out of vectors of numbers in [0, 1].

#include <span>

#include "tileloom/mapper/genome.hpp"
#include "tileloom/support/random.hpp"

namespace tileloom::mapper {

/// Orders, ranks of parts, positions of inner parts and tiles (from 1 to the tile outside) uniform;
/// the outermost part of each axis takes all positions the others leave. Repaired.
Genome random_genome(const GenomeSpace& space, Random& random);

/// Numbers that a genome is made of: what an optimiser over a box sees.
std::size_t dimension(const GenomeSpace& space);

/// The genome of a point of [0, 1]^dimension, in this order: per part its rank and positions, per
/// group a key for every rank, whose ascending order is the loops' order outside in, and a tile for
/// every rank; per tensor and memory that may keep it, but need not, keep or not. Tiles and
/// positions are on a logarithmic scale from 1 to the most there may be. Repaired.
Genome genome_of(const GenomeSpace& space, std::span<const double> point);

}  // namespace tileloom::mapper

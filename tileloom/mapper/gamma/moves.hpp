#pragma once
// Deviation `guided`: small steps that respect what matters about a tile, the number of its trips.

#include "tileloom/mapper/genome.hpp"
#include "tileloom/support/random.hpp"

namespace tileloom::mapper::gamma {

/// One random step of one kind:
///  - tile: another number of trips k of one loop (±1, times or by 2, any), tile ⌈outside / (n·k)⌉;
///  - exchange: one tile of a group shrinks, another takes as much of the room as it can;
///  - order: one loop goes to another place of its group;
///  - spread: a part gets another rank or number of positions, and the tile that uses them all;
///  - grow: a tile becomes as large as the memory inside can hold;
///  - bypass: a tensor is kept in one memory more or less (if `bypass`).
void guided_move(const GenomeSpace& space, Genome& genome, bool bypass, Random& random,
                 Chunks& chunks);

}  // namespace tileloom::mapper::gamma

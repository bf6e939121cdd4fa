#pragma once
// The neighbours of a mapping: what a descent tries. docs/mapping_search.md, section 4.

#include <functional>
#include <vector>

#include "tileloom/mapper/mapspace.hpp"

namespace tileloom::mapper {

/// Calls `visit` with every neighbour of one kind; the point is restored afterwards.
using Visit = std::function<void(const Point&)>;

/// One prime factor of one rank stands at another slot, innermost or outermost of its loops.
void for_each_shift(const MapSpace& space, Point& point, const Visit& visit);
/// One rank's loop stands at another position of its temporal slot.
void for_each_reorder(const MapSpace& space, Point& point, const Visit& visit);
/// Two ranks exchange one prime factor each between two slots.
void for_each_exchange(const MapSpace& space, Point& point, const Visit& visit);
/// Imperfect factors: one factor of a rank changes, another becomes the least that makes up for it.
void for_each_refit(const MapSpace& space, Point& point, const Visit& visit);
/// A tensor is kept in one memory more or less; loops of a slot that closes join the one above.
void for_each_toggle(const MapSpace& space, Point& point, const Visit& visit);

}  // namespace tileloom::mapper

#pragma once
// Tileloom's nouns as the profile's, where Timeloop has a counterpart.

#include <cstdint>
#include <span>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "tileloom/cost/profiles/timeloop/arch.hpp"
#include "tileloom/cost/profiles/timeloop/mapping.hpp"
#include "tileloom/cost/profiles/timeloop/problem.hpp"
#include "tileloom/loop_tree/loop_tree.hpp"

namespace tileloom::cost::timeloop {

/// What the profile evaluates.
struct Nouns {
  Arch arch;
  Problem problem;
  Mapping mapping;
};

/// Why something has no counterpart in Timeloop, each a sentence.
using Reasons = std::vector<std::string>;

/// What a machine is wanted for: its figures under the profile, or the levels and fan-outs that a
/// mapping names, whatever they cost.
enum class Wanted : std::uint8_t { figures, levels };

/// Memories become levels, axes fan-outs (see y_axes). Refused: memories shared along an axis and
/// more than an X and a Y in one place; where figures are wanted also hop energies (Timeloop's are
/// per hop, ours per position), axes without multicast or reduction, reads and writes of different
/// energy, launch and synchronisation cycles, lanes that take more than a cycle.
tl::expected<Arch, Reasons> arch_from(const Architecture& arch, Wanted wanted = Wanted::figures);

/// Ranks become dims, operands dataspaces named after their tensors. Padding is dropped: Timeloop
/// moves padded positions like any other. Refused: everything but multiply-accumulate.
tl::expected<Problem, Reasons> problem_from(const Workload& workload, const Operator& op);

/// A path whose Stores of one memory stand together, each memory's loops below them, temporal
/// before spatial, in the order of the memories. A Store below loops in time that do not move its
/// tile, or below Stores of memories further in without such a loop, stands as well above them.
/// Refused: uneven or partial tiles, `keep same`.
tl::expected<Mapping, Reasons> mapping_from(const Workload& workload, const Operator& op,
                                            const Architecture& arch,
                                            std::span<const PathNode> path);

/// All three, and all reasons.
tl::expected<Nouns, Reasons> nouns_from(const Workload& workload, const Operator& op,
                                        const Architecture& arch, std::span<const PathNode> path,
                                        Wanted wanted = Wanted::figures);

/// Per axis, whether it is Timeloop's Y: those named "y", "..._y" or "...Y", and of two others in
/// one place the outer one. Every other axis is X.
std::vector<bool> y_axes(const Architecture& arch);

}  // namespace tileloom::cost::timeloop

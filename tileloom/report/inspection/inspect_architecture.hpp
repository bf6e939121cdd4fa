#pragma once
// What a machine is made of, for people (a table) and for programs (JSON).

#include <string>

#include "tileloom/arch/architecture.hpp"

namespace tileloom::report {

/// Peak rate; then memories with instances, sizes, ports and energies; axes; the compute unit; then
/// where every energy comes from.
std::string architecture_table(const Architecture& arch);

/// The same as JSON, schema "tileloom.inspect.architecture/1":
///   schema, name, source, clock_hz, lanes, peak_macs_per_second, launch_cycles, sync_cycles,
///   memories [{name, instances, size_bits (null: unlimited), word_bits, block_words,
///              bandwidth {read, write, shared} (bits per cycle and instance, null: unlimited),
///              read/write {pj_per_access, pj_per_bit, source}, holds, double_buffered,
///              shared_along}],
///   axes [{name, size, multicast, reduce, core, inside, hop_pj_per_bit, hop_source}]
///     ("inside": the memory it stands directly below, null for none),
///   compute {name, mac/other {pj, source}, cycles_per_operation, precision_bits,
///   accumulator_bits}.
std::string architecture_json(const Architecture& arch);

}  // namespace tileloom::report

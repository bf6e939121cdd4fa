#pragma once
#include <optional>
#include <string>

#include "tileloom/arch/architecture.hpp"
#include "tileloom/arch/energy_table.hpp"
#include "tileloom/io/yaml/machine.hpp"
#include "tileloom/io/yaml/reader.hpp"

namespace tileloom::yaml {

/// What an energy of the machine is per, and what the built-in table would look it up by.
struct EnergyOf {
  std::string name;  ///< of the key, in messages
  EnergyKind kind = EnergyKind::sram;
  std::optional<Bits> capacity;
  std::optional<Bits> access;  ///< bits of one access; absent: an operation, no "/bit" allowed
  std::optional<Bits> word;
};

/// An energy per access or operation in one of the forms
///     0.25 pJ | 0.1 pJ/bit | {value: 0.25 pJ, source: TEXT} | table | {table: TECHNOLOGY}
Energy read_energy_value(Reader& reader, const Node& node, const EnergyOf& of,
                         const MachineContext& context);

/// The energies of a memory: any form above for both directions, or
///     {read: ENERGY, write: ENERGY, source: TEXT}
void read_memory_energy(Reader& reader, const Node& node, const EnergyOf& of,
                        const MachineContext& context, Memory& memory);

/// An energy per bit, for hops: 0.1 pJ/bit or {value, source}.
Energy read_energy_per_bit(Reader& reader, const Node& node, const std::string& name);

}  // namespace tileloom::yaml

#pragma once
// Published access energies by technology, kind of memory and size; every figure has its source.

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "tileloom/support/quantity.hpp"

namespace tileloom {

/// What an energy is looked up for.
enum class EnergyKind : std::uint8_t {
  dram,
  sram,
  register_file,
  mac  ///< one multiply-accumulate; its "capacity" is the width of an operand
};
std::string to_string(EnergyKind kind);

struct EnergyQuery {
  std::string technology;
  EnergyKind kind = EnergyKind::sram;
  Bits capacity{};  ///< of one instance (ignored for dram)
  Bits access{};    ///< moved by one access (ignored for mac)
};

struct TableEnergy {
  Picojoules read{};
  Picojoules write{};
  std::string source;
};

/// Why there is no figure, and what to do.
struct NoEnergy {
  std::string what;
  std::string hint;
};

/// The energy of one access. A published figure belongs to one size and one width: it scales
/// linearly with the width of the access, and between two published sizes s0 < s < s1
///     E(s) = E(s0) · (E(s1)/E(s0))^(log(s/s0) / log(s1/s0))                            [pJ]
/// (a straight line on log-log paper; `source` then says "interpolated"). Sizes outside the
/// published range have no energy. The technology "pat" is Timeloop's public formula instead.
tl::expected<TableEnergy, NoEnergy> look_up(const EnergyQuery& query);

/// One published figure.
struct TableEntry {
  std::string_view technology;
  EnergyKind kind;
  double capacity_bits;  ///< 0 = holds for every size
  double access_bits;    ///< 0 for mac
  double read_pj;
  double write_pj;
  std::string_view source;
};
const std::vector<TableEntry>& energy_table();

/// The names `look_up` knows.
const std::vector<std::string>& technologies();

}  // namespace tileloom

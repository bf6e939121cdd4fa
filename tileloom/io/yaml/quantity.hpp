#pragma once
// Numbers with units as users write them: "64 KiB", "16 B/cycle", "0.25 pJ", "1 GHz".

#include <optional>
#include <string>

#include "tileloom/io/yaml/reader.hpp"
#include "tileloom/support/quantity.hpp"

namespace tileloom::yaml {

/// A size: bit, B, KiB, MiB, GiB, TiB, or, if `word` is given, words. At least 1 bit, at most
/// 1 PiB, a whole number of bits.
std::optional<Bits> read_size(Reader& reader, const Node& node, const std::string& name,
                              std::optional<Bits> word = {});

/// A bandwidth in bits per cycle: a size "/cycle", or GB/s (10⁹ B/s), MB/s, GiB/s, Gbit/s divided
/// by the clock.
std::optional<double> read_bandwidth(Reader& reader, const Node& node, const std::string& name,
                                     Bits word, std::optional<double> clock_hz);

/// A frequency in Hz: Hz, kHz, MHz, GHz.
std::optional<double> read_frequency(Reader& reader, const Node& node, const std::string& name);

/// A number of cycles, "100 cycles" or "100".
std::optional<std::int64_t> read_cycles(Reader& reader, const Node& node, const std::string& name);

/// An energy of 0 or more: fJ, pJ, nJ, alone or per amount of data ("700 pJ/64 bit", "1 pJ/word").
struct EnergyFigure {
  double pj = 0;
  std::optional<double> per_bits;  ///< absent: per access or operation
};
std::optional<EnergyFigure> read_energy(Reader& reader, const Node& node, const std::string& name,
                                        std::optional<Bits> word = {});

}  // namespace tileloom::yaml

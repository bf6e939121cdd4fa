#pragma once
// Everything about an order of loops that depends only on which loops stand below a place, not on
// their order there: sizes, iterations, traffic. Orders share these figures, so each is worked out
// once.

#include <array>
#include <cstdint>
#include <vector>

#include "tileloom/cost/profiles/defines2022/boundary.hpp"
#include "tileloom/mapper/loma/loops.hpp"

namespace tileloom::mapper::loma {

using cost::defines2022::Prepared;
using cost::defines2022::Sizes;

/// Π_relevant extent · Π_windows N(extent, extent)   [elements]
std::int64_t elements_of(const cost::defines2022::PreparedOperand& operand,
                         const std::array<std::int64_t, cost::defines2022::kDims>& extent);

/// A multiset of loops as a mixed-radix number: Σ count(kind)·stride(kind).
using Below = std::uint32_t;

/// How the extent of an unrolled loop counts when it is no whole number.
enum class Extents : std::uint8_t {
  rounded_up,
  truncated_in_windows,  ///< and rounded up elsewhere, as in ZigZag 3.8.5
};

/// Equal loops, of which an order holds `copies`.
struct Kind {
  TemporalLoop loop;
  int copies = 1;
  Below stride = 1;
};

class Tables {
 public:
  Tables(const Prepared& prepared, int limit, Extents extents = Extents::rounded_up);

  const std::vector<Kind>& kinds() const { return kinds_; }
  /// The loops in non-increasing order of (name, size), as indices of kinds; a larger index is a
  /// larger loop.
  const std::vector<int>& items() const { return items_; }
  std::int64_t total() const { return iterations_.back(); }
  /// Product of the sizes of the loops below.
  std::int64_t iterations(Below below) const { return iterations_[below]; }
  /// Whether the output is still being reduced by loops that are not below.
  bool reduces_above(Below below) const { return irrelevant_left_[below] != 1; }
  std::int64_t elements(int operand, int level, Below below) const {
    return elements_[static_cast<std::size_t>(operand)][static_cast<std::size_t>(level)][below];
  }
  bool irrelevant(int operand, int kind) const {
    return irrelevant_[static_cast<std::size_t>(operand)][static_cast<std::size_t>(kind)];
  }
  /// Whether a longer prefix never holds fewer elements nor causes more accesses, so that the
  /// longest one that fits is the best.
  bool monotone() const { return monotone_; }

  /// Energies of the links across boundary b of an operand (0: above the MAC), by Link.
  const std::array<double, cost::defines2022::kLinks>& energy(int operand, int b, Below below) {
    Energies& known = energies_[static_cast<std::size_t>(operand)][static_cast<std::size_t>(b)];
    if (!known.worked_out[below]) work_out(operand, b, below);
    return known.links[below];
  }

 private:
  struct Energies {
    std::vector<std::array<double, cost::defines2022::kLinks>> links;
    std::vector<char> worked_out;
  };

  void make_kinds(int limit);
  void make_iterations();
  void make_elements(Extents extents);
  void check_monotone();
  void work_out(int operand, int b, Below below);
  Below count() const { return static_cast<Below>(iterations_.size()); }

  const Prepared& prepared_;
  std::vector<Kind> kinds_;
  std::vector<int> items_;
  std::vector<Sizes> sizes_;                                      ///< [below]
  std::vector<std::int64_t> iterations_;                          ///< [below]
  std::vector<std::int64_t> irrelevant_left_;                     ///< [below]: of the output
  std::vector<std::vector<char>> irrelevant_;                     ///< [operand][kind]
  std::vector<std::vector<std::vector<std::int64_t>>> elements_;  ///< [operand][level][below]
  std::vector<std::vector<Energies>> energies_;                   ///< [operand][b]
  std::vector<cost::defines2022::Instances> spread_;              ///< [operand]
  bool monotone_ = true;
};

}  // namespace tileloom::mapper::loma

#pragma once
// Cuts an order of loops into levels: memory by memory, each takes the innermost loops that fit.

#include <array>
#include <optional>

#include "tileloom/cost/profiles/defines2022/size_range.hpp"
#include "tileloom/mapper/loma/tables.hpp"

namespace tileloom::mapper::loma {

/// How an order is cut.
enum class Rules : std::uint8_t {
  exact,
  /// As the artifact: a memory in which no combination fits is passed over (defect 9), and extents
  /// are products of doubles in the order of the loops before they are rounded up, so that 251/63 ·
  /// 9 · 7 is 252.
  as_published,
};

inline constexpr std::size_t kMaxLoops = kMostLoops;
inline constexpr std::size_t kMaxLevels = cost::defines2022::kMostLevels;

/// The loops at or below each level of each operand.
struct Allocation {
  std::array<std::array<std::uint8_t, kMaxLevels>, 3> boundary{};
};

class Allocator {
 public:
  /// @param prepared, tables  outlive the allocator
  Allocator(const Prepared& prepared, const Tables& tables, Rules rules);

  /// @param order  kinds of loops, innermost first
  /// @param below  [p]: the p innermost loops of the order, p = 0 … loops
  /// @param tested  one for each memory: narrowed to the sizes for which the answer is the same
  /// @return whether the order is legal; if so `allocation` holds its levels
  bool allocate(const std::vector<int>& order, const Below* below, Allocation& allocation,
                cost::defines2022::SizeRanges& tested) const;
  /// The whole mapping of an order, or nothing if the order is illegal.
  std::optional<cost::defines2022::Mapping> cut(const std::vector<int>& order) const;
  cost::defines2022::Mapping mapping_of(const std::vector<int>& order,
                                        const Allocation& allocation) const;

 private:
  struct Tenant {
    std::size_t operand = 0;
    int level = 0;
    bool top = false;
    std::int64_t bits = 8, final_bits = 8;
    bool is_output = false;
  };
  struct Place {
    std::vector<Tenant> tenants;  ///< in the order of the declaration
    std::int64_t size = 0;        ///< bits
  };
  /// Prefixes a tenant may take: loops [first, last], or only `last` if the memory is its top.
  struct Range {
    int first = 0, last = 0;
    std::int64_t bits = 8;  ///< of an element
  };

  /// An order with what has been decided of it.
  struct Cut {
    const std::vector<int>& order;
    const Below* below;
    Allocation& allocation;
    std::array<int, 3> taken{};  ///< loops of each operand allocated so far
  };

  std::optional<Range> fitting(const Cut& cut, const Tenant& tenant, std::int64_t size,
                               cost::defines2022::SizeRange& tested) const;
  bool choose(const Cut& cut, const Place& place, const std::array<Range, 3>& ranges,
              std::array<int, 3>& best, cost::defines2022::SizeRange& tested) const;
  /// Bits that `tenant` holds with the p innermost loops below.
  std::int64_t held(const Cut& cut, const Tenant& tenant, std::int64_t bits, int p) const {
    if (rounding_matters_) return bits * elements_as_published(cut, tenant, p);
    return bits * tables_.elements(static_cast<int>(tenant.operand), tenant.level, cut.below[p]);
  }
  std::int64_t elements_as_published(const Cut& cut, const Tenant& tenant, int p) const;

  const Prepared& prepared_;
  const Tables& tables_;
  std::vector<Place> places_;
  int loops_ = 0;
  Rules rules_;
  bool rounding_matters_ = false;
  bool longest_is_best_ = true;
};

}  // namespace tileloom::mapper::loma

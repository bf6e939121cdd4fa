#pragma once
// Energy and port times of one complete spatial choice as linear forms over the boundary
// quantities that temporal loops still change. docs/exact_mapper.md, section 4.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "tileloom/cost/objective.hpp"
#include "tileloom/mapper/exact/product/layout.hpp"

namespace tileloom::mapper::product {

/// constant + Σ factor[q] · quantity[q], every factor ≥ 0.
struct Form {
  double constant = 0;
  std::vector<double> factors;

  double operator()(std::span<const double> quantities) const {
    double sum = constant;
    for (std::size_t q = 0; q < factors.size(); ++q) sum += factors[q] * quantities[q];
    return sum;
  }
};

struct Bounds {
  double cycles = 0;
  double picojoules = 0;
};

/// The forms of one spatial choice. They depend on where reductions over time begin, which decides
/// the width of partial sums (O2): one set per position of the first of the output's boundaries
/// that a reduction loop stands above (the number of boundaries if none does).
class Ledger {
 public:
  /// `choices`: by group.
  Ledger(const Terrain& terrain, const Placement& placement, const Layout& layout,
         std::span<const SpatialChoice* const> choices);

  /// Lower bounds, exact up to what pushed negative factors lose. `unfinished`: index of the first
  /// of the output's boundaries with partial sums.
  Bounds operator()(std::span<const double> quantities, std::size_t unfinished) const;
  /// Makes all sets, after which the ledger may be asked from several threads.
  void prepare() const {
    for (std::size_t unfinished = 0; unfinished < sets_.size(); ++unfinished) set(unfinished);
  }
  const Form& energy(std::size_t unfinished) const { return set(unfinished).energy; }
  std::span<const Form> ports(std::size_t unfinished) const { return set(unfinished).ports; }

  /// Accesses that one of the quantity stands for.
  double accesses(std::size_t quantity) const;
  double used_instances(MemoryId memory) const { return instances_[index(memory)]; }

 private:
  struct Set {
    Form energy;
    std::vector<Form> ports;  ///< in cycles
  };

  /// Made when first asked for: most spatial choices only need one.
  const Set& set(std::size_t unfinished) const {
    if (!sets_[unfinished]) sets_[unfinished] = make_set(unfinished);
    return *sets_[unfinished];
  }
  Set make_set(std::size_t unfinished) const;
  void add_inputs(Set& set) const;
  void add_output(Set& set, std::size_t unfinished) const;
  void charge(Set& set, MemoryId memory, double read, double written, std::size_t quantity) const;
  void add(Form& form, double value, std::size_t quantity) const;
  void settle_output(Form& form) const;

  const Terrain& terrain_;
  const Placement& placement_;
  const Layout& layout_;
  std::vector<Multipliers> multipliers_;      ///< by boundary
  std::vector<double> instances_;             ///< by memory
  std::vector<std::size_t> united_quantity_;  ///< by boundary; SIZE_MAX: no temporal loop changes it
  std::vector<std::size_t> each_quantity_;
  struct Port {
    MemoryId memory{};
    double per_read = 0;     ///< cycles per bit over all instances
    double per_written = 0;
  };
  std::vector<Port> ports_;
  std::vector<double> most_;  ///< by quantity: no mapping has more (outputs)
  double compute_cycles_ = 0;
  mutable std::vector<std::optional<Set>> sets_;
};

}  // namespace tileloom::mapper::product

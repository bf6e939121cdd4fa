#pragma once
// What is left of every form that bounds a score, at every place of a walk.
// docs/exact_mapper.md (R13)

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "tileloom/mapper/exact/product/chain_bound.hpp"
#include "tileloom/mapper/exact/product/temporal.hpp"

namespace tileloom::mapper::product {

/// Ports that bounds look at; with energy and a line for each there are so many forms.
inline constexpr std::size_t kMostPorts = 7;
inline constexpr std::size_t kMostForms = 1 + 2 * kMostPorts;

/// Energy and port times, and for products their sums at one price of a cycle.
class WalkTables {
 public:
  /// Of mappings of ChainBound::set_width; asks for ChainBound::score_there before.
  WalkTables(ChainBound& chains, std::size_t unfinished, const Record& record);

  std::size_t size() const { return forms_.size(); }
  const Form& form(std::size_t f) const { return forms_[f]; }
  /// What no Store changes.
  double rest(std::size_t f) const { return rests_[f]; }
  /// False if no form does.
  bool counts(std::size_t quantity) const { return counts_[quantity]; }

  /// By form: the least left where the Stores of the set are those whose boxes have moved last.
  const double* left(std::uint32_t set, std::size_t shape) const {
    return left_.data() + (set * chains_.shapes().size() + shape) * size();
  }

  /// What goes on from there costs at least so much (Record::urgency); nothing if it does not
  /// improve. `spent`: by form.
  std::optional<double> promise(const double* spent, const double* left,
                                const Record& record) const;

 private:
  void add_ports(std::span<const Form> ports);
  void fill();

  ChainBound& chains_;
  Bounds floor_;
  bool energy_ = false;  ///< is the first form
  std::size_t first_port_ = 0;
  std::size_t first_line_ = 0;
  double price_ = 0;
  std::vector<Form> forms_;
  std::vector<double> rests_;
  std::vector<bool> counts_;  ///< by quantity
  std::vector<double> left_;  ///< [(set · shapes + shape) · forms + form]
};

}  // namespace tileloom::mapper::product

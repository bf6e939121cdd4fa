#pragma once
// The least product of cycles and energy, from what is known of weighted sums of the two.
// docs/exact_mapper.md (R12)

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "tileloom/mapper/exact/product/ledger.hpp"

namespace tileloom::mapper::product {

/// True if no loops change it.
inline bool constant(const Form& form) {
  return std::ranges::all_of(form.factors, [](double factor) { return factor == 0; });
}

/// a + price · b
inline Form sum(const Form& a, const Form& b, double price) {
  Form sum = a;
  sum.constant += price * b.constant;
  for (std::size_t q = 0; q < sum.factors.size(); ++q) sum.factors[q] += price * b.factors[q];
  return sum;
}

/// What is known of cycles c and energy e together: least values of e + price · c.
class Trade {
 public:
  explicit Trade(const Bounds& alone) : cycles_(alone.cycles), lines_{{0, alone.picojoules}} {
    find();
  }

  void add(double price, double value) {
    lines_.push_back({price, value});
    find();
  }

  /// Of c · e: where lines meet, for between two such places the product is concave.
  double least() const { return least_; }
  /// The price at which all of the least product's neighbours cost as much.
  double price() const { return least_ / (at_ * at_); }

 private:
  struct Line {
    double price = 0;
    double value = 0;
  };

  double energy(double cycles) const {
    double most = 0;
    for (const Line& line : lines_) most = std::max(most, line.value - line.price * cycles);
    return most;
  }

  void look(double cycles) {
    if (!(cycles >= cycles_)) return;
    const double product = cycles * energy(cycles);
    if (product < least_) {
      least_ = product;
      at_ = cycles;
    }
  }

  void find() {
    least_ = INFINITY;
    look(cycles_);
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (lines_[i].price == lines_[j].price) continue;
        look((lines_[i].value - lines_[j].value) / (lines_[i].price - lines_[j].price));
      }
    }
  }

  double cycles_ = 0;
  std::vector<Line> lines_;
  double least_ = INFINITY;
  double at_ = 1;
};

}  // namespace tileloom::mapper::product

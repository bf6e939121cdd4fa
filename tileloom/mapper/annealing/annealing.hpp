#pragma once
#include "tileloom/mapper/mapper.hpp"

namespace tileloom::mapper {

/// Temperatures are of the natural logarithm of the objective: at temperature T a mapping worse by
/// the factor e^T is accepted with probability 1/e.
struct AnnealingOptions {
  double first_temperature = 1.0;
  double last_temperature = 0.005;
};

/// Simulated annealing (Kirkpatrick, Gelatt & Vecchi 1983) over genomes: one walker, one changed
/// gene a step, temperature falling geometrically over the budget. Sequential.
class AnnealingMapper final : public Mapper {
 public:
  explicit AnnealingMapper(AnnealingOptions options) : options_(options) {}
  MapResult map(const Problem& problem, const Budget& budget,
                const OnProgress& on_progress) const override;

 private:
  AnnealingOptions options_;
};

}  // namespace tileloom::mapper

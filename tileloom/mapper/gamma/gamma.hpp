#pragma once
#include "tileloom/mapper/gamma/options.hpp"
#include "tileloom/mapper/mapper.hpp"

namespace tileloom::mapper {

/// GAMMA: Automating the HW Mapping of DNN Models on Accelerators via Genetic Algorithm
/// (S.-C. Kao and T. Krishna, ICCAD 2020).
class GammaMapper final : public Mapper {
 public:
  explicit GammaMapper(GammaOptions options) : options_(std::move(options)) {}
  MapResult map(const Problem& problem, const Budget& budget,
                const OnProgress& on_progress) const override;

 private:
  GammaOptions options_;
};

}  // namespace tileloom::mapper

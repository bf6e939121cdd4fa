#pragma once
// What schedules are chosen by besides latency and energy.

#include <cstdint>
#include <string>
#include <vector>

#include "tileloom/scheduler/exact/exact.hpp"

namespace tileloom::scheduler::exact {

/// What a part has of the aim: bits through the outermost memory, or bits in those inside it.
double aimed(const ExactFusionOptions& options, double home_bits, std::int64_t inner_bits);

/// What fronts weigh besides: bits in the memories inside the outermost.
double beside(const ExactFusionOptions& options, std::int64_t inner_bits);

/// Whether homes in the memory of activations are tried.
bool boundaries_near(const ExactFusionOptions& options);

/// What a chain costs whose parts read `text`.
FrontPoint front_point(const std::vector<chains::Step>& chain, std::string text);

}  // namespace tileloom::scheduler::exact

#pragma once
#include <string>

#include "tileloom/report/comparison/comparison.hpp"

namespace tileloom::report {

/// The comparison as a picture (SVG, nothing outside it is needed): times the floor, geometric mean
/// over the layers, against evaluations and against processor time, both axes logarithmic. A line
/// per mapper is the median over the seeds, a band reaches from the best seed to the worst. A curve
/// starts where every seed has a mapping of every layer.
std::string comparison_chart(const Comparison& comparison);

}  // namespace tileloom::report

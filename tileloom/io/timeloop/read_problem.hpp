#pragma once
#include "tileloom/cost/profiles/timeloop/problem.hpp"
#include "tileloom/io/timeloop/reading.hpp"

namespace tileloom::io::timeloop {

/// Reads the value of `problem:`: a shape (dimensions, coefficients, data spaces with projections
/// as sums of products) and an instance (bounds, and values of the coefficients).
cost::timeloop::Problem read_problem(const Node& node, Reading& reading);

/// The dimension called `name`, or a mistake that suggests a known one.
std::optional<cost::timeloop::DimId> find_dim(const cost::timeloop::Problem& problem,
                                              const std::string& name, const Where& where,
                                              Reading& reading);

/// The dataspace called `name`, or a mistake that suggests a known one.
std::optional<cost::timeloop::SpaceId> find_space(const cost::timeloop::Problem& problem,
                                                  const std::string& name, const Where& where,
                                                  Reading& reading);

}  // namespace tileloom::io::timeloop

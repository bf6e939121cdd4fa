#pragma once
// Timeloop's problem: one affine loop nest over dimensions, touching dataspaces.

#include <cstdint>
#include <string>
#include <vector>

#include "tileloom/support/id.hpp"

namespace tileloom::cost::timeloop {

enum class DimId : std::uint16_t {};    ///< index into Problem::dims
enum class SpaceId : std::uint16_t {};  ///< index into Problem::spaces

/// A loop dimension; `bound` iterations, at least 1.
struct Dim {
  std::string name;
  std::int64_t bound = 1;
  bool operator==(const Dim&) const = default;
};

/// One summand of a rank's index: coefficient · dim.
struct Term {
  DimId dim{};
  std::int64_t coefficient = 1;
  bool operator==(const Term&) const = default;
};

/// A rank's index is the sum of its terms, for example 2·P + R.
using Rank = std::vector<Term>;

/// A tensor: weights, inputs, or (is_output) the accumulated result.
struct Dataspace {
  std::string name;
  bool is_output = false;
  std::vector<Rank> ranks;
  bool operator==(const Dataspace&) const = default;
};

struct Problem {
  PerId<DimId, Dim> dims;
  PerId<SpaceId, Dataspace> spaces;
  bool operator==(const Problem&) const = default;
};

}  // namespace tileloom::cost::timeloop

#include "tileloom/cost/profiles/defines2022/data.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace tileloom::cost::defines2022 {
namespace {

double size_of(const SpatialLoop& loop, Unrolled unrolled) {
  switch (unrolled) {
    case Unrolled::fraction:
    case Unrolled::fraction_whole_windows:
      return loop.fraction();
    case Unrolled::rounded_up:
      return static_cast<double>(loop.rounded_up());
    case Unrolled::rounded_down:
      return static_cast<double>(loop.bound / loop.steps);
  }
  return 1;
}

/// N(T, F) of layer.hpp for extents that may be fractions, truncated.
double window(const Relation& relation, double outputs, double kernel) {
  const auto g = static_cast<double>(std::gcd(relation.stride, relation.dilation));
  const double overlap = std::max(0.0, kernel - static_cast<double>(relation.stride) / g);
  return std::trunc(outputs * kernel -
                    overlap * (outputs - static_cast<double>(relation.dilation) / g));
}

/// Π_relevant extent · Π_windows N of the given extents.
double elements(const PreparedOperand& operand, std::array<double, kDims> extent,
                Unrolled unrolled) {
  double product = 1;
  for (std::size_t d = 0; d < kDims; ++d)
    if (operand.relevance[d] == Relevance::relevant) product *= extent[d];
  if (unrolled == Unrolled::fraction_whole_windows)
    for (double& of_dim : extent) of_dim = std::trunc(of_dim);
  for (const Relation& relation : operand.windows)
    product *= window(relation, extent[static_cast<std::size_t>(relation.output)],
                      extent[static_cast<std::size_t>(relation.kernel)]);
  return product;
}

std::array<double, kDims> spatial_extents(const PreparedOperand& operand, int level,
                                          Unrolled unrolled) {
  std::array<double, kDims> extent;
  extent.fill(1);
  for (int a = 0; a <= level; ++a)
    for (const SpatialLoop& loop : operand.spatial[static_cast<std::size_t>(a)])
      extent[static_cast<std::size_t>(loop.dim)] *= size_of(loop, unrolled);
  return extent;
}

double round_even(double value) { return std::nearbyint(value); }
double round_up(double value) { return std::ceil(value); }
double round_down(double value) { return std::floor(value); }

/// The first rounding under which the instances below everything agree between the operands.
double (*common_rounding(const std::vector<double>& bottoms))(double) {
  for (double (*rounding)(double) : {round_even, round_up})
    if (std::ranges::all_of(bottoms, [&](double b) { return rounding(b) == rounding(bottoms[0]); }))
      return rounding;
  return round_down;
}

}  // namespace

double side_by_side(const PreparedOperand& operand, Dim dim, int level, Unrolled unrolled) {
  return spatial_extents(operand, level, unrolled)[static_cast<std::size_t>(dim)];
}

double side_by_side_from(const PreparedOperand& operand, int level, Unrolled unrolled) {
  double product = 1;
  for (int a = operand.levels(); a >= level; --a)
    for (const SpatialLoop& loop : operand.spatial[static_cast<std::size_t>(a)])
      product *= size_of(loop, unrolled);
  return product;
}

double data(const PreparedOperand& operand, const Sizes& temporal, int below, Unrolled unrolled) {
  if (below == 0) return 1;
  std::array<double, kDims> extent = spatial_extents(operand, below - 1, unrolled);
  for (std::size_t d = 0; d < kDims; ++d) extent[d] *= static_cast<double>(temporal.items[d]);
  return round_even(elements(operand, extent, unrolled));
}

std::vector<Instances> instances(const Prepared& prepared, Unrolled unrolled) {
  std::vector<double> bottoms;
  for (const PreparedOperand& operand : prepared.operands)
    bottoms.push_back(side_by_side_from(operand, 0, unrolled));
  double (*rounding)(double) = common_rounding(bottoms);

  std::vector<Instances> result;
  for (const PreparedOperand& operand : prepared.operands) {
    const int n = operand.levels();
    Instances& part = result.emplace_back();
    part.unique.assign(static_cast<std::size_t>(n) + 1, 1);
    double above = 1;
    for (int a = n; a >= 0; --a) {
      const double upto = elements(operand, spatial_extents(operand, a, unrolled), unrolled);
      const double below = elements(operand, spatial_extents(operand, a - 1, unrolled), unrolled);
      above *= upto / below;
      part.unique[static_cast<std::size_t>(a)] = above;
    }
    for (int a = 0; a <= n; ++a) {
      part.all.push_back(rounding(side_by_side_from(operand, a, unrolled)));
      if (a == n) break;
      const auto i = static_cast<std::size_t>(a);
      part.boost.push_back(std::trunc(part.unique[i] / part.unique[i + 1]));
    }
  }
  return result;
}

double irrelevant_from(const PreparedOperand& operand, int level, Unrolled unrolled) {
  double product = 1;
  for (int a = operand.levels(); a >= std::max(level, 0); --a)
    for (const SpatialLoop& loop : operand.spatial[static_cast<std::size_t>(a)])
      if (operand.relevance[static_cast<std::size_t>(loop.dim)] == Relevance::irrelevant)
        product *= size_of(loop, unrolled);
  return product;
}

}  // namespace tileloom::cost::defines2022

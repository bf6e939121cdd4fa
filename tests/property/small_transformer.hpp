#pragma once
// Small attention and small multi-layer products, for tests of stacks.

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tileloom/support/random.hpp"
#include "tileloom/workload/workload.hpp"

namespace tileloom {

/// Builds operators whose axes are one rank each.
class ProductNetwork {
 public:
  using Letters = std::string;  ///< a rank each: "bms" is [B, M, S]

  explicit ProductNetwork(std::vector<std::pair<char, std::int64_t>> extents)
      : extents_(std::move(extents)) {}

  TensorId tensor(const Letters& axes, TensorKind kind) {
    std::vector<std::int64_t> shape;
    for (const char letter : axes) shape.push_back(extent(letter));
    return workload_.tensors.push_back(
        {fmt::format("t{}", workload_.tensors.size()), std::move(shape), 8, kind});
  }

  struct Read {
    TensorId tensor{};
    Letters axes;
    Role role = Role::input;
  };
  /// `reads` with `axes` as result; letters that only they have are reduced.
  TensorId add(const std::vector<Read>& reads, const Letters& axes, PointFunction function,
               Reduction reduction, TensorKind kind = TensorKind::intermediate) {
    Operator op;
    op.name = fmt::format("op{}", workload_.operators.size());
    Letters ranks = axes;
    for (const Read& read : reads)
      for (const char letter : read.axes)
        if (ranks.find(letter) == Letters::npos) ranks += letter;
    for (const char letter : ranks) op.ranks.push_back({Letters(1, letter), extent(letter)});
    const auto seen = [&](const Letters& letters) {
      std::vector<Axis> found;
      for (const char letter : letters)
        found.push_back({{{static_cast<RankId>(ranks.find(letter)), 1}}, 0, extent(letter)});
      return found;
    };
    for (const Read& read : reads) op.inputs.push_back({read.tensor, read.role, seen(read.axes)});
    const std::int64_t partial = reduction == Reduction::sum ? 24 : 8;
    const TensorId made = tensor(axes, kind);
    op.output = {made, Role::output, seen(axes), 8, partial};
    op.function = function;
    op.reduction = reduction;
    workload_.operators.push_back(op);
    return made;
  }
  TensorId product(TensorId left, const Letters& left_axes, TensorId right,
                   const Letters& right_axes, const Letters& axes,
                   TensorKind kind = TensorKind::intermediate) {
    return add({{left, left_axes}, {right, right_axes, Role::weight}}, axes,
               PointFunction::multiply, Reduction::sum, kind);
  }

  Workload finish() { return std::move(workload_); }

 private:
  std::int64_t extent(char letter) const {
    return std::ranges::find(extents_, letter, [](const auto& e) { return e.first; })->second;
  }

  std::vector<std::pair<char, std::int64_t>> extents_;
  Workload workload_;
};

/// Q·K, the maximum of every row, the difference from it, if `whole` its sum and the difference
/// from that (for a quotient, so that all values are whole numbers), and the product with V.
inline Workload small_attention(Random& random, bool whole) {
  ProductNetwork net({{'b', random.between(1, 3)},
                      {'m', random.between(2, 8)},
                      {'s', random.between(2, 6)},
                      {'d', random.between(1, 3)},
                      {'e', random.between(1, 3)}});
  const TensorId q = net.tensor("bmd", TensorKind::input);
  const TensorId k = net.tensor("bsd", TensorKind::input);
  const TensorId v = net.tensor("bse", TensorKind::input);
  const TensorId scores = net.product(q, "bmd", k, "bsd", "bms");
  const auto row = [&](TensorId of, Reduction reduction) {
    return net.add({{of, "bms"}}, "bm", PointFunction::copy, reduction);
  };
  const auto less = [&](TensorId of, TensorId by) {
    return net.add({{of, "bms"}, {by, "bm"}}, "bms", PointFunction::subtract, Reduction::none);
  };
  TensorId weights = less(scores, row(scores, Reduction::max));
  if (whole) weights = less(weights, row(weights, Reduction::sum));
  net.product(weights, "bms", v, "bse", "bme", TensorKind::output);
  return net.finish();
}

/// X·W1, a function, ·W2, and X added if it fits.
inline Workload small_mlp(Random& random) {
  const std::int64_t width = random.between(1, 4);
  const bool residual = random.below(2) == 0;
  ProductNetwork net({{'m', random.between(2, 8)},
                      {'k', width},
                      {'h', random.between(2, 12)},
                      {'n', residual ? width : random.between(1, 4)}});
  const TensorId x = net.tensor("mk", TensorKind::input);
  const TensorId first = net.tensor("kh", TensorKind::constant);
  const TensorId second = net.tensor("hn", TensorKind::constant);
  const TensorId hidden = net.product(x, "mk", first, "kh", "mh");
  const TensorId bent = net.add({{hidden, "mh"}}, "mh", PointFunction::activation, Reduction::none);
  const TensorKind kind = residual ? TensorKind::intermediate : TensorKind::output;
  const TensorId made = net.product(bent, "mh", second, "hn", "mn", kind);
  if (residual)
    net.add({{made, "mn"}, {x, "mn"}}, "mn", PointFunction::add, Reduction::none,
            TensorKind::output);
  return net.finish();
}

}  // namespace tileloom

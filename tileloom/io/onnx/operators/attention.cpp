// Attention as its chain, per batch B, head H of the keys, head G of the queries that share it:
//
//   scores[m, n] = Σ_k Q[m, k] · K[n, k]      (scaling and a constant mask are the last step)
//   mask         scores + mask, if the mask is computed
//   softmax over n, four operators
//   Y[m, v] = Σ_n P[m, n] · V[n, v]
//
// Causal masking is not exploited: all of the scores count. Keys and values of earlier steps
// ("past") are joined with the new ones by copies.

#include <fmt/format.h>

#include "tileloom/io/onnx/operators/broadcast.hpp"
#include "tileloom/io/onnx/operators/families.hpp"
#include "tileloom/io/onnx/operators/softmax.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::onnx_import {
namespace {

/// Queries, keys or values: [B, S, heads · width] or [B, heads, S, width].
struct Heads {
  TensorId tensor{};
  std::int64_t batch = 1;
  std::int64_t heads = 1;
  std::int64_t length = 1;
  std::int64_t width = 1;
  bool heads_first = false;
};

Heads heads_of(const NodeScope& scope, std::size_t i, std::int64_t heads) {
  const Shape& shape = scope.shape(i);
  const TensorId tensor = scope.input(i).storage;
  if (shape.size() == 4) return {tensor, shape[0], shape[1], shape[2], shape[3], true};
  if (shape.size() != 3 || heads < 1 || shape[2] % heads != 0) {
    scope.mistake(
        fmt::format("input {} is {}, with {} heads: must be [batch, length, heads x "
                    "width] or have four dimensions",
                    i, to_text(shape), heads));
  }
  return {tensor, shape[0], heads, shape[1], shape[2] / heads, false};
}

std::vector<Axis> axes_of(const Heads& t, Axis batch, std::vector<Axis> heads, Axis length,
                          Axis width) {
  std::vector<Axis> axes{std::move(batch)};
  if (!t.heads_first) axes.push_back(length);
  axes.insert(axes.end(), heads.begin(), heads.end());
  if (t.heads_first) axes.push_back(std::move(length));
  axes.push_back(std::move(width));
  return axes;
}

/// The past [B, heads, P, width] and the new entries in one tensor, which is output k if wanted.
Heads join_past(NodeScope& scope, const std::string& part, std::size_t past, const Heads& now,
                std::size_t k) {
  const Shape& before = scope.shape(past);
  if (before.size() != 4 || before[0] != now.batch || before[1] != now.heads ||
      before[3] != now.width) {
    scope.mistake(fmt::format("input {} is {}, must be [{}, {}, length, {}]", past, to_text(before),
                              now.batch, now.heads, now.width));
  }
  const std::int64_t length = checked_add(before[2], now.length);
  const Shape shape{now.batch, now.heads, length, now.width};
  const TensorId joined = scope.has_output(k) ? scope.make(k, shape)
                                              : scope.between(part, shape, scope.input(past).type);
  const Heads old{scope.input(past).storage, now.batch, now.heads, before[2], now.width, true};
  std::int64_t offset = 0;
  for (const Heads* piece : {&old, &now}) {
    Ranks ranks;
    const Axis b = axis(ranks.add("B", now.batch), now.batch);
    const Axis h = axis(ranks.add("H", now.heads), now.heads);
    const RankId s = ranks.add("N", piece->length);
    const Axis w = axis(ranks.add("K", now.width), now.width);
    scope.emit(part + (piece == &old ? ".past" : ".new"), ranks,
               {scope.read(piece->tensor, axes_of(*piece, b, {h}, axis(s, piece->length), w))},
               scope.write(joined, {b, h, axis({{s, 1}}, offset, length), w}), PointFunction::copy,
               Reduction::none);
    offset += piece->length;
  }
  return {joined, now.batch, now.heads, length, now.width, true};
}

/// The chain from Q, K, V to output 0; `mask` is the number of the mask's input, if there is one.
void attend(NodeScope& scope, const Heads& q, const Heads& k, const Heads& v,
            std::optional<std::size_t> mask) {
  const bool fits = q.batch == k.batch && k.batch == v.batch && k.heads == v.heads &&
                    k.length == v.length && q.width == k.width && k.heads > 0 &&
                    q.heads % k.heads == 0;
  if (!fits) {
    scope.mistake(fmt::format(
        "queries {} x {} x {}, keys {} x {} x {}, values {} x {} x {} (heads "
        "x length x width) do not fit",
        q.heads, q.length, q.width, k.heads, k.length, k.width, v.heads, v.length, v.width));
  }
  const std::int64_t sharing = q.heads / k.heads;
  const ElementType type = scope.input(0).type;
  const Shape score_shape{q.batch, q.heads, q.length, k.length};
  Part scores{scope.between("scores", score_shape, type), score_shape};
  const TensorId weights = scope.between("probabilities", score_shape, type);
  const TensorId out =
      scope.make(0, q.heads_first ? Shape{q.batch, q.heads, q.length, v.width}
                                  : Shape{q.batch, q.length, checked_mul(q.heads, v.width)});
  const auto product = [&](const std::string& part, const char* depth_name, std::int64_t depth,
                           const auto& operands_of) {
    Ranks ranks;
    const Axis b = axis(ranks.add("B", q.batch), q.batch);
    const Axis h = axis(ranks.add("H", k.heads), k.heads);
    const Axis g = axis(ranks.add("G", sharing), sharing);
    const Axis m = axis(ranks.add("M", q.length), q.length);
    const Axis n = axis(ranks.add("N", k.length), k.length);
    const Axis d = axis(ranks.add(depth_name, depth), depth);
    auto [left, right, result] = operands_of(b, h, g, m, n, d);
    right.role = Role::weight;
    scope.emit(part, ranks, {std::move(left), std::move(right)}, std::move(result),
               PointFunction::multiply, Reduction::sum);
  };
  product("scores", "K", q.width,
          [&](const Axis& b, const Axis& h, const Axis& g, const Axis& m, const Axis& n,
              const Axis& d) {
            return std::tuple(scope.read(q.tensor, axes_of(q, b, {h, g}, m, d)),
                              scope.read(k.tensor, axes_of(k, b, {h}, n, d)),
                              scope.write(scores.tensor, {b, h, g, m, n}));
          });
  if (mask && !scope.constant(*mask)) {
    const Part masked{scope.between("masked", score_shape, type), score_shape};
    Shape own = scope.shape(*mask);
    if (own.size() > 4 || broadcast(scope, {score_shape, own}) != score_shape) {
      scope.mistake(fmt::format("the mask {} does not fit the scores {}", to_text(own),
                                to_text(score_shape)));
    }
    map_part(scope, "mask", {scores, {scope.input(*mask).storage, own}}, masked,
             PointFunction::add);
    scores = masked;
  }
  softmax_chain(scope, scores.tensor, score_shape, 3, type, weights);
  product("values", "V", v.width,
          [&](const Axis& b, const Axis& h, const Axis& g, const Axis& m, const Axis& n,
              const Axis& d) {
            Heads y = q;
            y.tensor = out;
            return std::tuple(scope.read(weights, {b, h, g, m, n}),
                              scope.read(v.tensor, axes_of(v, b, {h}, n, d)),
                              scope.write(out, axes_of(y, b, {h, g}, m, d)));
          });
}

/// Attention-23: Q, K, V, mask, past key, past value → Y, present key, present value, scores.
void attention(NodeScope& scope) {
  const std::int64_t kv_heads = scope.integer("kv_num_heads", 1);
  const Heads q = heads_of(scope, 0, scope.integer("q_num_heads", 1));
  Heads k = heads_of(scope, 1, kv_heads);
  Heads v = heads_of(scope, 2, kv_heads);
  if (scope.has_output(3)) scope.unsupported("the scores are an output");
  if (scope.has_input(4) && scope.has_input(5)) {
    k = join_past(scope, "keys", 4, k, 1);
    v = join_past(scope, "values_joined", 5, v, 2);
  } else if (scope.has_output(1) || scope.has_output(2)) {
    scope.unsupported("present keys and values without past ones");
  }
  attend(scope, q, k, v, scope.has_input(3) ? std::optional<std::size_t>(3) : std::nullopt);
}

/// com.microsoft/MultiHeadAttention with separate Q, K, V of three dimensions.
void multi_head_attention(NodeScope& scope) {
  if (!scope.has_input(1) || !scope.has_input(2)) scope.unsupported("packed queries and keys");
  for (const std::size_t i : {4U, 6U, 7U}) {
    if (scope.has_input(i)) scope.unsupported("a padding mask or past keys and values");
  }
  if (scope.has_output(1)) scope.unsupported("present keys and values without past ones");
  const std::int64_t heads = scope.integer("num_heads", 1);
  attend(scope, heads_of(scope, 0, heads), heads_of(scope, 1, heads), heads_of(scope, 2, heads),
         scope.has_input(5) ? std::optional<std::size_t>(5) : std::nullopt);
}

/// com.microsoft/Attention: the projections to queries, keys and values come first. The weight
/// [D, 3·H] holds the three side by side.
void projected_attention(NodeScope& scope) {
  const Shape x = scope.shape(0);
  const Shape w = scope.shape(1);
  const std::int64_t heads = scope.integer("num_heads", 1);
  for (const std::size_t i : {3U, 4U, 5U}) {
    if (scope.has_input(i))
      scope.unsupported("a mask, earlier keys and values or a bias of scores");
  }
  if (scope.has_attribute("qkv_hidden_sizes"))
    scope.unsupported("queries and values of other sizes");
  if (scope.has_output(1)) scope.unsupported("present keys and values without past ones");
  if (x.size() != 3 || w.size() != 2 || w[0] != x[2] || w[1] % 3 != 0 || heads < 1 ||
      (w[1] / 3) % heads != 0) {
    scope.mistake(fmt::format("the input is {}, the weight {}, with {} heads", to_text(x),
                              to_text(w), heads));
  }
  const std::int64_t hidden = w[1] / 3;
  const Shape shape{x[0], x[1], hidden};
  std::vector<Heads> projected;
  for (const std::int64_t which : {0, 1, 2}) {
    static constexpr const char* kNames[] = {"queries", "keys", "values_projected"};
    const char* const name = kNames[which];
    const TensorId tensor = scope.between(name, shape, scope.input(0).type);
    Ranks ranks;
    const Axis b = axis(ranks.add("B", x[0]), x[0]);
    const Axis m = axis(ranks.add("M", x[1]), x[1]);
    const Axis n = axis(ranks.add("N", hidden), hidden);
    const Axis k = axis(ranks.add("K", x[2]), x[2]);
    const Axis part = axis(std::vector<Term>{}, which, 3);
    scope.emit(name, ranks, {scope.read(0, {b, m, k}), scope.read_weight(1, {k, part, n})},
               scope.write(tensor, {b, m, n}), PointFunction::multiply, Reduction::sum);
    projected.push_back({tensor, x[0], heads, x[1], hidden / heads, false});
  }
  attend(scope, projected[0], projected[1], projected[2], std::nullopt);
}

}  // namespace

void add_attention_rules(Registry& rules) {
  rules["Attention"] = attention;
  rules["com.microsoft/Attention"] = projected_attention;
  rules["com.microsoft/MultiHeadAttention"] = multi_head_attention;
}

}  // namespace tileloom::onnx_import

#include "tileloom/target/vta/tuning/compile.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include "tileloom/target/vta/tuning/tile_space.hpp"

namespace tileloom::target::vta {
namespace {

std::optional<RankId> rank_called(const Operator& op, std::string_view name) {
  for (std::size_t r = 0; r < op.ranks.size(); ++r) {
    if (op.ranks[r].name == name) return static_cast<RankId>(r);
  }
  return std::nullopt;
}

LaneMap lanes_of(const std::optional<RankId>& rank, std::int64_t lanes) {
  if (!rank || lanes == 1) return {};
  return {{{*rank, lanes}}};
}

/// batch, rows, output channels, then the innermost pixels: b, oh0, co0, ow0.
std::vector<std::size_t> fixed_order(const Operator& op, const Nest& nest) {
  std::vector<std::size_t> order;
  std::optional<std::size_t> channels;
  for (std::size_t l = 0; l < nest.loops(); ++l) {
    if (nest.reduction[l]) continue;
    if (op.ranks[l].name == "K") {
      channels = l;
    } else {
      order.push_back(l);
    }
  }
  if (channels) order.insert(order.empty() ? order.end() : order.end() - 1, *channels);
  return order;
}

/// Output channels and rows: virtual threads exist along one of them.
std::vector<std::size_t> thread_loops(const Operator& op, const Nest& nest) {
  std::vector<std::size_t> loops;
  for (std::size_t l = 0; l < nest.loops(); ++l) {
    const std::string& name = op.ranks[l].name;
    if (!nest.reduction[l] && (name == "K" || name == "P" || name == "M" || name == "N")) {
      loops.push_back(l);
    }
  }
  return loops;
}

std::optional<CompiledOperator> tuned(const Operator& op, const Config& config,
                                      const Embedding& embedding, const Epilogue& epilogue,
                                      const TuneOptions& options) {
  CompiledOperator compiled{embedding, nest_of(op, gemm_core(config), embedding)};
  std::optional<Tuned> result = tune(config, compiled.nest, epilogue, options);
  if (!result) return std::nullopt;
  compiled.tiling = std::move(result->tiling);
  compiled.cycles = result->cycles;
  return compiled;
}

}  // namespace

tileloom::Instruction gemm_core(const Config& config) {
  tileloom::Instruction core =
      gemm_instruction(config.batch(), config.block_out(), config.block_in());
  core.result.layout = Layout::strided;
  return core;
}

std::optional<Embedding> channel_embedding(const Operator& op, const Config& config) {
  const bool matrices = !rank_called(op, "C").has_value();
  const auto x = rank_called(op, matrices ? "M" : "N");
  const auto y = rank_called(op, matrices ? "N" : "K");
  const auto z = rank_called(op, matrices ? "K" : "C");
  if (!x || !y || !z) return std::nullopt;
  return Embedding{false,
                   {lanes_of(x, config.batch()), lanes_of(y, config.block_out()),
                    lanes_of(z, config.block_in())}};
}

std::optional<CompiledOperator> compile_reference(const Operator& op, const Config& config,
                                                  const CompileOptions& options) {
  const std::optional<Embedding> embedding = channel_embedding(op, config);
  if (!embedding) return std::nullopt;
  TuneOptions tune = options.tune;
  tune.fixed_strategy = true;
  const Nest nest = nest_of(op, gemm_core(config), *embedding);
  tune.fixed_order = fixed_order(op, nest);
  tune.thread_loops = thread_loops(op, nest);
  tune.as_described = true;
  auto described = tuned(op, config, *embedding, options.epilogue, tune);
  if (described) return described;
  tune.as_described = false;
  return tuned(op, config, *embedding, options.epilogue, tune);
}

std::vector<Tiling> known_tilings(const CompiledOperator& recipe, const Config& config) {
  std::vector<Tiling> tilings{recipe.tiling};
  Tiling kept = recipe.tiling;
  kept.reload = false;
  kept.skip_padding = true;
  for (const std::int64_t most : {0, 2}) {
    tilings.push_back(with_slots(config, recipe.nest, kept, most));
    if (!infeasible(config, recipe.nest, tilings.back()).empty()) tilings.pop_back();
  }
  return tilings;
}

std::optional<CompiledOperator> tune_embedding(const Operator& op, const Config& config,
                                               const Embedding& embedding,
                                               const CompileOptions& options) {
  return tuned(op, config, embedding, options.epilogue, options.tune);
}

std::optional<CompiledOperator> compile(const Operator& op, const Config& config,
                                        std::span<const Embedding> embeddings,
                                        const CompileOptions& options) {
  struct Bounded {
    std::int64_t bound = 0;
    const Embedding* embedding = nullptr;
  };
  std::vector<Bounded> candidates;
  const tileloom::Instruction core = gemm_core(config);
  for (const Embedding& embedding : embeddings) {
    const Nest nest = nest_of(op, core, embedding);
    candidates.push_back(
        {lower_bound(config, nest, kEpilogueOperations, options.tune.timing), &embedding});
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Bounded& a, const Bounded& b) { return a.bound < b.bound; });
  // What the recipe's lanes are worth tiled freely is always known.
  const auto channels = channel_embedding(op, config);
  const auto most = static_cast<std::ptrdiff_t>(options.embeddings);
  const auto own = std::find_if(candidates.begin(), candidates.end(), [&](const Bounded& candidate) {
    return *candidate.embedding == channels;
  });
  if (own != candidates.end() && most > 0 && own - candidates.begin() >= most) {
    std::rotate(candidates.begin() + most - 1, own, own + 1);
  }
  const std::optional<CompiledOperator> recipe = compile_reference(op, config, options);
  std::optional<CompiledOperator> best = recipe;
  std::int64_t tried = 0;
  for (const Bounded& candidate : candidates) {
    if (tried++ == options.embeddings) break;
    if (best && candidate.bound >= best->cycles.value) break;
    TuneOptions tune = options.tune;
    if (recipe && *candidate.embedding == channels) tune.known = known_tilings(*recipe, config);
    auto other = tuned(op, config, *candidate.embedding, options.epilogue, tune);
    if (other && (!best || other->cycles < best->cycles)) best = std::move(other);
  }
  return best;
}

}  // namespace tileloom::target::vta

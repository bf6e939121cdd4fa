#pragma once
// How one layer of a network runs: its lanes and tiles, and its constants as bytes.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "tileloom/target/vta/network/window_layer.hpp"
#include "tileloom/target/vta/tuning/compile.hpp"

namespace tileloom::target::vta {

struct NetworkOptions {
  TuneOptions tune{.refined = 40};
  std::int64_t embeddings = 6;  ///< of a layer whose input the host packs, tuned at most
};

struct LayerPlan {
  // Of a convolution:
  std::optional<Operator> op;
  CompiledOperator compiled;
  std::vector<Tiling> tilings;  ///< about as good alone as the one of `compiled`, which is the first
  // Of the other kinds:
  WindowLayer window;
  WindowTiling window_tiling;

  LayerSurroundings around;       ///< with all but the addresses
  std::int64_t data_offset = 0;   ///< of the first element that is read in its tensor [bytes]
  bool packed_by_host = false;    ///< the input lies as the embedding wants it
  std::string weights;            ///< WGT elements
  std::string bias;
  std::string factor;
};

/// Plans layers one after the other; layers of one shape are tuned once.
class LayerPlanner {
 public:
  LayerPlanner(const IntegerNetwork& network, const Config& config, const NetworkOptions& options)
      : network_(network), config_(config), options_(options) {}

  /// The plan, or the reason why there is none.
  tl::expected<LayerPlan, std::string> plan(std::size_t layer);

 private:
  using Outcome = std::optional<std::string>;  ///< a reason why not
  Outcome plan_convolution(std::size_t layer, LayerPlan& plan);
  Outcome plan_window(std::size_t layer, LayerPlan& plan);
  Outcome tune_convolution(const std::string& key, LayerPlan& plan);
  std::vector<Tiling> tune_chained(const LayerPlan& plan) const;
  std::optional<CompiledOperator> tune_packed(const LayerPlan& plan) const;
  bool host_packs(std::size_t layer) const;

  const IntegerNetwork& network_;
  const Config& config_;
  const NetworkOptions& options_;
  std::map<std::string, std::vector<Tiling>> tuned_;
};

/// Emits a planned layer whose addresses are known, after one that left `pending` behind.
EmittedProgram emit_plan(const Config& config, const LayerPlan& plan,
                         const std::vector<PendingStore>& pending);

/// GEMM steps of the sums themselves in the layer's program: without bias, added tensor, and padding
/// that is left out.
std::int64_t sum_steps(const Config& config, const LayerPlan& plan,
                       const std::vector<Instruction>& program);

}  // namespace tileloom::target::vta

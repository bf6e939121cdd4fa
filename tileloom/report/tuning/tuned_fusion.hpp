#pragma once
// What `tune-fusion` found, for a terminal, as JSON and as a page.

#include <optional>
#include <string>
#include <vector>

#include "tileloom/report/schedule/table.hpp"
#include "tileloom/scheduler/dlfusion/dlfusion.hpp"
#include "tileloom/scheduler/dlfusion/pipelined.hpp"

namespace tileloom::report {

/// A schedule as a loop tree in text form, or why there is none.
struct TreeText {
  std::string text;
  std::vector<std::string> obstacles;  ///< rules that the tree would break
};

/// One strategy, and what the event simulator says of its blocks.
struct TunedStrategy {
  scheduler::Fusion fusion;
  std::vector<double> simulated;  ///< cycles per block
  TreeText tree;
};

/// Several images, blocks at the same time.
struct TunedBatch {
  scheduler::Pipelined schedule;
  double repeated = 0;            ///< cycles of the optimum, repeated for each image
  double launched_once = 0;       ///< of the best schedule with one block at a time
  std::vector<double> simulated;  ///< cycles per segment
  TreeText tree;                  ///< of the network repeated for the images
};

struct TunedFusion {
  std::string model;
  std::string architecture;
  double clock_hz = 1e9;
  std::int64_t cores = 1;
  bool multicast = false;              ///< one read serves all cores that need the same
  std::vector<std::string> operators;  ///< names, by id
  scheduler::UnitGraph units;
  scheduler::Calibration calibration;
  bool calibration_cached = false;
  double calibration_seconds = 0;
  std::vector<TunedStrategy> strategies;  ///< none … optimal
  std::optional<TunedBatch> batch;
};

/// The strategy of that name; it must exist.
const TunedStrategy& strategy(const TunedFusion& report, const std::string& name);
/// "conv1 … conv3": the units of a block by the names of their first operators.
std::string block_name(const TunedFusion& report, const std::vector<scheduler::UnitId>& units);
/// "8 cores: 4 rows x 2 columns, 2 tiles".
std::string partition_text(const scheduler::BlockChoice& choice);
std::string partition_text(std::int64_t cores, const cost::BlockPlan& plan);

/// Why the event simulator takes longer or less than the model says, if by more than 5 %; else
/// empty. docs/cost_model.md, section 10, lists the causes.
std::string disagreement(const TunedFusion& report, const scheduler::BlockChoice& choice,
                         double simulated);

/// Strategies with speed-ups and gaps, what was calibrated, and the blocks of the optimum.
std::string tuned_fusion_table(const TunedFusion& report, const TableOptions& options = {});
/// docs/report_schema.md.
std::string tuned_fusion_json(const TunedFusion& report);
/// One HTML file that needs nothing else: strategies, blocks on the network, cores over time, and
/// why each boundary is where it is.
std::string tuned_fusion_page(const TunedFusion& report);

}  // namespace tileloom::report

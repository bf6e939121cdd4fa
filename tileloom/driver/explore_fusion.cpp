#include "tileloom/driver/explore_fusion.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <mutex>

#include "tileloom/driver/fusion_results.hpp"

namespace tileloom::driver {
namespace {

using namespace scheduler::defines;
using report::FusionPoint;

FusionPoint evaluated(const Exploration& exploration, const Point& point) {
  const auto schedule = exploration.evaluate(point);
  if (schedule) return {point, schedule->totals, {}};
  return {point, std::nullopt, explain(schedule.error(), exploration.machine())};
}

/// Runs points side by side and keeps what is done.
class Sweep {
 public:
  Sweep(const Exploration& exploration, const FusionRequest& request,
        const OnFusionProgress& on_progress)
      : exploration_(exploration),
        request_(request),
        on_progress_(on_progress),
        results_(request.partial, fusion_identity(exploration)),
        found_(request.points.size()) {}

  void run() {
    std::atomic<std::size_t> next{0};  // in order, so that a stopped run has the first points
    tbb::task_arena arena(request_.budget.threads > 0 ? request_.budget.threads
                                                      : tbb::task_arena::automatic);
    arena.execute([&] {
      tbb::parallel_for(std::size_t{0}, request_.points.size(), [&](std::size_t) {
        if (!request_.budget.stopped()) run_one(next.fetch_add(1));
      });
    });
  }

  std::vector<FusionPoint> points() const {
    std::vector<FusionPoint> all;
    for (const std::optional<FusionPoint>& point : found_)
      if (point) all.push_back(*point);
    return all;
  }
  const Diagnostics& mistakes() const { return mistakes_; }

 private:
  void run_one(std::size_t i) {
    const Point& point = request_.points[i];
    const std::optional<FusionPoint> known = results_.find(point);
    FusionPoint result = known ? *known : evaluated(exploration_, point);
    const std::lock_guard lock(mutex_);
    found_[i] = std::move(result);
    ++progress_.done;
    if (known) ++progress_.reused;
    if (!known && mistakes_.empty())
      if (const Result<void> kept = results_.keep(*found_[i]); !kept) mistakes_ = kept.error();
    if (!on_progress_) return;
    const FusionPoint& now = *found_[i];
    if (now.totals && (!best_ || now.totals->energy < best_->totals->energy)) best_ = now;
    progress_.all = request_.points.size();
    progress_.best = best_ ? &*best_ : nullptr;
    on_progress_(progress_);
  }

  const Exploration& exploration_;
  const FusionRequest& request_;
  const OnFusionProgress& on_progress_;
  FusionResults results_;
  std::mutex mutex_;
  std::vector<std::optional<FusionPoint>> found_;
  std::optional<FusionPoint> best_;
  FusionProgress progress_;
  Diagnostics mistakes_;
};

std::optional<report::FusionDetail> detail_at(const Exploration& exploration,
                                              const FusionPoint* point) {
  if (!point) return std::nullopt;
  const auto schedule = exploration.evaluate(point->point);
  if (!schedule) return std::nullopt;
  return report::detail_of(exploration, *schedule);
}

/// Every tile a whole map.
Point whole_maps(const Exploration& exploration) {
  return {Mode::fully_recompute, exploration.largest_output()};
}

FusionPoint single_layer_point(const Network& network, const Machine& machine, Options options) {
  options.depth = {Depth::Kind::single_layer, {}};
  const Exploration exploration(network, machine, options);
  return evaluated(exploration, whole_maps(exploration));
}

}  // namespace

Diagnostics subject_mistakes(const Network& network, const Machine& machine) {
  Diagnostics mistakes;
  const Graph graph = graph_of(network);
  const auto readers = consumers(graph);
  std::vector<std::string> outputs;
  for (const NodeId id : ids<NodeId>(graph.nodes.size()))
    if (readers[id].empty()) outputs.push_back(graph.nodes[id].id);
  if (outputs.size() != 1)
    mistakes.push_back({{},
                        fmt::format("'{}' has {} outputs (layers {}), DeFiNES tiles one",
                                    network.name, outputs.size(), fmt::join(outputs, ", ")),
                        "leave the layers that lead to the others out of the file"});
  if (cost::defines2022::spatial_mapping_family(network, machine.name).empty())
    mistakes.push_back({{},
                        fmt::format("'{}' does not say how its layers are unrolled on '{}'",
                                    network.name, machine.name),
                        "add the machine to spatial_mapping_per_arch in the network's file"});
  for (const MemoryOperand operand : cost::defines2022::kMemoryOperands)
    if (cost::defines2022::levels(machine, operand) == 0)
      mistakes.push_back({{},
                          fmt::format("no memory of '{}' holds {}", machine.name,
                                      cost::defines2022::name(operand)),
                          "give one a level of it"});
  return mistakes;
}

Diagnostics cut_mistakes(const Network& network, const std::vector<std::int64_t>& cuts) {
  Diagnostics mistakes;
  const Graph graph = graph_of(network);
  std::size_t last = 0;
  for (std::size_t i = 0; i < cuts.size(); ++i) {
    const std::string id = std::to_string(cuts[i]);
    std::size_t place = 0;
    while (place < graph.nodes.size() && graph.nodes[static_cast<NodeId>(place)].id != id) ++place;
    if (place == graph.nodes.size()) {
      mistakes.push_back({{},
                          fmt::format("no layer of '{}' has the id {}", network.name, id),
                          fmt::format("cut after a layer from {} to {}",
                                      graph.nodes[NodeId{0}].id, graph.nodes[graph.end()].id)});
      continue;
    }
    if (i > 0 && place <= last && mistakes.empty())
      mistakes.push_back({{},
                          fmt::format("the cut after layer {} does not follow the one after layer "
                                      "{}",
                                      id, cuts[i - 1]),
                          "give every cut once, in the order of the network"});
    last = place;
  }
  return mistakes;
}

Result<report::FusionExploration> explore_fusion(const Network& network, const Machine& machine,
                                                 const FusionRequest& request,
                                                 const OnFusionProgress& on_progress) {
  if (Diagnostics mistakes = subject_mistakes(network, machine); !mistakes.empty())
    return tl::unexpected(std::move(mistakes));
  const Exploration exploration(network, machine, request.options);
  Sweep sweep(exploration, request, on_progress);
  sweep.run();
  if (!sweep.mistakes().empty()) return tl::unexpected(sweep.mistakes());
  report::FusionExploration found;
  found.network = network.name;
  found.machine = machine.name;
  found.options = request.options;
  found.cuts = exploration.cuts();
  found.points = sweep.points();
  found.asked = request.points.size();
  found.single_layer = single_layer_point(network, machine, request.options);
  found.layer_by_layer = evaluated(exploration, whole_maps(exploration));
  found.least_energy = detail_at(exploration, report::least_energy(found.points));
  found.least_latency = detail_at(exploration, report::least_latency(found.points));
  return found;
}

}  // namespace tileloom::driver

#pragma once
// Several images with blocks at the same time: parts of the report of `tune-fusion --batch`.

#include <nlohmann/json.hpp>

#include "tileloom/report/tuning/tuned_fusion.hpp"

namespace tileloom::report {

/// What runs where: units, operators, cores, parts and tiles by axis, weights and halos.
nlohmann::ordered_json plan_json(const TunedFusion& report,
                                 const std::vector<scheduler::UnitId>& units, std::int64_t cores,
                                 const cost::BlockPlan& plan);
/// {tree, tree_obstacles}: the text, null if there is none, and why.
void add_tree(nlohmann::ordered_json& json, const TreeText& tree);
nlohmann::ordered_json batch_json(const TunedFusion& report, const TunedBatch& batch);
std::string batch_table(const TunedFusion& report, const TunedBatch& batch,
                        const TableOptions& options);
/// Cores over time: every image in every stage, in the height of the stage's cores.
std::string batch_section(const TunedFusion& report, const TunedBatch& batch);

}  // namespace tileloom::report

#include "tileloom/driver/import_timeloop.hpp"

#include <utility>

#include "tileloom/cost/profiles/timeloop/check.hpp"
#include "tileloom/cost/profiles/timeloop/evaluate.hpp"
#include "tileloom/cost/profiles/timeloop/from_tileloom.hpp"
#include "tileloom/cost/profiles/timeloop/to_tileloom.hpp"
#include "tileloom/io/timeloop/read_files.hpp"
#include "tileloom/io/timeloop/write_mapping.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::driver {
namespace {

tl::unexpected<Diagnostics> refusal(const std::vector<std::string>& reasons,
                                    const std::string& hint) {
  Diagnostics mistakes;
  for (const std::string& reason : reasons) mistakes.push_back({{}, reason, hint});
  return tl::unexpected(std::move(mistakes));
}

constexpr const char* kInexpressible = "Timeloop cannot express this";

Result<cost::timeloop::Nouns> nouns_of(const Workload& workload, const Architecture& arch,
                                       const LoopTree& tree, cost::timeloop::Wanted wanted) {
  const std::vector<LeafPath> paths = leaf_paths(tree);
  if (!is_single_path(tree) || paths.size() != 1) {
    return refusal({"the tree holds several operators"}, kInexpressible);
  }
  auto nouns =
      cost::timeloop::nouns_from(workload, workload.operators[paths[0].op], arch, paths[0].path,
                                 wanted);
  if (!nouns) return refusal(nouns.error(), kInexpressible);
  return std::move(*nouns);
}

Result<TimeloopImport> converted(io::timeloop::Files files) {
  namespace model = cost::timeloop;
  TimeloopImport result;
  result.notes = std::move(files.notes);
  const model::Problem* problem = files.problem ? &*files.problem : nullptr;
  if (files.architecture)
    result.architecture = model::architecture_of(files.architecture->arch, problem, result.notes);
  if (problem != nullptr) {
    const model::Widths widths =
        files.architecture ? model::widths_of(files.architecture->arch, *problem) : model::Widths{};
    auto workload = model::workload_of(*problem, widths);
    if (!workload) return refusal(workload.error(), "Tileloom cannot express this problem");
    result.workload = std::move(*workload);
  }
  if (files.mapping) {
    result.tree = model::tree_of(files.mapped_arch, *problem, *files.mapping, *result.architecture);
    result.cost = TimeloopCost{files.mapped_arch, *problem,
                               model::evaluate(files.mapped_arch, *problem, *files.mapping)};
  }
  return result;
}

}  // namespace

Result<TimeloopImport> import_timeloop(std::span<const std::string> paths) {
  Result<io::timeloop::Files> files = io::timeloop::read_files(paths);
  if (!files) return tl::unexpected(files.error());
  try {
    return converted(std::move(*files));
  } catch (const OverflowError& error) {
    return mistake({}, error.what());
  }
}

Result<TimeloopCost> timeloop_cost(const Workload& workload, const Architecture& arch,
                                   const LoopTree& tree) {
  namespace model = cost::timeloop;
  auto nouns = nouns_of(workload, arch, tree, model::Wanted::figures);
  if (!nouns) return tl::unexpected(nouns.error());
  Diagnostics mistakes;
  for (const Violation& wrong : model::check(nouns->arch, nouns->problem, nouns->mapping)) {
    mistakes.push_back({{}, wrong.what, wrong.hint});
  }
  if (!mistakes.empty()) return tl::unexpected(mistakes);
  try {
    model::Stats stats = model::evaluate(nouns->arch, nouns->problem, nouns->mapping);
    return TimeloopCost{std::move(nouns->arch), std::move(nouns->problem), std::move(stats)};
  } catch (const OverflowError& error) {
    return mistake({}, error.what());
  }
}

Result<std::string> export_timeloop(const Workload& workload, const Architecture& arch,
                                    const LoopTree& tree) {
  const auto nouns = nouns_of(workload, arch, tree, cost::timeloop::Wanted::levels);
  if (!nouns) return tl::unexpected(nouns.error());
  const auto reasons = io::timeloop::unwritable(nouns->arch, nouns->problem, nouns->mapping);
  if (!reasons.empty()) return refusal(reasons, kInexpressible);
  return io::timeloop::write_mapping(nouns->arch, nouns->problem, nouns->mapping);
}

}  // namespace tileloom::driver

#include "tileloom/driver/map_by_timeloop.hpp"

namespace tileloom::driver {
namespace {

void refuse(const cost::timeloop::Reasons& reasons, Diagnostics& mistakes) {
  for (const std::string& reason : reasons) {
    mistakes.push_back({{}, reason, "Timeloop's model cannot express this; leave out --profile"});
  }
}

}  // namespace

Result<std::vector<MappedByTimeloop>> map_by_timeloop(const Workload& workload,
                                                      const Architecture& machine,
                                                      const SearchRequest& request) {
  Diagnostics mistakes;
  const auto arch = cost::timeloop::arch_from(machine);
  if (!arch) refuse(arch.error(), mistakes);
  std::vector<MappedByTimeloop> all;
  for (const OperatorId op : ids<OperatorId>(workload.operators.size())) {
    const auto problem = cost::timeloop::problem_from(workload, workload.operators[op]);
    if (!problem) refuse(problem.error(), mistakes);
    if (arch && problem) all.push_back({op, {*arch, *problem}, {}, 0});
  }
  if (!mistakes.empty()) return tl::unexpected(std::move(mistakes));
  for (MappedByTimeloop& item : all) {
    const double begin = request.now ? request.now() : 0;
    const mapper::Problem problem{workload, item.op, machine, request.objective,
                                  request.constraints};
    item.answer = mapper::map_under_timeloop(problem, item.nouns, request.budget);
    if (request.now) item.seconds = request.now() - begin;
  }
  return all;
}

}  // namespace tileloom::driver

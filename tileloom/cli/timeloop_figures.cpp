#include "tileloom/cli/timeloop_figures.hpp"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "tileloom/io/reference/timeloop.hpp"
#include "tileloom/report/timeloop_cost.hpp"
#include "tileloom/support/file.hpp"

namespace tileloom::cli {

Result<void> show_timeloop_figures(const driver::TimeloopCost& cost, const std::string& file) {
  std::fputs(report::timeloop_table(cost.arch, cost.problem, cost.stats).c_str(), stdout);
  if (file.empty()) return {};
  const nlohmann::json document = {
      {"schema", "tileloom.timeloop_cost/1"},
      {"figures", io::reference::figures(cost.arch, cost.problem, cost.stats)}};
  return write_file(file, document.dump(2) + "\n");
}

}  // namespace tileloom::cli


#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "tileloom/cli/interrupt.hpp"
#include "tileloom/cli/progress_line.hpp"
#include "tileloom/cli/search_options.hpp"
#include "tileloom/cli/verb.hpp"
#include "tileloom/driver/precision.hpp"
#include "tileloom/io/onnx/import.hpp"

namespace tileloom::cli {
namespace {

struct ScheduleOptions {
  SearchOptions search;
  std::string model;
  std::vector<std::string> bind;
  std::string out;
  std::string json;
  bool progress = false;
};

int run_schedule(const ScheduleOptions& options) {
  const Result<Search> search = read_search(options.search);
  if (!search) return report_mistakes(search.error());
  const auto bindings = parse_bindings(options.bind);
  if (!bindings) return report_mistakes(bindings.error());
  const Result<Workload> model = import_onnx(options.model, {.bind = *bindings});
  if (!model) return report_mistakes(model.error());
  const Workload workload = driver::apply_precision(*model, search->arch);

  catch_interrupt();
  Result<scheduler::Schedule> schedule;
  {
    ProgressLine line(options.progress);
    schedule =
        driver::schedule_network(workload, search->arch, search->request,
                                 [&](const scheduler::NetworkProgress& news) { line.show(news); });
  }
  if (!schedule) return report_mistakes(schedule.error());
  for (const scheduler::Layer& layer : schedule->layers) {
    const Operator& op = workload.operators[layer.op];
    if (!layer.result.evaluation) {
      fmt::print("{:40} {}: {}\n", op.name, to_string(layer.result.proof), layer.result.reason);
      continue;
    }
    const cost::Evaluation& e = *layer.result.evaluation;
    fmt::print("{:40.40} {:12} cycles {:14.6g} pJ  util {:5.1f} % {:13} gap {:.1f} %{}\n", op.name,
               e.latency.total.value, e.energy.value, 100 * e.utilisation,
               to_string(layer.result.proof),
               100 * mapper::gap(layer.result, schedule->objective).value_or(0),
               layer.same_as      ? " same"
               : layer.from_cache ? " cached"
                                  : "");
  }
  fmt::print("total {} cycles {:.6g} pJ {}\n", schedule->latency.value, schedule->energy.value,
             to_string(schedule->proof));
  return schedule->proof == Proof::infeasible ? kInfeasible : kOk;
}

}  // namespace

Run add_schedule(CLI::App& app) {
  const auto options = std::make_shared<ScheduleOptions>();
  CLI::App* verb = app.add_subcommand("schedule", "map every operator of a network");
  verb->add_option("model", options->model, "ONNX file")->required();
  add_search_options(*verb, options->search);
  verb->add_option("--bind", options->bind, "size of a symbolic dimension: NAME=SIZE");
  verb->add_option("--out", options->out, "folder for reports and mappings")->type_name("DIR");
  verb->add_option("--json", options->json, "write the schedule as JSON")->type_name("FILE");
  verb->add_flag("--progress", options->progress, "show progress even if not on a terminal");
  return [options] { return run_schedule(*options); };
}

}  // namespace tileloom::cli

#include "tileloom/report/schedule/csv.hpp"

#include <fmt/format.h>

#include "tileloom/report/csv_line.hpp"
#include "tileloom/report/schedule/summary.hpp"

namespace tileloom::report {
namespace {

std::string number(double value) { return fmt::format("{}", value); }
std::string number(std::int64_t value) { return fmt::format("{}", value); }

std::string joined(const std::vector<std::string>& sentences) {
  std::string text;
  for (const std::string& sentence : sentences) text += (text.empty() ? "" : "; ") + sentence;
  return text;
}

std::vector<std::string> titles(const Architecture& arch) {
  std::vector<std::string> columns{"layer",
                                   "kind",
                                   "same_as",
                                   "macs",
                                   "points",
                                   "cycles",
                                   "compute_cycles",
                                   "dispatch_cycles",
                                   "utilisation",
                                   "energy_pj",
                                   "edp_pj_cycles",
                                   "compute_pj",
                                   "bound_by",
                                   "relief",
                                   "status",
                                   "gap",
                                   "bound_cycles",
                                   "bound_energy_pj",
                                   "evaluations",
                                   "from_cache",
                                   "reason"};
  for (const Memory& memory : arch.memories) {
    for (const Role role : {Role::input, Role::weight, Role::output}) {
      columns.push_back(memory.name + "_" + to_string(role) + "_pj");
    }
  }
  return columns;
}

std::vector<std::string> row(const Workload& workload, const Architecture& arch,
                             const LayerSummary& summary) {
  const scheduler::Layer& layer = *summary.layer;
  const cost::Evaluation* evaluation = summary.evaluation();
  std::vector<std::string> fields{summary.op->name, summary.op->kind,
                                  layer.same_as ? workload.operators[*layer.same_as].name : "",
                                  number(summary.macs), number(summary.points)};
  if (evaluation == nullptr) {
    fields.insert(fields.end(), 7, "");
  } else {
    for (std::string& one : std::vector{
             number(evaluation->latency.total.value), number(evaluation->latency.compute.value),
             number(layer.dispatch.value),
             number(evaluation->utilisation), number(evaluation->energy.value),
             number(*summary.edp), number(evaluation->compute_energy.value)}) {
      fields.push_back(std::move(one));
    }
  }
  fields.push_back(summary.bottleneck.bound);
  fields.push_back(joined(summary.bottleneck.relief));
  fields.push_back(to_string(layer.result.proof));
  fields.push_back(summary.gap ? number(*summary.gap) : "");
  fields.push_back(number(layer.bound.latency.value));
  fields.push_back(number(layer.bound.energy.value));
  fields.push_back(number(layer.result.evaluations));
  fields.push_back(layer.from_cache ? "true" : "false");
  fields.push_back(layer.result.reason);
  const EnergyBreakdown energy =
      evaluation == nullptr ? EnergyBreakdown{} : energy_breakdown(*evaluation);
  for (const MemoryId memory : ids<MemoryId>(arch.memories.size())) {
    for (const Role role : {Role::input, Role::weight, Role::output}) {
      std::string cell = evaluation == nullptr ? "" : "0";
      for (const EnergyShare& share : energy.shares) {
        if (share.memory == memory && share.role == role) cell = number(share.total().value);
      }
      fields.push_back(std::move(cell));
    }
  }
  return fields;
}

}  // namespace

std::string schedule_csv(const Workload& workload, const Architecture& arch,
                         const scheduler::Schedule& schedule) {
  std::string text = csv_line(titles(arch));
  for (const LayerSummary& summary : summaries(workload, arch, schedule)) {
    text += csv_line(row(workload, arch, summary));
  }
  return text;
}

}  // namespace tileloom::report

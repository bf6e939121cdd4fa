#include "tileloom/report/stacks/replay_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tileloom/report/format.hpp"

namespace tileloom::report {
namespace {

using ReplayJson = nlohmann::ordered_json;

bool figures_agree(const PartReplay& part) {
  return std::ranges::all_of(part.figures, &ReplayedFigure::agrees);
}

std::string part_name(const Workload& workload, const PartReplay& part) {
  std::string name = printable(workload.operators[part.operators.front()].name);
  if (part.operators.size() > 1) {
    name += fmt::format(" .. {}", printable(workload.operators[part.operators.back()].name));
  }
  return name;
}

ReplayJson part_json(const Workload& workload, const Architecture& arch, const PartReplay& part) {
  ReplayJson operators = ReplayJson::array();
  for (const OperatorId op : part.operators) operators.push_back(workload.operators[op].name);
  ReplayJson figures = ReplayJson::array();
  for (const ReplayedFigure& figure : part.figures) {
    figures.push_back({{"memory", arch.memories[figure.memory].name},
                       {"what", figure.what},
                       {"bits", figure.model},
                       {"executed_bits", figure.executed},
                       {"agrees", figure.agrees}});
  }
  return {{"operators", std::move(operators)},
          {"cycles", part.model.value},
          {"executed_cycles", part.executed},
          {"time_agrees", part.time_agrees},
          {"figures", std::move(figures)}};
}

}  // namespace

bool ReplayReport::agrees() const {
  return wrong == 0 && std::ranges::all_of(parts, [](const PartReplay& part) {
           return part.time_agrees && figures_agree(part);
         });
}

std::string replay_table(const Workload& workload, const Architecture& arch,
                         const ReplayReport& replay) {
  std::string text = "\nexecuted step by step:\n";
  for (const PartReplay& part : replay.parts) {
    text += fmt::format("  {}: {:.0f} cycles, {} by the cost model{}", part_name(workload, part),
                        part.executed, part.model.value,
                        part.time_agrees ? "" : ": faster than it says is possible");
    text += figures_agree(part) ? "; all bits and peaks as it says\n" : "\n";
    for (const ReplayedFigure& figure : part.figures) {
      if (figure.agrees) continue;
      text += fmt::format("    {} of {}: {:.0f} bits, {:.0f} by the cost model\n", figure.what,
                          arch.memories[figure.memory].name, figure.executed, figure.model);
    }
  }
  return text + (replay.wrong == 0
                     ? fmt::format("  {} elements of results, all as the network computes them\n",
                                   format_exact(replay.elements))
                     : fmt::format("  {} of {} elements of results are wrong\n",
                                   format_exact(replay.wrong), format_exact(replay.elements)));
}

std::string with_replay(const std::string& document, const Workload& workload,
                        const Architecture& arch, const ReplayReport& replay) {
  ReplayJson json = ReplayJson::parse(document);
  ReplayJson parts = ReplayJson::array();
  for (const PartReplay& part : replay.parts) parts.push_back(part_json(workload, arch, part));
  json["replay"] = {{"agrees", replay.agrees()},
                    {"elements", replay.elements},
                    {"wrong_elements", replay.wrong},
                    {"parts", std::move(parts)}};
  return json.dump(2, ' ', false, ReplayJson::error_handler_t::replace) + "\n";
}

}  // namespace tileloom::report

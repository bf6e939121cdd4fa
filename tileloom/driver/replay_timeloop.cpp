#include "tileloom/driver/replay_timeloop.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tileloom/cost/profiles/timeloop/check.hpp"
#include "tileloom/io/reference/timeloop.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::driver {
namespace {

using io::reference::TimeloopCase;
using io::reference::TimeloopReference;

/// Rules that the mapping of a case breaks become mistakes at the place of the case.
void check_case(const TimeloopReference& reference, const TimeloopCase& item,
                io::Reading& reading) {
  try {
    for (const Violation& violation : cost::timeloop::check(
             reference.archs.at(item.arch), reference.problems.at(item.problem), item.mapping))
      reading.mistake(item.place, fmt::format("case {}: {}", item.id, violation.what),
                      violation.hint);
  } catch (const OverflowError&) {
    reading.mistake(item.place, fmt::format("case {}: a count does not fit into 64 bits", item.id),
                    "use smaller sizes");
  }
}

void replay_case(const TimeloopReference& reference, const TimeloopCase& item, const Each& each) {
  const cost::timeloop::Arch& arch = reference.archs.at(item.arch);
  const cost::timeloop::Problem& problem = reference.problems.at(item.problem);
  for (const auto& [setting, expected] : item.expected) {
    const cost::timeloop::Stats stats =
        cost::timeloop::evaluate(arch, problem, item.mapping, io::reference::options_of(setting));
    each({item.id, setting, *expected.value, io::reference::figures(arch, problem, stats)});
  }
}

}  // namespace

Diagnostics replay_timeloop(const io::JsonText& file, const Each& each) {
  io::Reading reading(file);
  const TimeloopReference reference = io::reference::read_timeloop_reference(reading);
  if (reading.mistakes().empty())
    for (const TimeloopCase& item : reference.cases) check_case(reference, item, reading);
  if (!reading.mistakes().empty()) return reading.mistakes();

  for (const TimeloopCase& item : reference.cases) {
    try {
      replay_case(reference, item, each);
    } catch (const OverflowError&) {
      reading.mistake(item.place,
                      fmt::format("case {}: a count does not fit into 64 bits", item.id),
                      "use smaller sizes");
    }
  }
  return reading.mistakes();
}

Tolerance timeloop_tolerance(std::string_view quantity) {
  constexpr double printed = 0.00500001;
  if (quantity.ends_with("utilization_pct") || quantity.ends_with("throttling") ||
      quantity.ends_with("avg_hops"))
    return {.absolute = printed};
  if (quantity.ends_with("_pJ")) return {.relative = 1e-6, .absolute = printed};
  if (quantity.ends_with("_pJ_from_counts")) return {.relative = 1e-6};
  // Words of a network are a quotient where a level inside it is bypassed: the last digit of a
  // double depends on the order of the operations.
  if (quantity.ends_with("accesses") || quantity.ends_with("ingresses")) return {.relative = 1e-12};
  return {};
}

}  // namespace tileloom::driver

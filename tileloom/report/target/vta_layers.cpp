#include "tileloom/report/target/vta_layers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tileloom/report/text_table.hpp"

namespace tileloom::report {
namespace {

using target::vta::LayerSpan;
using target::vta::LayerTime;
using target::vta::Unit;

double share(std::int64_t part, Cycles whole) {
  return static_cast<double>(part) / static_cast<double>(std::max<std::int64_t>(whole.value, 1));
}

std::vector<std::string> row_of(const LayerSpan& span, std::int64_t steps, const LayerTime& time) {
  const Cycles cycles = time.end - time.begin;
  std::vector<std::string> row{span.name, span.kind, fmt::format("{}", span.multiplications),
                               fmt::format("{}", steps), fmt::format("{}", span.sum_steps),
                               fmt::format("{}", cycles.value),
                               fmt::format("{:.3f}", share(steps, cycles))};
  for (const Cycles busy : time.busy) {
    row.push_back(fmt::format("{:.0f} %", 100 * share(busy.value, cycles)));
  }
  return row;
}

}  // namespace

std::string vta_layer_table(const target::vta::Program& program,
                            const target::vta::Timing& timing) {
  TextTable table;
  table.columns = {{"layer", Align::left}, {"kind", Align::left}, {"MACs"}, {"GEMM steps"},
                   {"of sums"}, {"cycles"}, {"util"}, {"load"}, {"compute"}, {"store"}};
  const std::vector<LayerTime> times = layer_times(program.layers, timing);
  LayerSpan all{"all", "", 0, 0, 0, 0};
  std::int64_t all_steps = 0;
  LayerTime whole;
  whole.end = timing.total;
  whole.busy = timing.busy;
  for (std::size_t l = 0; l < times.size(); ++l) {
    const std::int64_t steps = gemm_steps(program.image, program.layers[l]);
    table.rows.push_back(row_of(program.layers[l], steps, times[l]));
    all_steps += steps;
    all.multiplications += program.layers[l].multiplications;
    all.sum_steps += program.layers[l].sum_steps;
  }
  table.rows.push_back(row_of(all, all_steps, whole));
  table.footer = 1;
  return render(table, 0);
}

std::string vta_layer_json(const target::vta::Program& program,
                           const target::vta::Timing& timing) {
  nlohmann::ordered_json layers = nlohmann::ordered_json::array();
  const std::vector<LayerTime> times = layer_times(program.layers, timing);
  for (std::size_t l = 0; l < times.size(); ++l) {
    const LayerSpan& span = program.layers[l];
    const LayerTime& time = times[l];
    const std::int64_t steps = gemm_steps(program.image, span);
    const auto busy = [&](Unit unit) { return time.busy[static_cast<std::size_t>(unit)].value; };
    layers.push_back({{"name", span.name},
                      {"kind", span.kind},
                      {"multiplications", span.multiplications},
                      {"gemm_steps", steps},
                      {"sum_steps", span.sum_steps},
                      {"begin", time.begin.value},
                      {"cycles", (time.end - time.begin).value},
                      {"utilisation", share(steps, time.end - time.begin)},
                      {"busy",
                       {{"load", busy(Unit::load)},
                        {"compute", busy(Unit::compute)},
                        {"store", busy(Unit::store)}}}});
  }
  return layers.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace tileloom::report

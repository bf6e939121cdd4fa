#include "tileloom/report/tuning/tuned_batch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tileloom/report/format.hpp"
#include "tileloom/report/markup.hpp"
#include "tileloom/report/text_table.hpp"

namespace tileloom::report {
namespace {

using BatchJson = nlohmann::ordered_json;
using scheduler::PipelineBlock;
using scheduler::Segment;

BatchJson parts_json(const PerSplit<std::int64_t>& split) {
  BatchJson json = BatchJson::object();
  for (const SplitAxis axis : kAllSplitAxes) {
    json[to_string(axis)] = split[static_cast<std::size_t>(axis)];
  }
  return json;
}

std::int64_t rounded(double cycles) { return std::llround(cycles); }

BatchJson stage_json(const TunedFusion& report, const PipelineBlock& stage) {
  BatchJson json = plan_json(report, stage.units, stage.choice.cores, stage.choice.plan);
  const cost::StageCost& cost = stage.choice.cost;
  json["first_image_cycles"] = rounded(cost.first);
  json["cycles_per_image"] = rounded(cost.every);
  json["channel_cycles_per_image"] = rounded(cost.traffic);
  json["load_cycles"] = rounded(cost.load);
  json["dram_bytes_per_image"] = rounded(cost.dram_bits / 8);
  json["loaded_bytes"] = rounded(cost.load_bits / 8);
  return json;
}

BatchJson segment_json(const TunedFusion& report, const Segment& segment, double simulated) {
  BatchJson stages = BatchJson::array();
  BatchJson json{{"kind", segment.repeated ? "launched_per_image" : "pipeline"},
                 {"cycles", rounded(segment.cycles)},
                 {"simulated_cycles", rounded(simulated)}};
  if (segment.repeated) {
    const scheduler::BlockChoice& choice = segment.repeated->choice;
    stages.push_back(plan_json(report, segment.repeated->units, choice.cores, choice.plan));
    json["interval_cycles"] = rounded(choice.cycles);
  } else {
    for (const PipelineBlock& stage : segment.stages) stages.push_back(stage_json(report, stage));
    json["load_cycles"] = rounded(segment.cost.load);
    json["fill_cycles"] = rounded(segment.cost.fill);
    json["interval_cycles"] = rounded(segment.cost.interval);
    json["slowest_stage_cycles"] = rounded(segment.cost.slowest);
    json["channel_cycles"] = rounded(segment.cost.traffic);
  }
  json["stages"] = std::move(stages);
  return json;
}

double simulated_cycles(const TunedBatch& batch) {
  return std::accumulate(batch.simulated.begin(), batch.simulated.end(), 0.0);
}

/// Rectangles of one segment; `scale` pixels per cycle from `x` on.
std::string segment_bars(const TunedFusion& report, const TunedBatch& batch, std::size_t number,
                         double x, double scale, double height) {
  const Segment& segment = batch.schedule.segments[number];
  const std::int64_t images = batch.schedule.images;
  const auto bar = [&](std::size_t stage, std::int64_t image, std::int64_t first,
                       std::int64_t cores, double from, double to, const std::string& name) {
    const double unit = height / static_cast<double>(report.cores);
    return fmt::format(
        "<rect x=\"{:.2f}\" y=\"{:.2f}\" width=\"{:.2f}\" height=\"{:.2f}\" fill=\"{}\" "
        "fill-opacity=\"{}\"><title>segment {}, stage {}, image {}: {}</title></rect>\n",
        x + scale * from, unit * static_cast<double>(report.cores - first - cores),
        std::max(scale * (to - from) - 0.4, 0.2), unit * static_cast<double>(cores),
        series_colour(number + stage), image % 2 == 0 ? "0.9" : "0.6", number + 1, stage + 1,
        image + 1, escaped(name));
  };
  std::string content;
  if (segment.repeated) {
    const scheduler::BlockChoice& choice = segment.repeated->choice;
    for (std::int64_t image = 0; image < images; ++image) {
      const auto i = static_cast<double>(image);
      content += bar(0, image, 0, choice.cores, i * choice.cycles, (i + 1) * choice.cycles,
                     block_name(report, segment.repeated->units));
    }
    return content;
  }
  std::int64_t first = 0;
  const double start =
      segment.cycles - segment.cost.fill - static_cast<double>(images - 1) * segment.cost.interval;
  for (std::size_t s = 0; s < segment.stages.size(); ++s) {
    const PipelineBlock& stage = segment.stages[s];
    const double end = segment.cost.ends[s];
    const double length = std::min(stage.choice.cost.first, segment.cost.interval);
    for (std::int64_t image = 0; image < images; ++image) {
      const double to = start + end + static_cast<double>(image) * segment.cost.interval;
      content += bar(s, image, first, stage.choice.cores, to - length, to,
                     block_name(report, stage.units) + ", " +
                         partition_text(stage.choice.cores, stage.choice.plan));
    }
    first += stage.choice.cores;
  }
  return content;
}

}  // namespace

nlohmann::ordered_json plan_json(const TunedFusion& report,
                                 const std::vector<scheduler::UnitId>& units, std::int64_t cores,
                                 const cost::BlockPlan& plan) {
  BatchJson numbers = BatchJson::array();
  BatchJson operators = BatchJson::array();
  for (const scheduler::UnitId unit : units) {
    numbers.push_back(index(unit));
    for (const OperatorId id : report.units[unit].operators) {
      operators.push_back(report.operators[index(id)]);
    }
  }
  return {{"units", std::move(numbers)},
          {"operators", std::move(operators)},
          {"cores", cores},
          {"parts", parts_json(plan.cores)},
          {"tiles", parts_json(plan.tiles)},
          {"weights", plan.resident_weights ? "resident" : "streamed"},
          {"halos", plan.halo == Halo::exchanged ? "exchanged" : "recomputed"}};
}

void add_tree(nlohmann::ordered_json& json, const TreeText& tree) {
  json["tree"] = tree.text.empty() ? BatchJson() : BatchJson(tree.text);
  json["tree_obstacles"] = tree.obstacles;
}

nlohmann::ordered_json batch_json(const TunedFusion& report, const TunedBatch& batch) {
  const scheduler::Pipelined& schedule = batch.schedule;
  BatchJson segments = BatchJson::array();
  for (std::size_t i = 0; i < schedule.segments.size(); ++i) {
    segments.push_back(segment_json(report, schedule.segments[i], batch.simulated[i]));
  }
  if (schedule.segments.empty()) {
    return {{"images", schedule.images},
            {"cycles", nullptr},
            {"status", to_string(schedule.proof)},
            {"segments", std::move(segments)}};
  }
  BatchJson json{{"images", schedule.images},
                 {"cycles", rounded(schedule.cycles)},
                 {"cycles_per_image", schedule.cycles / static_cast<double>(schedule.images)},
                 {"simulated_cycles", rounded(simulated_cycles(batch))},
                 {"optimum_repeated_cycles", rounded(batch.repeated)},
                 {"one_block_at_a_time_cycles", rounded(batch.launched_once)},
                 {"gain", batch.repeated / schedule.cycles},
                 {"gain_over_one_block_at_a_time", batch.launched_once / schedule.cycles},
                 {"status", to_string(schedule.proof)},
                 {"space", schedule.space},
                 {"evaluations", schedule.options},
                 {"plans", schedule.plans},
                 {"partial_pipelines", schedule.labels},
                 {"search_seconds", schedule.seconds},
                 {"segments", std::move(segments)}};
  add_tree(json, batch.tree);
  return json;
}

std::string batch_table(const TunedFusion& report, const TunedBatch& batch,
                        const TableOptions& options) {
  const scheduler::Pipelined& schedule = batch.schedule;
  if (schedule.segments.empty()) {
    return fmt::format("pipelined: {}\n", to_string(schedule.proof));
  }
  TextTable table;
  table.columns = {{"stage", Align::left}, {"block", Align::left, 0, 20},
                   {"on", Align::left},    {"per image"},
                   {"first image"},        {"weights", Align::left}};
  for (std::size_t i = 0; i < schedule.segments.size(); ++i) {
    const Segment& segment = schedule.segments[i];
    const auto add = [&](const std::string& stage, const std::vector<scheduler::UnitId>& units,
                         const std::string& on, double every, double first,
                         const cost::BlockPlan& plan) {
      table.rows.push_back({stage, printable(block_name(report, units)), on,
                            format_exact(rounded(every)), format_exact(rounded(first)),
                            plan.resident_weights ? "stay" : "stream"});
    };
    if (segment.repeated) {
      const scheduler::BlockChoice& choice = segment.repeated->choice;
      add(fmt::format("{} (launched per image)", i + 1), segment.repeated->units,
          partition_text(choice), choice.cycles, choice.cycles, choice.plan);
      continue;
    }
    for (std::size_t s = 0; s < segment.stages.size(); ++s) {
      const scheduler::StageOption& choice = segment.stages[s].choice;
      add(fmt::format("{}.{}", i + 1, s + 1), segment.stages[s].units,
          partition_text(choice.cores, choice.plan), choice.cost.every, choice.cost.first,
          choice.plan);
    }
    table.rows.push_back({fmt::format("{} together", i + 1), "", "",
                          format_exact(rounded(segment.cost.interval)),
                          format_exact(rounded(segment.cost.load + segment.cost.fill)), ""});
  }
  return fmt::format(
             "pipelined ({}), {} images: {} cycles, {} per image, simulated {}; the optimum "
             "repeated {} ({}), one block at a time {}; search {}\n{}\n\n",
             to_string(schedule.proof), schedule.images, format_exact(rounded(schedule.cycles)),
             format_exact(rounded(schedule.cycles / static_cast<double>(schedule.images))),
             format_exact(rounded(simulated_cycles(batch))), format_exact(rounded(batch.repeated)),
             format_factor(batch.repeated / schedule.cycles),
             format_exact(rounded(batch.launched_once)), format_seconds(schedule.seconds),
             schedule.space) +
         render(table, options.width, options.colour);
}

std::string batch_section(const TunedFusion& report, const TunedBatch& batch) {
  constexpr double kChartWidth = 1040, kLeft = 130, kHeight = 220;
  const scheduler::Pipelined& schedule = batch.schedule;
  if (schedule.segments.empty()) return {};
  std::string content = fmt::format(
      "<text x=\"{0:.0f}\" y=\"16\" text-anchor=\"end\">{1} cores</text><text x=\"{0:.0f}\" "
      "y=\"{2:.0f}\" text-anchor=\"end\">0</text>\n",
      kLeft - 8, report.cores, kHeight + 4);
  const double scale = kChartWidth / schedule.cycles;
  double at = 0;
  for (std::size_t i = 0; i < schedule.segments.size(); ++i) {
    content += segment_bars(report, batch, i, kLeft + scale * at, scale, kHeight);
    at += schedule.segments[i].cycles;
  }
  return fmt::format(
      "<h2>{} images, blocks at the same time</h2>\n<p class=\"note\">{} cycles, {} over the "
      "optimum repeated for every image. Cores over time: a rectangle is one image in one stage, "
      "as "
      "high as the stage has cores; images alternate in shade. A gap at the left of a pipeline is "
      "the loading of weights that stay.</p>\n<svg viewBox=\"0 0 {:.0f} {:.0f}\" "
      "role=\"img\">\n{}</svg>\n",
      schedule.images, format_exact(rounded(schedule.cycles)),
      format_factor(batch.repeated / schedule.cycles), kLeft + kChartWidth + 20, kHeight + 10,
      content);
}

}  // namespace tileloom::report

#include "tileloom/report/comparison/comparison_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "tileloom/report/format.hpp"
#include "tileloom/report/text_table.hpp"

namespace tileloom::report {
namespace {

/// Times the floor: "1.000", "12.3".
std::string ratio_text(double ratio) {
  if (ratio < 10) return fmt::format("{:.3f}", ratio);
  return ratio < 1000 ? fmt::format("{:.1f}", ratio) : fmt::format("{:.3g}", ratio);
}

std::string median_text(const std::optional<Spread>& spread) {
  return spread ? ratio_text(spread->median) : "-";
}

/// Within this of the reference a value counts as the optimum (energies are sums of doubles).
constexpr double kSame = 1e-9;

struct MapperTotals {
  std::size_t missed = 0;  ///< searches without a mapping
  std::size_t at_floor = 0;
  std::int64_t evaluations = 0;
  double seconds = 0;
};

MapperTotals totals(const Comparison& comparison, std::size_t mapper) {
  MapperTotals totals;
  for (const ComparedLayer& layer : comparison.layers) {
    for (const SearchRun& run : layer.runs[mapper]) {
      if (!run.score) ++totals.missed;
      const bool proved = layer.floor.proof == Proof::optimal;
      if (proved && run.score && run.score->first <= layer.reference() * (1 + kSame)) {
        ++totals.at_floor;
      }
      totals.evaluations += run.evaluations;
      totals.seconds += run.seconds;
    }
  }
  return totals;
}

std::string mapper_table(const Comparison& comparison, const TableOptions& options) {
  TextTable table;
  table.columns = {{"mapper", Align::left},
                   {fmt::format("at {}", std::max<std::int64_t>(1, comparison.evaluations / 100)),
                    Align::right, 3},
                   {fmt::format("at {}", std::max<std::int64_t>(1, comparison.evaluations / 10)),
                    Align::right, 2},
                   {"median"},
                   {"best"},
                   {"worst"},
                   {"optimal"},
                   {"missed", Align::right, 1},
                   {"evaluations", Align::right, 4},
                   {"CPU time"}};
  const std::size_t searches = comparison.layers.size() * comparison.seeds.size();
  for (std::size_t m = 0; m < comparison.mappers.size(); ++m) {
    const auto at = [&](std::int64_t evaluations) {
      return median_text(after_evaluations(comparison, m, std::max<std::int64_t>(1, evaluations)));
    };
    const std::optional<Spread> end =
        after_evaluations(comparison, m, std::numeric_limits<std::int64_t>::max());
    const MapperTotals sums = totals(comparison, m);
    table.rows.push_back(
        {comparison.mappers[m], at(comparison.evaluations / 100), at(comparison.evaluations / 10),
         median_text(end), end ? ratio_text(end->least) : "-", end ? ratio_text(end->most) : "-",
         fmt::format("{}/{}", sums.at_floor, searches),
         sums.missed == 0 ? "-" : std::to_string(sums.missed),
         format_count(static_cast<double>(sums.evaluations)), format_seconds(sums.seconds)});
  }
  return render(table, options.width, options.colour);
}

std::string layer_table(const Comparison& comparison, const TableOptions& options) {
  TextTable table;
  table.columns = {{"layer", Align::left, 0, 12}, {"n"}, {"floor"}, {"status", Align::left}};
  for (const std::string& mapper : comparison.mappers) {
    table.columns.push_back({mapper, Align::right, static_cast<int>(table.columns.size()) - 3});
  }
  for (const ComparedLayer& layer : comparison.layers) {
    std::vector<std::string> row{printable(layer.name), std::to_string(layer.count),
                                 fmt::format("{:.4g}", layer.reference()),
                                 layer.floor.proof == Proof::optimal ? "proved" : "bound"};
    for (std::size_t m = 0; m < comparison.mappers.size(); ++m) {
      row.push_back(median_text(at_end(layer, m)));
    }
    table.rows.push_back(std::move(row));
  }
  return render(table, options.width, options.colour);
}

}  // namespace

std::string comparison_table(const Comparison& comparison, const TableOptions& options) {
  std::string text = fmt::format(
      "{} on {}, least {}: {} evaluations per search, {}\n", printable(comparison.model),
      printable(comparison.architecture), to_string(comparison.objective), comparison.evaluations,
      comparison.seeds.size() == 1
          ? fmt::format("seed {}", comparison.seeds.front())
          : fmt::format("seeds {} to {}", comparison.seeds.front(), comparison.seeds.back()));
  text +=
      fmt::format("floor: proved optimum of {} of {} layers{}, in {} of CPU time\n\n",
                  comparison.proved(), comparison.layers.size(),
                  comparison.proved() == comparison.layers.size() ? "" : ", else the lower bound",
                  format_seconds([&] {
                    double seconds = 0;
                    for (const ComparedLayer& layer : comparison.layers)
                      seconds += layer.floor.seconds;
                    return seconds;
                  }()));
  text += "times the floor, geometric mean over the layers; over the seeds: median, best, worst\n";
  text += mapper_table(comparison, options);
  text += "\ntimes the floor, median over the seeds\n";
  text += layer_table(comparison, options);
  return text;
}

}  // namespace tileloom::report

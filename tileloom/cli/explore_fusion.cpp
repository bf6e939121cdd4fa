// explore-fusion: DeFiNES' sweep over tile sizes, overlap modes and fuse depth.

#include "tileloom/driver/explore_fusion.hpp"
#include "tileloom/driver/fusion_results.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <memory>

#include "tileloom/cli/fusion_subject.hpp"
#include "tileloom/cli/interrupt.hpp"
#include "tileloom/cli/joint_fusion.hpp"
#include "tileloom/cli/output_folder.hpp"
#include "tileloom/cli/progress_line.hpp"
#include "tileloom/cli/search_options.hpp"
#include "tileloom/cli/terminal.hpp"
#include "tileloom/cli/verb.hpp"
#include "tileloom/report/exploration/fusion_table.hpp"
#include "tileloom/report/format.hpp"
#include "tileloom/scheduler/defines/fuse_network.hpp"
#include "tileloom/support/file.hpp"
#include "tileloom/support/nearest.hpp"

namespace tileloom::cli {
namespace {

using namespace scheduler::defines;

struct FusionArguments {
  FusionSubjectOptions subject;
  std::vector<std::string> tiles, modes, repairs;
  std::string depth = "auto";
  int lpf = 6, threads = 0;
  bool as_published = false, progress = false, joint = false;
  std::string json, csv, out, partial;
};

std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// "60x72"; "full" is the largest output map.
std::optional<Extent> tile_of(const std::string& text, Extent full) {
  if (text == "full") return full;
  const std::size_t x = text.find('x');
  if (x == std::string::npos) return std::nullopt;
  const std::string_view all = text;
  const std::optional<std::int64_t> width = number_of(all.substr(0, x));
  const std::optional<std::int64_t> height = number_of(all.substr(x + 1));
  if (!width || !height || *width < 1 || *height < 1) return std::nullopt;
  return Extent{*width, *height};
}

void read_tiles(const std::vector<std::string>& given, Extent full, std::vector<Extent>& tiles,
                Diagnostics& mistakes) {
  if (given.empty())
    for (const std::int64_t y : tile_sizes(full.y))
      for (const std::int64_t x : tile_sizes(full.x)) tiles.push_back({x, y});
  for (const std::string& text : given) {
    if (const std::optional<Extent> tile = tile_of(text, full)) {
      tiles.push_back(*tile);
    } else {
      mistakes.push_back({{},
                          fmt::format("tile '{}' is not a size", text),
                          "write WIDTHxHEIGHT with numbers from 1, as 60x72, or full"});
    }
  }
}

void read_modes(const std::vector<std::string>& given, std::vector<Mode>& modes,
                Diagnostics& mistakes) {
  if (given.empty()) modes.assign(kModes.begin(), kModes.end());
  std::vector<std::string> known;
  for (const Mode mode : kModes) known.emplace_back(short_name(mode));
  for (const std::string& text : given) {
    const auto found = std::ranges::find_if(
        kModes, [&](Mode mode) { return short_name(mode) == text || name(mode) == text; });
    if (found != kModes.end()) {
      modes.push_back(*found);
    } else {
      mistakes.push_back({{}, fmt::format("unknown mode '{}'", text), suggestion(text, known)});
    }
  }
}

Depth read_depth(const std::string& text, const Network& network, Diagnostics& mistakes) {
  if (text == "auto") return {Depth::Kind::automatic, {}};
  if (text == "single") return {Depth::Kind::single_stack, {}};
  if (text == "layer-by-layer") return {Depth::Kind::single_layer, {}};
  Depth depth{Depth::Kind::given, {}};
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::optional<std::int64_t> id =
        number_of(std::string_view(text).substr(begin, end - begin));
    if (!id) {
      mistakes.push_back({{},
                          fmt::format("depth '{}' is not known", text),
                          "use auto, single, layer-by-layer, or ids of the layers to cut after, "
                          "as 5,11"});
      return depth;
    }
    depth.cuts.push_back(*id);
    begin = end + 1;
  }
  const Diagnostics wrong = driver::cut_mistakes(network, depth.cuts);
  mistakes.insert(mistakes.end(), wrong.begin(), wrong.end());
  return depth;
}

/// All repairs, none, or only those named.
Repairs read_repairs(const FusionArguments& arguments, Diagnostics& mistakes) {
  Repairs repairs =
      arguments.as_published || !arguments.repairs.empty() ? as_published() : Repairs{};
  std::vector<std::string> known;
  for (const RepairName& repair : repair_names()) known.emplace_back(repair.name);
  for (const std::string& text : arguments.repairs) {
    const auto place = std::ranges::find(known, text);
    if (place == known.end()) {
      mistakes.push_back({{}, fmt::format("unknown repair '{}'", text), suggestion(text, known)});
      continue;
    }
    repairs.*repair_names()[static_cast<std::size_t>(place - known.begin())].flag = true;
  }
  if (arguments.as_published && !arguments.repairs.empty())
    mistakes.push_back({{},
                        "--as-published repairs nothing, --repair repairs something",
                        "leave one of them out; --repair alone starts from the artifact"});
  return repairs;
}

/// The largest map a stack ends in: that of any layer that may end one.
Extent largest_map(const Network& network) {
  const Graph graph = graph_of(network);
  return graph.nodes[graph.end()].full;
}

/// `network`: null if it has mistakes of its own; then only the options are looked at.
Result<driver::FusionRequest> request_of(const FusionArguments& arguments,
                                         const Network* network) {
  driver::FusionRequest request;
  Diagnostics mistakes;
  std::vector<Extent> tiles;
  std::vector<Mode> modes;
  read_tiles(arguments.tiles, network ? largest_map(*network) : Extent{}, tiles, mistakes);
  read_modes(arguments.modes, modes, mistakes);
  if (network) request.options.depth = read_depth(arguments.depth, *network, mistakes);
  request.options.lpf_limit = arguments.lpf;
  request.options.repairs = read_repairs(arguments, mistakes);
  request.budget.threads = workers(arguments.threads);
  request.budget.stop = &interrupted();
  request.partial = arguments.partial;
  if (request.partial.empty() && !arguments.out.empty())
    request.partial = arguments.out + "/points.partial";
  if (const Result<void> usable = driver::may_hold_results(request.partial); !usable)
    mistakes.insert(mistakes.end(), usable.error().begin(), usable.error().end());
  for (const Mode mode : modes)
    for (const Extent tile : tiles) {
      const Point point{mode, tile};
      if (std::ranges::find(request.points, point) == request.points.end())
        request.points.push_back(point);
    }
  if (!mistakes.empty()) return tl::unexpected(mistakes);
  return request;
}

Files exploration_files(const FusionArguments& arguments,
                        const std::optional<OutputFolder>& folder,
                        const report::FusionExploration& found) {
  Files files;
  if (folder)
    folder->add({{"fusion.json", report::fusion_json(found)},
                 {"fusion.csv", report::fusion_csv(found)},
                 {"fusion.svg", report::fusion_heat_maps(found)},
                 {"fusion.html", report::fusion_page(found)}},
                files);
  if (!arguments.json.empty()) files.emplace_back(arguments.json, report::fusion_json(found));
  if (!arguments.csv.empty()) files.emplace_back(arguments.csv, report::fusion_csv(found));
  return files;
}

/// --joint: the best partition of all, every stack with a tile and mode of its own.
void show_joint(const Network& network, const Machine& machine,
                const driver::FusionRequest& request, const std::optional<OutputFolder>& folder,
                Files& files) {
  scheduler::defines::JointOptions options{.budget = request.budget};
  for (const Point& point : request.points) options.tiles.push_back(point.tile);
  const scheduler::defines::JointSpace space(network, machine, request.options);
  const scheduler::defines::JointResult found = best_joint(space, options);
  std::fputs(joint_table(space, found).c_str(), stdout);
  if (folder) folder->add({{"joint.json", joint_json(space, found)}}, files);
}

/// Sweeps are for one subject: mistakes in it and in the options are told together.
Result<driver::FusionRequest> checked_request(const FusionArguments& arguments,
                                              const Result<FusionSubject>& subject) {
  Result<driver::FusionRequest> request =
      request_of(arguments, subject ? &subject->network : nullptr);
  Diagnostics mistakes = subject ? driver::subject_mistakes(subject->network, subject->machine)
                                 : subject.error();
  if (!request)
    mistakes.insert(mistakes.end(), request.error().begin(), request.error().end());
  if (!mistakes.empty()) return tl::unexpected(mistakes);
  return request;
}

int run_explore_fusion(const FusionArguments& arguments) {
  const Result<FusionSubject> subject = read_fusion_subject(arguments.subject);
  const Result<driver::FusionRequest> request = checked_request(arguments, subject);
  if (!request) return report_mistakes(request.error());
  const Result<std::optional<OutputFolder>> folder = OutputFolder::open_if_named(arguments.out);
  if (!folder) return report_mistakes(folder.error());
  catch_interrupt();
  Result<report::FusionExploration> found;
  {
    ProgressLine line(arguments.progress, "points");
    found = driver::explore_fusion(subject->network, subject->machine, *request,
                                   [&](const driver::FusionProgress& news) {
                                     std::string best;
                                     if (news.best)
                                       best = fmt::format("best {} {}x{}: {:.4g} pJ",
                                                          short_name(news.best->point.mode),
                                                          news.best->point.tile.x,
                                                          news.best->point.tile.y,
                                                          news.best->totals->energy.value);
                                     line.show({news.done, news.all, best, {}});
                                   });
  }
  if (!found) return report_mistakes(found.error());
  for (const std::string& note : subject->notes) fmt::print("{}\n", report::printable(note));
  std::fputs(report::fusion_table(*found, table_options()).c_str(), stdout);
  if (found->points.size() < found->asked)
    std::fputs(fmt::format("stopped early: {} of {} points\n", found->points.size(), found->asked)
                   .c_str(),
               stdout);
  Files files = exploration_files(arguments, *folder, *found);
  if (arguments.joint)
    show_joint(subject->network, subject->machine, *request, *folder, files);
  if (const Result<void> written = write_files(files); !written)
    return report_mistakes(written.error());
  return !found->points.empty() && !found->least_energy ? kInfeasible : kOk;
}

}  // namespace

Run add_explore_fusion(CLI::App& app) {
  const auto arguments = std::make_shared<FusionArguments>();
  CLI::App* verb = app.add_subcommand(
      "explore-fusion", "Depth-first schedules over tile sizes, overlap modes and fuse depth");
  FusionSubjectOptions& subject = arguments->subject;
  verb->add_option("NETWORK", subject.network,
                   "a DeFiNES network (see 'list'), its JSON file, or an ONNX model")
      ->required();
  verb->add_option("--arch", subject.machine,
                   "a DeFiNES machine (see 'list') or its JSON file; with an ONNX model an "
                   "architecture, or its YAML file")
      ->type_name("NAME|FILE")
      ->required();
  verb->add_option("--bind", subject.bind, "size of a symbolic dimension: NAME=SIZE");
  verb->add_option("--part", subject.part,
                   "of an ONNX model that DeFiNES can tile in parts only, from 1; the one with the "
                   "most multiply-accumulates if not given");
  verb->add_option("--tiles", arguments->tiles,
                   "WIDTHxHEIGHT of the output of every stack, or full, with commas between; a grid "
                   "if not given")
      ->delimiter(',');
  verb->add_option("--modes", arguments->modes, "recompute, h-cached, cached; all if not given")
      ->delimiter(',');
  verb->add_option("--depth", arguments->depth,
                   "auto, single (one stack), layer-by-layer, or layer ids to cut after")
      ->capture_default_str();
  verb->add_option("--lpf", arguments->lpf, "loops a mapping may order (LOMA's lpf limit)")
      ->check(CLI::Range(1, 10))
      ->capture_default_str();
  verb->add_flag("--as-published", arguments->as_published,
                 "as the DeFiNES artifact, its defects included");
  verb->add_option("--repair", arguments->repairs,
                   "as the artifact but for these repairs, with commas between")
      ->delimiter(',');
  verb->add_flag("--joint", arguments->joint,
                 "also the best cuts with a tile and mode of its own for every stack: proved for these "
                 "tiles, then better ones beside them");
  verb->add_option("--threads", arguments->threads, "0 = all cores")->check(CLI::Range(0, 4096));
  verb->add_option("--json", arguments->json, "also write the exploration as JSON")
      ->type_name("FILE");
  verb->add_option("--csv", arguments->csv, "also write the points as CSV")->type_name("FILE");
  verb->add_option("--out", arguments->out,
                   "folder for fusion.json, .csv, .svg and .html; a stopped run goes on from there")
      ->type_name("DIR");
  verb->add_option("--partial", arguments->partial,
                   "file of points done so far, read and added to (in --out if not given)")
      ->type_name("FILE");
  verb->add_flag("--progress", arguments->progress, "show progress even if not on a terminal");
  verb->footer("Exit code: 0 explored, 2 bad input, 3 no point is feasible.");
  return [arguments] { return run_explore_fusion(*arguments); };
}

}  // namespace tileloom::cli

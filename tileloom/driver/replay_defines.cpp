#include "tileloom/driver/replay_defines.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <set>

#include "tileloom/driver/defines_figures.hpp"
#include "tileloom/io/json_text.hpp"
#include "tileloom/io/zigzag/read_machine.hpp"
#include "tileloom/io/zigzag/read_network.hpp"

namespace tileloom::driver {
namespace {

using namespace scheduler::defines;
using io::Node;
using io::Reading;
using nlohmann::json;

/// Machines and networks by name: from architectures.json and workloads.json beside the file, else
/// those that come with Tileloom.
class Subjects {
 public:
  explicit Subjects(const std::string& file)
      : folder_(std::filesystem::path(file).parent_path()) {}

  const Machine* machine(Reading& reading, const Node& name) {
    return find(machines_, "architectures.json", reading, name, io::zigzag::read_machine_file,
                io::zigzag::load_machine);
  }
  const Network* network(Reading& reading, const Node& name) {
    return find(networks_, "workloads.json", reading, name, io::zigzag::read_network_file,
                io::zigzag::load_network);
  }

 private:
  template <class T>
  const T* find(std::map<std::string, T>& known, const char* beside, Reading& reading,
                const Node& node, Result<T> (*read)(const std::string&),
                Result<T> (*load)(const std::string&)) {
    const std::string name = reading.string(node);
    if (name.empty()) return nullptr;
    if (const auto found = known.find(name); found != known.end()) return &found->second;
    const std::filesystem::path path = folder_ / beside;
    std::error_code error;
    Result<T> value = std::filesystem::exists(path, error) ? read(path.string() + "#" + name)
                                                           : load(name);
    if (!value) {
      for (const Diagnostic& mistake : value.error())
        reading.mistake(node, to_string(mistake), "");
      return nullptr;
    }
    return &known.emplace(name, *std::move(value)).first->second;
  }

  std::filesystem::path folder_;
  std::map<std::string, Machine> machines_;
  std::map<std::string, Network> networks_;
};

/// Explorations are dear to set up and remember what they solved: one for each question asked.
class Explorations {
 public:
  Exploration& of(const Network& network, const Machine& machine, const Options& options) {
    const auto key = std::tuple(&network, &machine, options.lpf_limit, options.depth.kind,
                                options.repairs.optional_ids);
    std::unique_ptr<Exploration>& slot = all_[key];
    if (!slot) slot = std::make_unique<Exploration>(network, machine, options);
    return *slot;
  }

 private:
  std::map<std::tuple<const Network*, const Machine*, int, Depth::Kind, bool>,
           std::unique_ptr<Exploration>>
      all_;
};

std::optional<Mode> mode_named(const std::string& text) {
  for (const Mode mode : kModes)
    if (name(mode) == text) return mode;
  return std::nullopt;
}

Mode read_mode(Reading& reading, const Node& node) {
  const std::string text = reading.string(node);
  const std::optional<Mode> mode = mode_named(text);
  if (!mode && !text.empty())
    reading.mistake(node, fmt::format("unknown mode '{}'", text),
                    "known: fully_recompute, H_cached_V_recompute, fully_cached");
  return mode.value_or(Mode::fully_cached);
}

Options published(int lpf_limit) {
  Options options;
  options.lpf_limit = lpf_limit;
  options.repairs = as_published();
  return options;
}

/// One run of the reference: the point and what is expected of it.
struct RunCase {
  const Network* network = nullptr;
  const Machine* machine = nullptr;
  Point point;
  int lpf_limit = 6;
  Node node;
  std::string id;
};

RunCase read_run(Reading& reading, Subjects& subjects, const Node& node) {
  RunCase run;
  run.node = node;
  run.machine = subjects.machine(reading, reading.member(node, "arch"));
  run.network = subjects.network(reading, reading.member(node, "workload"));
  run.point.mode = read_mode(reading, reading.member(node, "mode"));
  run.point.tile = {reading.positive_integer(reading.member(node, "tile_x")),
                    reading.positive_integer(reading.member(node, "tile_y"))};
  const Node limit = reading.member(node, "loma_lpf_limit");
  constexpr std::int64_t kMostLoops = 10;
  if (reading.positive_integer(limit) > kMostLoops)
    reading.mistake(limit, "more loops than can be ordered", "use at most 10");
  else
    run.lpf_limit = static_cast<int>(reading.positive_integer(limit));
  run.id = fmt::format("{}/{}", reading.string(reading.member(node, "arch")),
                       reading.string(reading.member(node, "workload")));
  return run;
}

/// A level that does not exist is a figure to compare, not one left open.
json spelled(json figures) {
  if (!figures.contains("events")) return figures;
  for (json& event : figures["events"])
    for (json& value : event)
      if (value.is_null()) value = "none";
  return figures;
}

/// The reference holds at most the first 40 decisions of a run.
void keep_first_events(json& got, const json& expected) {
  constexpr std::size_t kKept = 40;
  if (!got.contains("events") || expected.value("events", json::array()).size() != kKept) return;
  json& events = got["events"];
  while (events.size() > kKept) events.erase(events.size() - 1);
}

/// Unrollings of a level in alphabetical order: they run at once, so their order says nothing.
void sort_unrollings(json& figures) {
  for (json& layer : figures["layers"]) {
    if (!layer.is_object() || !layer.contains("tiles")) continue;
    for (json& tile : layer["tiles"]) {
      if (!tile.contains("spatial")) continue;
      for (json& operand : tile["spatial"])
        for (json& level : operand)
          if (level.is_array()) std::sort(level.begin(), level.end());
    }
  }
}

/// Without what is no result of the model, and latency2 of copies, which the artifact forgets to
/// multiply (defect 3).
json comparable(json expected) {
  for (const char* key : {"arch", "workload", "spatial_mapping_set", "mode", "tile_x", "tile_y",
                          "loma_lpf_limit", "cpu_s", "latency_total2_cycles"})
    expected.erase(key);
  if (!expected.contains("layers")) return spelled(std::move(expected));
  for (json& layer : expected["layers"])
    if (layer.is_object() && layer.contains("id") && layer["id"].is_string() &&
        layer["id"].get<std::string>().starts_with("copy_before_"))
      layer.erase("latency2");
  sort_unrollings(expected);
  return spelled(std::move(expected));
}

json infeasible_figures(const Infeasible& infeasible, const Machine& machine) {
  return {{"infeasible", explain(infeasible, machine)}};
}

/// {"energy_pJ", "latency1"} of a point.
json pair_at(const Exploration& exploration, const Point& point, const char* energy,
             const char* latency) {
  const auto schedule = exploration.evaluate(point);
  if (!schedule) return infeasible_figures(schedule.error(), exploration.machine());
  return {{energy, schedule->totals.energy.value},
          {latency, static_cast<double>(schedule->totals.latency1.value)}};
}

}  // namespace

Diagnostics replay_defines_runs(const io::JsonText& file, const Each& each) {
  Reading reading(file);
  Subjects subjects(file.file);
  std::vector<RunCase> runs;
  for (const Node& node : reading.items(reading.member(reading.root(), "points")))
    runs.push_back(read_run(reading, subjects, node));
  if (!reading.mistakes().empty()) return reading.mistakes();

  Explorations explorations;
  for (const RunCase& run : runs) {
    const Exploration& exploration =
        explorations.of(*run.network, *run.machine, published(run.lpf_limit));
    const auto schedule = exploration.evaluate(run.point);
    json got = schedule ? spelled(defines_figures(exploration, *schedule))
                        : infeasible_figures(schedule.error(), *run.machine);
    keep_first_events(got, *run.node.value);
    if (schedule) sort_unrollings(got);
    each({run.id,
          fmt::format("{} {}x{} lpf {}", name(run.point.mode), run.point.tile.x,
                      run.point.tile.y, run.lpf_limit),
          comparable(*run.node.value), got});
  }
  return {};
}

Diagnostics replay_defines_grid(const io::JsonText& file, const Each& each) {
  Reading reading(file);
  std::vector<std::int64_t> tx, ty;
  for (const Node& node : reading.items(reading.member(reading.root(), "tx")))
    tx.push_back(reading.positive_integer(node));
  for (const Node& node : reading.items(reading.member(reading.root(), "ty")))
    ty.push_back(reading.positive_integer(node));
  const Result<Machine> machine = io::zigzag::load_machine("Meta_prototype_DF");
  const Result<Network> network = io::zigzag::load_network("fsrcnn");
  if (!machine) return machine.error();
  if (!network) return network.error();
  if (!reading.mistakes().empty()) return reading.mistakes();

  for (const int lpf : {6, 8}) {
    const auto grids = reading.optional_member(reading.root(), fmt::format("lpf{}", lpf));
    if (!grids) continue;
    const Exploration exploration(*network, *machine, published(lpf));
    for (const auto& [name, node] : reading.members(*grids)) {
      const std::optional<Mode> mode = mode_named(name);
      if (!mode) {
        reading.mistake(node, fmt::format("unknown mode '{}'", name), "");
        continue;
      }
      json energy = json::array(), latency = json::array();
      for (const std::int64_t y : ty) {
        json energies = json::array(), latencies = json::array();
        for (const std::int64_t x : tx) {
          const json figures = pair_at(exploration, {*mode, {x, y}}, "E", "L");
          energies.push_back(figures.value("E", json()));
          latencies.push_back(figures.value("L", json()));
        }
        energy.push_back(std::move(energies));
        latency.push_back(std::move(latencies));
      }
      const std::string setting = fmt::format("lpf {}", lpf);
      each({name, setting, *node.value, {{"energy_pJ", energy}, {"latency1", latency}}});
    }
  }
  return reading.mistakes();
}

Diagnostics replay_defines_cases(const io::JsonText& file, const Each& each) {
  Reading reading(file);
  Subjects subjects(file.file);
  Explorations explorations;
  for (const Node& node : reading.items(reading.member(reading.root(), "rows"))) {
    const Machine* machine = subjects.machine(reading, reading.member(node, "arch"));
    const Network* network = subjects.network(reading, reading.member(node, "workload"));
    if (!machine || !network) continue;
    const std::vector<Node> points = reading.items(reading.member(node, "all"));
    Options options = published(6);
    options.repairs.optional_ids = true;  // the rows do not count anything twice
    const Exploration& automatic = explorations.of(*network, *machine, options);
    options.depth.kind = Depth::Kind::single_layer;
    const Exploration& single = explorations.of(*network, *machine, options);
    const Extent whole = automatic.graph().nodes[NodeId{0}].full;
    const Point all_at_once{Mode::fully_recompute, whole};
    json got{{"workload", network->name},
             {"arch", machine->name},
             {"SL", pair_at(single, all_at_once, "E", "L")},
             {"LBL", pair_at(automatic, all_at_once, "E", "L")},
             {"best_energy", json()},
             {"best_latency", json()},
             {"all", json::array()}};
    for (const Node& item : points) {
      const std::int64_t mode = reading.positive_integer(reading.member(item, "mode"));
      const Point point{mode == 1   ? Mode::fully_recompute
                        : mode == 2 ? Mode::h_cached_v_recompute
                                    : Mode::fully_cached,
                        {reading.positive_integer(reading.member(item, "tx")),
                         reading.positive_integer(reading.member(item, "ty"))}};
      json figures = pair_at(automatic, point, "E", "L");
      figures.update({{"mode", mode}, {"tx", point.tile.x}, {"ty", point.tile.y}});
      for (const auto& [best, key] : {std::pair{"best_energy", "E"}, {"best_latency", "L"}})
        if (figures.contains(key) && (got[best].is_null() || figures[key] < got[best][key]))
          got[best] = figures;
      got["all"].push_back(std::move(figures));
    }
    if (!reading.mistakes().empty()) continue;
    each({fmt::format("{}/{}", machine->name, network->name), "lpf 6", *node.value, got});
  }
  return reading.mistakes();
}

Diagnostics replay_defines_cuts(const io::JsonText& file, const Each& each) {
  Reading reading(file);
  Subjects subjects(file.file);
  for (const auto& [name, node] : reading.members(reading.root())) {
    const std::size_t slash = name.find('/');
    const json arch = name.substr(0, slash);
    const json workload = slash == std::string::npos ? std::string() : name.substr(slash + 1);
    const Machine* machine = subjects.machine(reading, {&arch, node.pointer});
    const Network* network = subjects.network(reading, {&workload, node.pointer});
    if (!machine || !network) continue;
    const Graph graph = graph_of(*network);
    const Threshold threshold = weight_threshold(*machine, as_published());
    each({name, "automatic", *node.value,
          {{"stack_cuts_after_layer", automatic_cuts(graph, threshold)},
           {"threshold_memory", machine->memories[threshold.memory].name},
           {"threshold_bits", threshold.size.value}}});
  }
  return reading.mistakes();
}

Tolerance defines_tolerance(std::string_view quantity) {
  if (quantity.ends_with(".L")) return {.relative = 5e-10};  // printed with ten digits
  if (quantity.ends_with(".E") || quantity.ends_with("energy_pJ")) return {.relative = 1e-9};
  for (const std::string_view part : {"energy", "spatial", "word_access"})
    if (quantity.find(part) != std::string_view::npos )
      return {.relative = 1e-9};
  return {};
}

std::string_view defines_profile_of(const json& root) {
  if (!root.is_object() || root.empty()) return {};
  if (root.contains("tx") && root.contains("ty")) return "defines2022/grid";
  if (root.contains("rows")) return "defines2022/cases";
  if (root.begin()->is_object() && root.begin()->contains("stack_cuts_after_layer"))
    return "defines2022/cuts";
  return {};
}

}  // namespace tileloom::driver

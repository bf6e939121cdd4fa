#include "tileloom/driver/defines_figures.hpp"

#include <map>

#include "tileloom/driver/layer_tile_figures.hpp"

namespace tileloom::driver {
namespace {

using namespace scheduler::defines;
using nlohmann::json;

/// "copy_before_0" for the input "substack_input_layer_0" too, as the reference names it.
std::string copy_label(const std::string& id) {
  const std::size_t last = id.rfind('_');
  return "copy_before_" + (last == std::string::npos ? id : id.substr(last + 1));
}

/// Entries of the "layers" list in the order in which they first occur.
class Layers {
 public:
  json& entry(const std::string& key, const std::string& label) {
    const auto [place, is_new] = places_.emplace(key, list_.size());
    if (is_new)
      list_.push_back({{"id", label},
                       {"energy", 0.0},
                       {"latency1", 0},
                       {"latency2", 0},
                       {"tiles", json::array()}});
    return list_[place->second];
  }
  json take() { return std::move(list_); }

 private:
  std::map<std::string, std::size_t> places_;
  json list_ = json::array();
};

class Figures {
 public:
  explicit Figures(const Exploration& exploration) : exploration_(exploration) {}

  void add(const StackRun& stack) {
    for (std::size_t i = 0; i < stack.tiles.size(); ++i)
      for (const NodeRun& node : stack.tiles[i].nodes)
        add(node, stack.graph.nodes[node.node].id, stack.plan.types[i].count);
  }

  json all(const Schedule& schedule) {
    return {{"energy_pJ", schedule.totals.energy.value},
            {"latency_total1_cycles", schedule.totals.latency1.value},
            {"latency_total0_layers_cycles", schedule.totals.latency0.value},
            {"mac_energy_pJ", schedule.totals.mac_energy.value},
            {"energy_by_memory", by_memory_},
            {"energy_by_operand", by_operand_},
            {"stack_cuts", exploration_.cuts()},
            {"cost_model_evaluations", evaluations_},
            {"events", defines_events(exploration_, schedule)},
            {"layers", layers_.take()}};
  }

 private:
  void add(const NodeRun& node, const std::string& id, std::int64_t count) {
    json copies = copy_figures(node.copies, count);
    put(layers_.entry("copy of " + id, copy_label(id)), count, std::move(copies));
    for (const CopyAction& action : node.copies.actions)
      for (const Hop& hop : action.hops) {
        spend(hop.from, "copy", count, hop.read_energy);
        spend(hop.to, "copy", count, hop.write_energy);
      }
    if (!node.cost) return;
    evaluations_ += node.cost->evaluations;
    json figures = layer_tile_figures(exploration_, *node.tile, *node.cost);
    for (const auto& [operand, levels] : figures["energy_by_op_level"].items())
      for (std::size_t level = 0; level < levels.size(); ++level)
        spend(figures["mem_levels"][operand][level].get<std::string>(), operand, count,
              Picojoules{levels[level].get<double>()});
    put(layers_.entry(id, id), count, std::move(figures));
  }

  static void put(json& entry, std::int64_t count, json tile) {
    entry["energy"] = entry["energy"].get<double>() +
                      static_cast<double>(count) * tile["energy"].get<double>();
    for (const char* latency : {"latency1", "latency2"})
      entry[latency] =
          entry[latency].get<std::int64_t>() + count * tile[latency].get<std::int64_t>();
    tile["count"] = count;
    entry["tiles"].push_back(std::move(tile));
  }

  void spend(MemoryIndex memory, const std::string& on, std::int64_t count, Picojoules energy) {
    spend(exploration_.machine().memories[memory].name, on, count, energy);
  }
  void spend(const std::string& memory, const std::string& on, std::int64_t count,
             Picojoules energy) {
    by_memory_[memory][on] += static_cast<double>(count) * energy.value;
    by_operand_[on] += static_cast<double>(count) * energy.value;
  }

  json place(Place place, MemoryIndex memory) const {
    return {cost::defines2022::name(place.operand), place.level,
            exploration_.machine().memories[memory].name};
  }

  json copy_figures(const CopyLayer& copies, std::int64_t count) const {
    json actions = json::array();
    for (const CopyAction& action : copies.actions) {
      json chain = json::array(), cycles = json::array();
      for (const MemoryIndex memory : action.chain)
        chain.push_back(exploration_.machine().memories[memory].name);
      for (const Hop& hop : action.hops) cycles.push_back(hop.cycles.value);
      actions.push_back({{"bits", action.copy.bits.value},
                         {"src", place(action.copy.from, action.chain.front())},
                         {"dst", place(action.copy.to, action.chain.back())},
                         {"energy", action.energy.value},
                         {"chain", std::move(chain)},
                         {"hop_cycles", std::move(cycles)}});
    }
    return {{"count", count},
            {"energy", copies.energy.value},
            {"latency1", copies.latency.value},
            {"latency2", copies.latency.value},
            {"kind", "copy"},
            {"actions", std::move(actions)}};
  }

  const Exploration& exploration_;
  Layers layers_;
  std::map<std::string, std::map<std::string, double>> by_memory_;
  std::map<std::string, double> by_operand_;
  std::int64_t evaluations_ = 0;
};

}  // namespace

json defines_figures(const Exploration& exploration, const Schedule& schedule) {
  Figures figures(exploration);
  for (const StackRun& stack : schedule.stacks) figures.add(stack);
  return figures.all(schedule);
}

}  // namespace tileloom::driver

#include "tileloom/reference/replay.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>
#include <utility>
#include <vector>

#include "tileloom/loop_tree/boxes.hpp"
#include "tileloom/reference/interpret.hpp"
#include "tileloom/reference/path_execution.hpp"

namespace tileloom::reference {
namespace {

/// Who goes first at a port: smaller is earlier. Lanes, then by step, inner Stores first.
struct Urgency {
  bool transfer = false;
  std::size_t step = 0;
  std::size_t outwards = 0;
  auto operator<=>(const Urgency&) const = default;
};

/// One step of the lanes, one fill or one drain.
struct Task {
  Urgency urgency;
  std::map<std::size_t, double> requests;  ///< cycles still needed, by port
  std::size_t waiting_for = 0;             ///< tasks that must end first
  std::vector<std::size_t> releases;
};

/// Runs tasks on ports that serve their most urgent request.
class Machine {
 public:
  explicit Machine(std::size_t ports) : queues_(ports) {}

  std::size_t add(Urgency urgency) {
    tasks_.push_back({urgency, {}, 0, {}});
    return tasks_.size() - 1;
  }
  void request(std::size_t task, std::size_t port, double cycles) {
    if (cycles > 0) tasks_[task].requests[port] += cycles;
  }
  void order(std::size_t first, std::size_t second) {
    tasks_[first].releases.push_back(second);
    ++tasks_[second].waiting_for;
  }

  double run() {
    for (std::size_t task = 0; task < tasks_.size(); ++task) {
      if (tasks_[task].waiting_for == 0) ready_.push_back(task);
    }
    while (true) {
      start_ready();
      if (!serve()) break;
    }
    if (ended_ != tasks_.size()) throw std::logic_error("tasks wait for each other");
    return now_;
  }

 private:
  void start_ready() {
    while (!ready_.empty()) {
      const std::size_t task = ready_.back();
      ready_.pop_back();
      if (tasks_[task].requests.empty()) end(task);
      for (const auto& [port, cycles] : tasks_[task].requests) {
        queues_[port].insert({tasks_[task].urgency, task});
      }
    }
  }

  void end(std::size_t task) {
    ++ended_;
    for (const std::size_t next : tasks_[task].releases) {
      if (--tasks_[next].waiting_for == 0) ready_.push_back(next);
    }
  }

  /// Time goes on until a port has served its request; false if none has any.
  bool serve() {
    double shortest = -1;
    for (const auto& [port, task] : heads()) {
      const double cycles = tasks_[task].requests.at(port);
      if (shortest < 0 || cycles < shortest) shortest = cycles;
    }
    if (shortest < 0) return false;
    now_ += shortest;
    for (const auto& [port, task] : heads()) {
      double& cycles = tasks_[task].requests.at(port);
      cycles -= shortest;
      if (cycles > 1e-9) continue;
      queues_[port].erase(queues_[port].begin());
      tasks_[task].requests.erase(port);
      if (tasks_[task].requests.empty()) end(task);
    }
    return true;
  }

  std::vector<std::pair<std::size_t, std::size_t>> heads() const {
    std::vector<std::pair<std::size_t, std::size_t>> heads;
    for (std::size_t port = 0; port < queues_.size(); ++port) {
      if (!queues_[port].empty()) heads.emplace_back(port, queues_[port].begin()->second);
    }
    return heads;
  }

  std::vector<Task> tasks_;
  std::vector<std::set<std::pair<Urgency, std::size_t>>> queues_;  ///< by port
  std::vector<std::size_t> ready_;
  std::size_t ended_ = 0;
  double now_ = 0;
};

/// A Store, its turns and their tasks.
struct TimedStore {
  Store store;
  bool home = false;
  bool innermost = true;
  std::size_t parent = 0;
  double instances = 1;
  double bits = 0;                  ///< of an element on the way to or from the children
  std::vector<std::size_t> starts;  ///< first step of every turn
  std::vector<std::size_t> fills;   ///< task by turn
  std::vector<std::size_t> drains;  ///< task by turn

  std::size_t turn_of(std::size_t step) const {
    const auto after = std::upper_bound(starts.begin(), starts.end(), step);
    return static_cast<std::size_t>(after - starts.begin()) - 1;
  }
};

class PathReplay {
 public:
  PathReplay(const Operator& op, const Architecture& arch, std::span<const PathNode> path)
      : arch_(arch),
        trace_(trace_path(op, arch, path)),
        steps_(trace_.size() - 1),
        machine_(arch.memories.size() * 3 + 1) {
    place_levels(op, path);
    add_work();
    for (std::size_t s = 0; s < levels_.size(); ++s) {
      if (!levels_[s].home) add_transfers(s);
    }
    for (std::size_t s = 0; s < levels_.size(); ++s) {
      if (!levels_[s].home) order_turns(s);
    }
  }

  double run() { return machine_.run(); }

 private:
  void place_levels(const Operator& op, std::span<const PathNode> path) {
    const std::vector<double> instances = instances_in_use(op, path);
    std::map<TensorId, std::size_t> innermost;
    for (std::size_t i = 0; i < path.size(); ++i) {
      const Store* store = std::get_if<Store>(&path[i]);
      if (store == nullptr) continue;
      TimedStore level{*store, false, true, 0, 1, 0, {}, {}, {}};
      level.instances = instances[i];
      level.bits = static_cast<double>(element_bits(op, path, i));
      const auto outer = innermost.find(store->tensor);
      level.home = outer == innermost.end();
      if (!level.home) {
        level.parent = outer->second;
        levels_[outer->second].innermost = false;
      }
      innermost[store->tensor] = levels_.size();
      levels_.push_back(std::move(level));
    }
  }

  /// Buffers of every Store that a busy lane uses.
  std::vector<double> instances_in_use(const Operator& op, std::span<const PathNode> path) const {
    std::vector<std::set<Trips>> used(path.size());
    for (const auto& [step, work] : enumerate_steps(op, path)) {
      for (const LaneWork& lane : work) {
        for (std::size_t i = 0; i < path.size(); ++i) {
          if (!std::holds_alternative<Store>(path[i])) continue;
          used[i].insert(only(lane.lane, own_spatial_loops(arch_, path, i)));
        }
      }
    }
    std::vector<double> counts;
    for (const std::set<Trips>& buffers : used)
      counts.push_back(static_cast<double>(buffers.size()));
    return counts;
  }

  std::size_t lanes() const { return arch_.memories.size() * 3; }

  void use(std::size_t task, const TimedStore& level, std::size_t kind, double bits,
           const std::optional<double>& bandwidth) {
    if (!bandwidth) return;
    machine_.request(task, index(level.store.memory) * 3 + kind,
                     bits / level.instances / *bandwidth);
  }
  void read(std::size_t task, const TimedStore& level, std::int64_t elements, double width) {
    const Ports& ports = arch_.memories[level.store.memory].ports;
    use(task, level, 0, static_cast<double>(elements) * width, ports.read);
    use(task, level, 2, static_cast<double>(elements) * width, ports.shared);
  }
  void write(std::size_t task, const TimedStore& level, std::int64_t elements, double width) {
    const Ports& ports = arch_.memories[level.store.memory].ports;
    use(task, level, 1, static_cast<double>(elements) * width, ports.write);
    use(task, level, 2, static_cast<double>(elements) * width, ports.shared);
  }

  void add_work() {
    for (std::size_t t = 0; t < steps_; ++t) {
      work_.push_back(machine_.add({false, t, 0}));
      machine_.request(work_[t], lanes(), arch_.compute.cycles_per_operation);
      for (std::size_t s = 0; s < levels_.size(); ++s) {
        const cost::StoreCounts& used = trace_[t].computing[s];
        read(work_[t], levels_[s], used.reads + used.update_reads, levels_[s].bits);
        write(work_[t], levels_[s], used.updates, levels_[s].bits);
      }
      if (t > 0) machine_.order(work_[t - 1], work_[t]);
    }
  }

  void add_transfers(std::size_t s) {
    TimedStore& level = levels_[s];
    const TimedStore& parent = levels_[level.parent];
    for (std::size_t t = 0; t < steps_; ++t) {
      if (t == 0 || trace_[t].leaving[s].drains > 0 || trace_[t].entering[s].fills > 0) {
        level.starts.push_back(t);
      }
    }
    const std::size_t outwards = levels_.size() - s;
    for (std::size_t k = 0; k < level.starts.size(); ++k) {
      const std::size_t first = level.starts[k];
      const std::size_t next = k + 1 < level.starts.size() ? level.starts[k + 1] : steps_;
      const std::size_t fill = machine_.add({true, first, outwards});
      write(fill, level, trace_[first].entering[s].fills, parent.bits);
      read(fill, parent, trace_[first].entering[level.parent].reads, parent.bits);
      const std::size_t drain = machine_.add({true, next - 1, outwards});
      read(drain, level, trace_[next].leaving[s].drains, parent.bits);
      write(drain, parent, trace_[next].leaving[level.parent].updates, parent.bits);
      read(drain, parent, trace_[next].leaving[level.parent].update_reads, parent.bits);
      level.fills.push_back(fill);
      level.drains.push_back(drain);
    }
  }

  void order_turns(std::size_t s) {
    const TimedStore& level = levels_[s];
    const TimedStore& parent = levels_[level.parent];
    const std::size_t room = arch_.memories[level.store.memory].double_buffered ? 2 : 1;
    for (std::size_t k = 0; k < level.starts.size(); ++k) {
      const std::size_t first = level.starts[k];
      const std::size_t next = k + 1 < level.starts.size() ? level.starts[k + 1] : steps_;
      machine_.order(work_[next - 1], level.drains[k]);
      if (level.innermost) machine_.order(level.fills[k], work_[first]);
      if (k > 0) machine_.order(level.fills[k - 1], level.fills[k]);
      if (k > 0) machine_.order(level.drains[k - 1], level.drains[k]);
      if (k >= room) machine_.order(level.drains[k - room], level.fills[k]);
      if (parent.home) continue;
      machine_.order(parent.fills[parent.turn_of(first)], level.fills[k]);
      // The parent's turn ends with or after this one: its drain takes what this one brings.
      const std::size_t around = parent.turn_of(next - 1);
      machine_.order(level.drains[k], parent.drains[around]);
    }
  }

  const Architecture& arch_;
  std::vector<StepTrace> trace_;  ///< by step, and the end
  std::size_t steps_;
  Machine machine_;
  std::vector<TimedStore> levels_;      ///< in path order
  std::vector<std::size_t> work_;  ///< task by step
};

}  // namespace

double replay_path(const Operator& op, const Architecture& arch, std::span<const PathNode> path) {
  return PathReplay(op, arch, path).run();
}

}  // namespace tileloom::reference

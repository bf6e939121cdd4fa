#include "tileloom/reference/block_replay.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>

#include "tileloom/cost/block_work.hpp"
#include "tileloom/reference/boxes_replay.hpp"
#include "tileloom/reference/channel_demands.hpp"
#include "tileloom/reference/contention.hpp"
#include "tileloom/reference/core_part.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::reference {
namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

/// A block among others that run at the same time.
struct Place {
  std::int64_t first_core = 0;
  std::int64_t images = 1;
  std::optional<std::size_t> start;  ///< a task: when all weights that stay are there
};

/// The computations of one core.
struct Lane {
  std::size_t last = kNone;
  std::vector<std::size_t> used_weights;  ///< those that used up a streamed piece, in order
  std::size_t last_weights = kNone;       ///< the transfer of the last piece
};

/// Gigabytes of them: the pieces of a core whose memory holds next to nothing.
constexpr std::size_t kMostTasks = 20'000'000;

class Replay {
 public:
  Replay(const Workload& workload, const cost::MulticoreMachine& machine, const Block& block,
         const cost::BlockPlan& plan, std::vector<Task>& tasks, const Place& place)
      : workload_(workload),
        machine_(machine),
        block_(block),
        plan_(plan),
        field_(network_field(workload)),
        cores_(cost::cores_used(plan)),
        tiles_(cost::tiles_of(plan)),
        place_(place),
        tasks_(tasks) {
    for (const OperatorId id : block.operators) {
      work_.push_back(cost::operator_work(workload, workload.operators[id], field_.operators[id]));
    }
  }

  /// All cores' steps. `inputs[i]`: tasks after which the inputs of image i are in memory.
  void add_cores(const std::vector<std::vector<std::size_t>>& inputs) {
    if (place_.start) add_meetings();
    for (std::int64_t core = 0; core < cores_; ++core) add_core(core, inputs);
  }
  /// After these tasks the results of an image are in memory.
  const std::vector<std::size_t>& results(std::int64_t image) const {
    return results_[static_cast<std::size_t>(image)];
  }

 private:
  double bits(TensorId id, const PartBox& box) const {
    double all = static_cast<double>(elements(workload_.tensors[id]) * workload_.tensors[id].bits);
    for (std::size_t a = 0; a < kSplitAxes; ++a) {
      all *= static_cast<double>(box[a].length()) / static_cast<double>(field_.extent[id][a]);
    }
    return all;
  }

  static cost::PartLengths lengths(const PartBox& box) {
    cost::PartLengths n{};
    for (std::size_t a = 0; a < kSplitAxes; ++a) n[a] = box[a].length();
    return n;
  }

  std::size_t add(Task task) {
    if (tasks_.size() >= kMostTasks) {
      throw OverflowError("a block moves in more pieces than can be simulated: give its cores more "
                          "memory");
    }
    std::erase(task.predecessors, kNone);
    tasks_.push_back(std::move(task));
    return tasks_.size() - 1;
  }

  /// A transfer that other cores may want too: with multicast it serves all that ask for it, once
  /// all of them have room, through all their ports and at the pace of the remotest.
  std::size_t add_read(const std::string& name, Task task) {
    if (!machine_.multicast) return add(std::move(task));
    const auto [known, is_new] = shared_.try_emplace(name, tasks_.size());
    if (is_new) return add(std::move(task));
    Task& read = tasks_[known->second];
    std::erase(task.predecessors, kNone);
    read.predecessors.insert(read.predecessors.end(), task.predecessors.begin(),
                             task.predecessors.end());
    read.cores.insert(read.cores.end(), task.cores.begin(), task.cores.end());
    for (std::size_t i = 0; i < read.demands.size(); ++i) {
      read.demands[i].weight = std::max(read.demands[i].weight, task.demands[i].weight);
    }
    return known->second;
  }

  /// Weights of an operator that these ranks need, from the channel near the core: equal for equal
  /// ones.
  std::string weights_name(std::size_t op, std::int64_t core, const PartBox& ranks) const {
    std::string name = fmt::format("{}w{}", global(core) % machine_.channels, op);
    for (std::size_t a = 0; a < kSplitAxes; ++a) {
      const bool divided = std::ranges::any_of(
          work_[op].weights, [&](const auto& weights) { return weights.divided[a]; });
      if (divided) name += fmt::format(",{}-{}", ranks[a].begin, ranks[a].end);
    }
    return name;
  }

  std::size_t add_weights(const std::string& name, std::int64_t core, double amount,
                          std::size_t room, std::size_t before) {
    return add_read(name, {.demands = near_demands(machine_, global(core), amount),
                           .cores = {static_cast<std::size_t>(global(core))},
                           .predecessors = {room, before}});
  }

  /// The core's number in the machine, which says where its port and its near channel are.
  std::int64_t global(std::int64_t core) const { return place_.first_core + core; }

  double meeting_cycles() const {
    return cores_ > 1 ? machine_.sync + static_cast<double>(cores_) * machine_.sync_core : 0;
  }

  /// One after every image; cores add what they wait for.
  void add_meetings() {
    for (std::int64_t image = 0; image < place_.images; ++image) {
      image_done_.push_back(add({.cycles = meeting_cycles()}));
      results_.push_back({image_done_.back()});
    }
  }

  std::size_t add_input(std::int64_t core, TensorId id, std::int64_t tile, const PartBox& box,
                        std::vector<std::size_t> after) {
    std::string name = fmt::format("i{}t{}", index(id), tile);
    for (const Interval& interval : box) {
      name += fmt::format(",{}-{}", interval.begin, interval.end);
    }
    return add_read(name, {.demands = interleaved_demands(machine_, global(core), bits(id, box)),
                           .cores = {static_cast<std::size_t>(global(core))},
                           .predecessors = std::move(after)});
  }

  /// The steps of one core, image by image and tile by tile.
  void add_core(std::int64_t core, const std::vector<std::vector<std::size_t>>& inputs) {
    Lane lane;
    std::vector<std::size_t> tile_done;  // last computation of each tile
    std::vector<std::size_t> tile_written;
    std::vector<std::size_t> last_reads;  // of inputs
    std::vector<std::size_t> resident;
    if (plan_.resident_weights) resident = add_resident(core);
    if (place_.start) {
      std::vector<std::size_t>& begin = tasks_[*place_.start].predecessors;
      begin.insert(begin.end(), resident.begin(), resident.end());
      resident = {*place_.start};
      lane.last_weights = *place_.start;
    }
    const auto back = [](const std::vector<std::size_t>& list, std::size_t steps) {
      return list.size() >= steps ? list[list.size() - steps] : kNone;
    };
    const std::size_t depth = machine_.overlap ? 2 : 1;
    for (std::int64_t step = 0; step < place_.images * tiles_; ++step) {
      const auto image = static_cast<std::size_t>(step / tiles_);
      const CorePart part = core_part(field_, block_, plan_.halo, plan_.cores, core, plan_.tiles,
                                      step % tiles_);
      // Two buffers (or one) of inputs: this tile's takes the room of the one before last.
      std::vector<std::size_t> arrived = resident;
      arrived.push_back(back(tile_written, depth));
      if (place_.start && image > 0) arrived.push_back(image_done_[image - 1]);
      std::vector<std::size_t> reads;
      for (const TensorId id : block_.inputs) {
        const auto box = part.needed.find(id);
        if (box == part.needed.end() || volume(box->second) == 0) continue;
        std::vector<std::size_t> after = last_reads.empty() ? resident : last_reads;
        after.push_back(machine_.overlap ? back(tile_done, 2) : back(tile_written, 1));
        if (!inputs.empty()) after.insert(after.end(), inputs[image].begin(), inputs[image].end());
        reads.push_back(add_input(core, id, step, box->second, std::move(after)));
      }
      arrived.insert(arrived.end(), reads.begin(), reads.end());
      last_reads = std::move(reads);
      for (std::size_t op = 0; op < work_.size(); ++op) {
        add_operator(core, step, op, part, arrived, lane);
        const TensorId made = block_.output_of[op];
        if (plan_.halo == Halo::exchanged && std::ranges::count(block_.inside, made) > 0) {
          arrived = {
              add_exchange(static_cast<std::size_t>(step) * work_.size() + op, made, part, lane)};
        }
      }
      tile_done.push_back(lane.last);
      double leaving = 0;
      for (const TensorId id : block_.outputs) leaving += bits(id, part.own.at(id));
      tile_written.push_back(add({.demands = interleaved_demands(machine_, global(core), leaving),
                                  .cores = {static_cast<std::size_t>(global(core))},
                                  .predecessors = {lane.last, back(tile_written, 1)}}));
      if (place_.start) {
        tasks_[image_done_[image]].predecessors.push_back(lane.last);
        results_[image].push_back(tile_written.back());
      }
    }
  }

  /// Weights of all tiles of a core.
  std::vector<std::size_t> add_resident(std::int64_t core) {
    std::vector<std::size_t> reads;
    const CorePart all =
        core_part(field_, block_, plan_.halo, plan_.cores, core, {1, 1, 1, 1}, 0);
    for (std::size_t op = 0; op < work_.size(); ++op) {
      const double amount = cost::weight_bits(work_[op], lengths(all.ranks[op]));
      if (amount == 0) continue;
      reads.push_back(
          add_weights(weights_name(op, core, all.ranks[op]), core, amount, kNone, kNone));
    }
    return reads;
  }

  void add_operator(std::int64_t core, std::int64_t tile, std::size_t op, const CorePart& part,
                    const std::vector<std::size_t>& arrived, Lane& lane) {
    const cost::PartLengths n = lengths(part.ranks[op]);
    const bool streams = !plan_.resident_weights && !work_[op].weights.empty();
    const std::int64_t count =
        streams ? cost::weight_pieces(machine_, work_[op], n, plan_.pieces) : 1;
    const double cycles =
        volume(part.ranks[op]) == 0
            ? 0
            : cost::compute_cycles(machine_, work_[op], n) / static_cast<double>(count);
    const double amount = cost::weight_bits(work_[op], n) / static_cast<double>(count);
    const std::size_t depth = machine_.overlap ? 2 : 1;
    const std::string name = weights_name(op, core, part.ranks[op]);
    for (std::int64_t piece = 0; piece < count; ++piece) {
      std::vector<std::size_t> before = arrived;
      before.push_back(lane.last);
      const bool reads = streams && amount > 0;
      if (reads) {
        const std::size_t used = lane.used_weights.size();
        lane.last_weights =
            add_weights(fmt::format("{}t{}p{}", name, tile, piece), core, amount,
                        used >= depth ? lane.used_weights[used - depth] : kNone, lane.last_weights);
        before.push_back(lane.last_weights);
      }
      lane.last = add({.cycles = cycles, .predecessors = std::move(before)});
      if (reads) lane.used_weights.push_back(lane.last);
    }
  }

  /// All cores meet after the operator, then each gets what others made and it needs.
  std::size_t add_exchange(std::size_t place, TensorId made, const CorePart& part,
                           const Lane& lane) {
    // Cores are added one after the other; the meeting waits for all of them.
    const auto [known, is_new] = meetings_.try_emplace(place, tasks_.size());
    if (is_new) add({.cycles = meeting_cycles()});
    const std::size_t meeting = known->second;
    if (lane.last != kNone) tasks_[meeting].predecessors.push_back(lane.last);
    const auto needed = part.needed.find(made);
    double missing = 0;
    if (needed != part.needed.end()) {
      missing = bits(made, needed->second) - bits(made, part.own.at(made));
    }
    return add({.cycles = std::max(0.0, missing) / machine_.exchange.value_or(1),
                .predecessors = {meeting}});
  }

  const Workload& workload_;
  const cost::MulticoreMachine& machine_;
  const Block& block_;
  const cost::BlockPlan& plan_;
  NetworkField field_;
  std::int64_t cores_;
  std::int64_t tiles_;
  std::vector<cost::OperatorWork> work_;
  Place place_;
  std::vector<Task>& tasks_;
  std::vector<std::size_t> image_done_;            ///< per image: its meeting
  std::vector<std::vector<std::size_t>> results_;  ///< per image
  std::map<std::size_t, std::size_t> meetings_;  ///< per step and operator, if halos are exchanged
  std::map<std::string, std::size_t> shared_;
};

/// When the last of the tasks ends.
double last_end(const cost::MulticoreMachine& machine, const std::vector<Task>& tasks,
                std::int64_t cores) {
  const SharedChannels channels{static_cast<std::size_t>(machine.channels),
                                machine.channel_bandwidth, static_cast<std::size_t>(cores),
                                machine.port};
  const std::vector<double> ends = end_times(tasks, channels);
  return ends.empty() ? 0 : *std::ranges::max_element(ends);
}

/// Per image, the tasks after which all that stage `s` reads from earlier ones is in memory.
std::vector<std::vector<std::size_t>> results_before(std::span<const cost::PipelineStage> stages,
                                                     const std::vector<Replay>& runs, std::size_t s,
                                                     std::int64_t images) {
  std::vector<std::vector<std::size_t>> found(static_cast<std::size_t>(images));
  for (const std::size_t b : cost::stages_before(stages, s)) {
    for (std::size_t image = 0; image < found.size(); ++image) {
      const auto& results = runs[b].results(static_cast<std::int64_t>(image));
      found[image].insert(found[image].end(), results.begin(), results.end());
    }
  }
  return found;
}

}  // namespace

double replay_block(const Workload& workload, const cost::MulticoreMachine& machine,
                    const Block& block, const cost::BlockPlan& plan) {
  if (!plan.boxes.empty()) return replay_boxes(workload, machine, block, plan);
  std::vector<Task> tasks;
  Replay(workload, machine, block, plan, tasks, {}).add_cores({});
  const std::int64_t cores = cost::cores_used(plan);
  const double sync = cores > 1 ? machine.sync + static_cast<double>(cores) * machine.sync_core : 0;
  return machine.launch + last_end(machine, tasks, cores) + sync;
}

double replay_pipeline(const Workload& workload, const cost::MulticoreMachine& machine,
                       std::span<const cost::PipelineStage> stages, std::int64_t images) {
  std::vector<Task> tasks = {{}};  // the first: all weights that stay are there
  Place place{0, images, 0};
  std::vector<Replay> runs;
  runs.reserve(stages.size());
  for (std::size_t s = 0; s < stages.size(); ++s) {
    const auto inputs = results_before(stages, runs, s, images);
    runs.emplace_back(workload, machine, stages[s].block, stages[s].plan, tasks, place);
    runs.back().add_cores(inputs);
    place.first_core += cost::cores_used(stages[s].plan);
  }
  return machine.launch + last_end(machine, tasks, place.first_core);
}

}  // namespace tileloom::reference

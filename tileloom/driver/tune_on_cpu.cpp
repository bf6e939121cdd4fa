#include "tileloom/driver/tune_on_cpu.hpp"

#include <algorithm>
#include <limits>
#include <map>

#include "tileloom/io/yaml/read_instruction.hpp"
#include "tileloom/scheduler/dlfusion/dlfusion.hpp"
#include "tileloom/target/x86_vnni/library.hpp"
#include "tileloom/target/x86_vnni/network_program.hpp"

namespace tileloom::driver {
namespace {

using scheduler::BlockChoice;
using x86_vnni::CpuBlock;
using x86_vnni::NetworkProgram;

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

/// Its operators' names.
std::string name_of(const Workload& workload, const scheduler::Unit& unit) {
  std::string name;
  for (const OperatorId id : unit.operators) {
    if (!name.empty()) name += " + ";
    name += workload.operators[id].name;
  }
  return name;
}

/// Nothing is known of the machine but its cores: every bound is zero.
cost::MulticoreMachine unknown_machine(std::int64_t cores) {
  cost::MulticoreMachine machine;
  machine.cores = cores;
  machine.channel_bandwidth = machine.port = std::numeric_limits<double>::infinity();
  machine.lanes = {{}};
  machine.cycles_per_operation = 0;
  return machine;
}

/// Of one run, by the clock or by what the slowest thread needs.
double seconds_of(NetworkProgram& program, const CpuBlock& block, const CpuTuneRequest& request) {
  if (request.thread_now) return program.run(block, request.thread_now);
  const double start = request.now();
  program.run(block);
  return request.now() - start;
}

/// Blocks on this machine's cores, each measured once for all strategies.
class Stopwatch {
 public:
  Stopwatch(NetworkProgram& program, const CpuTuneRequest& request)
      : program_(program), request_(request) {}

  /// The faster of one part per core and of parts that a second-level cache holds.
  BlockChoice time(const std::vector<OperatorId>& operators, std::int64_t cores) {
    const auto [place, is_new] = known_.try_emplace({operators, cores, 1});
    if (is_new) {
      place->second.cycles = std::numeric_limits<double>::infinity();
      for (const std::int64_t tiles : tiles_worth_trying({operators, cores, 1})) {
        const double took = microseconds({operators, cores, tiles});
        if (took >= place->second.cycles) continue;
        place->second = choice_of(cores, tiles, took);
      }
    }
    return place->second;
  }

  double microseconds(const CpuBlock& block) {
    double least = std::numeric_limits<double>::infinity();
    for (int i = 0; i < request_.repeats; ++i) {
      least = std::min(least, 1e6 * seconds_of(program_, block, request_));
    }
    ++measurements_;
    return least;
  }

  std::int64_t measurements() const { return measurements_; }

 private:
  static BlockChoice choice_of(std::int64_t cores, std::int64_t tiles, double microseconds) {
    BlockChoice choice{.cores = cores};
    choice.plan.cores = {1, 1, cores, 1};
    choice.plan.tiles = {1, 1, tiles, 1};
    choice.cost.fits = true;
    choice.cost.work = choice.cost.useful = 1;
    choice.cycles = choice.cost.cycles = microseconds;
    return choice;
  }

  std::vector<std::int64_t> tiles_worth_trying(CpuBlock block) const {
    constexpr std::int64_t kCacheBytes = 512 << 10;
    const std::int64_t rows = program_.rows(block);
    std::vector<std::int64_t> tiles = {1};
    if (block.operators.size() == 1) return tiles;
    while (program_.working_set(block) > kCacheBytes && 2 * block.tiles * block.cores <= rows) {
      block.tiles *= 2;
    }
    for (const std::int64_t more : {block.tiles, 2 * block.tiles}) {
      if (more > tiles.back() && more * block.cores <= rows) tiles.push_back(more);
    }
    return tiles;
  }

  NetworkProgram& program_;
  const CpuTuneRequest& request_;
  std::map<CpuBlock, BlockChoice> known_;  ///< one tile = any number
  std::int64_t measurements_ = 0;
};

/// What a strategy chose, as the program runs it.
std::vector<CpuBlock> blocks_of(const scheduler::Fusion& fusion, const Workload& workload,
                                const scheduler::UnitGraph& units) {
  std::vector<CpuBlock> blocks;
  for (const scheduler::FusedBlock& block : fusion.blocks) {
    blocks.push_back({block_of(workload, units, block.units).operators, block.choice.cores,
                      block.choice.plan.tiles[static_cast<std::size_t>(SplitAxis::rows)]});
  }
  return blocks;
}

/// Whole networks, one strategy after the other, round by round: trial rounds, then as many more,
/// so that the choice is judged by rounds in which it was not made.
void run_in_turns(NetworkProgram& program, const scheduler::UnitGraph& units,
                  const CpuTuneRequest& request, report::CpuTuning& tuning) {
  std::vector<std::vector<double>> took(tuning.strategies.size());
  tuning.rounds = request.rounds;
  std::vector<std::vector<CpuBlock>> chosen;
  for (const report::CpuStrategy& entry : tuning.strategies) {
    chosen.push_back(blocks_of(entry.fusion, program.region().workload, units));
  }
  for (int round = 0; round < 2 * request.rounds; ++round) {
    for (std::size_t s = 0; s < took.size(); ++s) {
      double seconds = 0;
      for (const CpuBlock& block : chosen[s]) seconds += seconds_of(program, block, request);
      took[s].push_back(1e6 * seconds);
    }
  }
  for (std::size_t s = 0; s < took.size(); ++s) {
    const auto after = took[s].begin() + request.rounds;
    tuning.strategies[s].trial = median({took[s].begin(), after});
    tuning.strategies[s].least = *std::min_element(after, took[s].end());
    tuning.strategies[s].microseconds = median({after, took[s].end()});
  }
}

}  // namespace

Result<report::CpuTuning> tune_on_cpu(const Workload& workload, const CpuTuneRequest& request,
                                      const Budget& budget) {
  const Result<Instruction> vnni = load_instruction(
      request.instruction.empty() ? x86_vnni::best_instruction() : request.instruction);
  if (!vnni) return tl::unexpected(vnni.error());
  Result<NetworkProgram> program =
      NetworkProgram::build(x86_vnni::runnable_region(workload), *vnni, request.compiler);
  if (!program) return tl::unexpected(program.error());
  const Workload& region = program->region().workload;
  const cost::MulticoreMachine machine = unknown_machine(request.cores);
  const cost::NetworkWork network = cost::network_work(region);
  const scheduler::UnitGraph units = scheduler::make_units(region);
  Stopwatch stopwatch(*program, request);
  std::size_t done = 0;
  const scheduler::DlfusionOptions options{
      .optimum = {.most_units = request.most_units},
      .back_end = [&](std::int64_t& plans) -> scheduler::TimeBlock {
        return
            [&](const Block& block, std::int64_t cores, double beat) -> std::optional<BlockChoice> {
              ++plans;
              const BlockChoice found = stopwatch.time(block.operators, cores);
              return found.cycles < beat ? std::optional(found) : std::nullopt;
            };
      },
      .now = request.now,
      .on_strategy =
          [&](const std::string& name) {
            if (request.on_progress) request.on_progress(done++, 9, name);
          }};
  // With two counts of cores the features decide nothing: both are proposed for every block, and
  // no core is worth so few operations that growing stops.
  scheduler::Calibration calibration;
  calibration.critical_operations = std::numeric_limits<double>::infinity();
  report::CpuTuning tuning;
  tuning.model = workload.name;
  tuning.cores = request.cores;
  for (const scheduler::Unit& unit : units) tuning.layers.push_back(name_of(region, unit));
  for (const x86_vnni::LeftOut& left : program->region().left_out) {
    tuning.left_out.push_back({left.name, left.why});
  }
  for (scheduler::Fusion& fusion : scheduler::compare_strategies({region, machine, network, units},
                                                                 calibration, options, budget)) {
    if (fusion.blocks.empty()) continue;
    tuning.strategies.push_back({std::move(fusion), 0});
  }
  tuning.measurements = stopwatch.measurements();
  if (request.on_progress) request.on_progress(8, 9, "all in turn");
  run_in_turns(*program, units, request, tuning);
  return tuning;
}

}  // namespace tileloom::driver

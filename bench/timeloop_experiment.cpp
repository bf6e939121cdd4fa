// The mappings of a Timeloop reference file against map_under_timeloop and the Timeloop-like
// searches, all by Timeloop's own conventions (links and extrapolation on), on the file's machines.
// Usage: timeloop_experiment REFERENCE.json BUDGET RIVAL_BUDGET [ARCH|ARCH:PROBLEM...]
//        (RIVAL_BUDGET 0: none)
// Prints one line per problem, machine and objective: ours, its bound, CPU seconds, the best of the
// file's mappings, how many there are and how many are better than ours, and what the rivals find.

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <iostream>
#include <map>
#include <set>
#include <string>

#include "tileloom/cost/profiles/timeloop/evaluate.hpp"
#include "tileloom/cost/profiles/timeloop/to_tileloom.hpp"
#include "tileloom/io/reference/timeloop.hpp"
#include "tileloom/mapper/exact/timeloop_search.hpp"
#include "tileloom/mapper/timeloop_like/walker.hpp"
#include "tileloom/support/file.hpp"

namespace {

using namespace tileloom;
namespace model = cost::timeloop;

constexpr std::size_t kWalkers = 32;

/// Machines whose mappings keep every tensor wherever it may be.
const std::set<std::string> kFixedKeeps{"eyeriss3", "nvdla", "tpu32", "simba"};

/// The least score of `budget` evaluations of 32 walkers.
double rival(const mapper::MapSpace& space, const mapper::TimeloopScorer& scorer,
             mapper::TimeloopWalk walk, std::int64_t budget) {
  const mapper::TimeloopOptions options{.walk = walk};
  const std::vector<mapper::TilingLevel> levels = mapper::tiling_levels(space);
  const mapper::FactorisationSampler sampler(space, levels);
  std::vector<mapper::Walker> walkers;
  for (std::size_t w = 0; w < kWalkers; ++w)
    walkers.emplace_back(space, levels, sampler, options, 1 + w);
  std::int64_t used = 0;
  double best = std::numeric_limits<double>::infinity();
  const auto visit = [&](const mapper::Point& point) {
    ++used;
    const std::optional<cost::Score> score = scorer(point);
    if (!score) return mapper::Verdict::too_large;
    best = std::min(best, score->first);
    return mapper::Verdict::valid;
  };
  while (used < budget && !std::ranges::all_of(walkers, &mapper::Walker::stopped))
    for (mapper::Walker& walker : walkers)
      if (!walker.stopped()) walker.step(visit, [&] { return used >= budget; });
  return best;
}

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

struct Pair {
  std::string arch;
  std::string problem;
  auto operator<=>(const Pair&) const = default;
};

void compare(const io::reference::TimeloopReference& reference, const Pair& pair,
             const std::string& word, std::int64_t budget, std::int64_t rival_budget) {
  const model::Problem& given = reference.problems.at(pair.problem);
  mapper::TimeloopNouns nouns{reference.archs.at(pair.arch), {}};
  model::Reasons notes;
  const Architecture machine = model::architecture_of(nouns.arch, &given, notes);
  const auto workload = model::workload_of(given, model::widths_of(nouns.arch, given));
  if (!workload) return;
  const OperatorId op{0};
  nouns.problem = *model::problem_from(*workload, workload->operators[op]);
  const cost::Objective objective = *cost::parse_objective(word);
  const mapper::Constraints constraints =
      kFixedKeeps.contains(pair.arch) ? mapper::stores_everywhere(machine) : mapper::Constraints{};

  const double begin = cpu_seconds();
  const mapper::TimeloopAnswer ours = mapper::map_under_timeloop(
      {*workload, op, machine, objective, constraints}, nouns, {.evaluations = budget});
  const double seconds = cpu_seconds() - begin;
  double theirs = std::numeric_limits<double>::infinity();
  int cases = 0;
  int better = 0;
  for (const auto& item : reference.cases) {
    if (item.arch != pair.arch || item.problem != pair.problem) continue;
    const model::Stats stats = model::evaluate(nouns.arch, given, item.mapping);
    const double score = cost::score(objective, stats.cycles, stats.energy).first;
    theirs = std::min(theirs, score);
    ++cases;
    if (score < ours.score.first * (1 - 1e-9)) ++better;
  }
  fmt::print("{},{},{},{},{:.9g},{:.9g},{:.3f},{},{:.9g},{},{}", pair.arch, pair.problem, word,
             to_string(ours.proof), ours.score.first, ours.lower_bound.first, seconds,
             ours.evaluations, theirs, cases, better);
  if (rival_budget > 0) {
    const mapper::MapSpace space = mapper::make_map_space(*workload, op, machine, constraints);
    const mapper::TimeloopScorer scorer(space, nouns, objective);
    for (const mapper::TimeloopWalk walk :
         {mapper::TimeloopWalk::random_pruned, mapper::TimeloopWalk::hybrid})
      fmt::print(",{:.9g}", rival(space, scorer, walk, rival_budget));
  }
  fmt::print("\n");
  std::cout << std::flush;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::cerr << "usage: timeloop_experiment REFERENCE.json BUDGET RIVAL_BUDGET [ARCH|ARCH:PROBLEM...]\n";
    return 2;
  }
  const Result<std::string> text = read_file(argv[1]);
  if (!text) {
    std::cerr << to_string(text.error());
    return 2;
  }
  const Result<io::JsonText> json = io::parse_json(argv[1], *text);
  if (!json) {
    std::cerr << to_string(json.error());
    return 2;
  }
  io::Reading reading(*json);
  const io::reference::TimeloopReference reference = io::reference::read_timeloop_reference(reading);
  if (!reading.mistakes().empty()) {
    std::cerr << to_string(reading.mistakes());
    return 2;
  }
  const std::set<std::string> wanted(argv + 4, argv + argc);
  std::set<Pair> pairs;
  for (const auto& item : reference.cases)
    if (wanted.empty() || wanted.contains(item.arch) ||
        wanted.contains(item.arch + ":" + item.problem))
      pairs.insert({item.arch, item.problem});
  for (const Pair& pair : pairs)
    for (const char* word : {"edp", "energy", "latency"})
      compare(reference, pair, word, std::atoll(argv[2]), std::atoll(argv[3]));
  return 0;
}

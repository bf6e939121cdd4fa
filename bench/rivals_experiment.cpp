// Random problems on given machines - convolutions (strided, grouped, depthwise) and matrix
// products, most of odd or prime extents - each mapped by `exact` with imperfect factors and by
// searches that prove nothing: where is exact's answer beaten, and does any mapping contradict a
// bound or a proof?
// Usage: rivals_experiment [--rivals NAME,...] [--seeds N] [--from I] PROBLEMS BUDGET ARCH...
// Problem i is drawn with seed i, stands on ARCH number i modulo their number and has objective
// number i modulo three. Every search may use BUDGET evaluations, rivals so many with each seed.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <string>
#include <vector>

#include "bench/words.hpp"
#include "tileloom/driver/precision.hpp"
#include "tileloom/io/yaml/find_architecture.hpp"
#include "tileloom/mapper/registry.hpp"
#include "tileloom/support/random.hpp"
#include "tileloom/workload/make.hpp"

namespace {

using namespace tileloom;

struct Options {
  std::vector<std::string> rivals{"gamma", "annealing", "random"};
  std::uint64_t seeds = 3;
  std::uint64_t from = 0;
};

/// A number between the two, small ones more often.
std::int64_t extent(Random& random, double least, double most) {
  return std::llround(least * std::pow(most / least, random.unit()));
}

Workload random_conv(Random& random) {
  constexpr std::int64_t kFilters[] = {1, 3, 3, 5, 7};
  const std::int64_t filter = kFilters[random.below(5)];
  const std::int64_t stride = random.chance(25) ? 2 : 1;
  ConvShape shape;
  shape.in_channels = extent(random, 3, 200);
  shape.out_channels = extent(random, 3, 200);
  if (random.chance(15)) {  // depthwise
    shape.groups = shape.out_channels = shape.in_channels;
  } else if (random.chance(15)) {
    shape.groups = random.between(2, 5);
    shape.in_channels *= shape.groups;
    shape.out_channels *= shape.groups;
  }
  const std::int64_t output = extent(random, 5, 60);
  const ConvAxis axis{.output = output, .filter = filter, .stride = stride,
                      .pad_before = filter / 2, .pad_after = filter / 2};
  shape.axes = {axis, axis};
  if (random.chance(20)) shape.axes[1].output = extent(random, 5, 60);
  return one_conv("conv", shape, {});
}

Workload random_work(std::uint64_t seed) {
  Random random(seed);
  if (random.chance(60)) return random_conv(random);
  MatmulShape shape{.m = extent(random, 5, 600), .n = extent(random, 5, 600),
                    .k = extent(random, 5, 600)};
  if (random.chance(20)) shape.batch = extent(random, 2, 12);
  shape.shared_b = random.chance(50);
  return one_matmul("matmul", shape, {});
}

std::string text_of(const Operator& op) {
  std::string text = op.name;
  for (const Rank& rank : op.ranks) text += fmt::format(" {}{}", rank.name, rank.extent);
  return text;
}

double value_of(const mapper::MapResult& result, const cost::Objective& objective) {
  if (!result.evaluation) return HUGE_VAL;
  return cost::score(objective, result.evaluation->latency.total, result.evaluation->energy).first;
}

double seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

class Experiment {
 public:
  Experiment(Options options, std::int64_t budget) : options_(std::move(options)) {
    budget_.evaluations = budget;
    budget_.threads = 1;
  }

  void compare(std::uint64_t number, const Architecture& arch) {
    constexpr const char* kObjectives[] = {"edp", "energy", "latency"};
    objective_ = *cost::parse_objective(kObjectives[number % 3]);
    const Workload workload = driver::apply_precision(random_work(number), arch);
    const mapper::Constraints none;
    const mapper::Problem problem{workload, OperatorId{0}, arch, objective_, none};
    const double start = seconds();
    const mapper::MapResult ours = map("exact", problem, 1);
    const double took = seconds() - start;
    const double value = value_of(ours, objective_);
    const std::optional<double> gap = mapper::gap(ours, objective_);
    fmt::print("{:4} {:18} {:8} {:12} gap {:8.3f} %  {:.3f} s  {:.6g}", number, arch.name,
               kObjectives[number % 3], to_string(ours.proof), gap ? 100 * *gap : 100, took, value);
    double best = HUGE_VAL;
    for (const std::string& rival : options_.rivals) {
      double least = HUGE_VAL;
      for (std::uint64_t seed = 1; seed <= options_.seeds; ++seed) {
        least = std::min(least, value_of(map(rival, problem, seed), objective_));
      }
      fmt::print("  {} {:.4f}", rival, least / value);
      best = std::min(best, least);
    }
    judge(ours, value, best);
    fmt::print("  {}\n", text_of(workload.operators[OperatorId{0}]));
    std::cout.flush();
    took_.push_back(took);
  }

  void print_summary() {
    if (took_.empty()) return;
    std::ranges::sort(took_);
    fmt::print("{} problems: {} proved, {} beaten (worst {:.2f} %), {} contradicted; exact CPU-s: "
               "median {:.3f}, most {:.2f}\n",
               took_.size(), proved_, beaten_, 100 * worst_, contradicted_,
               took_[took_.size() / 2], took_.back());
  }

 private:
  mapper::MapResult map(const std::string& name, const mapper::Problem& problem,
                        std::uint64_t seed) {
    mapper::MapperOptions options;
    options.imperfect = name == "exact" || name == "random";
    Budget budget = budget_;
    budget.seed = seed;
    return (*mapper::make_mapper(name, options))->map(problem, budget, nullptr);
  }

  void judge(const mapper::MapResult& ours, double value, double best) {
    constexpr double kRounding = 1e-9;
    if (ours.proof == Proof::optimal) ++proved_;
    if (best < value * (1 - kRounding)) {
      ++beaten_;
      worst_ = std::max(worst_, 1 - best / value);
      fmt::print("  BEATEN {:.3f} %", 100 * (1 - best / value));
    }
    const bool below = best < ours.lower_bound.first * (1 - kRounding);
    if (below) {
      ++contradicted_;
      fmt::print("  BELOW THE BOUND");
    }
  }

  Options options_;
  Budget budget_;
  cost::Objective objective_;
  std::vector<double> took_;
  int proved_ = 0, beaten_ = 0, contradicted_ = 0;
  double worst_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> words(argv + 1, argv + argc);
  Options options;
  while (words.size() > 1 && words[0].starts_with("--")) {
    if (words[0] == "--rivals") options.rivals = split(words[1]);
    if (words[0] == "--seeds") options.seeds = std::strtoull(words[1].c_str(), nullptr, 10);
    if (words[0] == "--from") options.from = std::strtoull(words[1].c_str(), nullptr, 10);
    words.erase(words.begin(), words.begin() + 2);
  }
  if (words.size() < 3) {
    std::cerr << "usage: rivals_experiment [--rivals NAME,...] [--seeds N] [--from I] PROBLEMS "
                 "BUDGET ARCH...\n";
    return 2;
  }
  std::vector<Architecture> machines;
  for (std::size_t i = 2; i < words.size(); ++i) {
    Result<Architecture> arch = load_architecture(words[i]);
    if (!arch) {
      std::cerr << to_string(arch.error());
      return 2;
    }
    machines.push_back(*std::move(arch));
  }
  Experiment experiment(options, std::atoll(words[1].c_str()));
  const std::uint64_t problems = std::strtoull(words[0].c_str(), nullptr, 10);
  for (std::uint64_t i = options.from; i < options.from + problems; ++i) {
    experiment.compare(i, machines[i % machines.size()]);
  }
  experiment.print_summary();
  return 0;
}

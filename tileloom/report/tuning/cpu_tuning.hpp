#pragma once
// What `tune-fusion --measure cpu` found, for a terminal and as JSON.

#include <string>
#include <vector>

#include "tileloom/report/schedule/table.hpp"
#include "tileloom/scheduler/dlfusion/fusion.hpp"

namespace tileloom::report {

struct CpuStrategy {
  scheduler::Fusion fusion;  ///< its cycles are microseconds, blocks measured one by one
  double trial = 0;          ///< median of the trial rounds, in which the tuner chooses
  double microseconds = 0;   ///< median of the rounds after them, all strategies taking turns
  double least = 0;          ///< microseconds of the fastest of these rounds
};

/// An operator of the model that is not run, and why.
struct NotMeasured {
  std::string name, why;
};

struct CpuTuning {
  std::string model;
  std::int64_t cores = 1;
  std::vector<std::string> layers;  ///< units: an operator with those that finish its result
  std::vector<NotMeasured> left_out;
  std::vector<CpuStrategy> strategies;
  std::int64_t measurements = 0;  ///< of blocks
  int rounds = 0;                 ///< of the whole network, after as many trial rounds
};

/// The strategy whose whole network was fastest; there must be one.
const CpuStrategy& fastest(const CpuTuning& tuning);
/// The tuner's choice: the strategy that was fastest in the trial rounds.
const CpuStrategy& chosen(const CpuTuning& tuning);

std::string cpu_tuning_table(const CpuTuning& tuning, const TableOptions& options = {});
/// docs/report_schema.md.
std::string cpu_tuning_json(const CpuTuning& tuning);

}  // namespace tileloom::report

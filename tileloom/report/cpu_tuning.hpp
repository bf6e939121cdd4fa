#pragma once
// What `tune-fusion --measure cpu` found, for a terminal and as JSON.

#include <string>
#include <vector>

#include "tileloom/report/table.hpp"
#include "tileloom/scheduler/dlfusion/fusion.hpp"

namespace tileloom::report {

struct CpuStrategy {
  scheduler::Fusion fusion;  ///< its cycles are microseconds, blocks measured one by one
  double microseconds = 0;   ///< median of the whole network, all strategies taking turns
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
};

/// The strategy whose whole network was fastest; there must be one.
const CpuStrategy& fastest(const CpuTuning& tuning);

std::string cpu_tuning_table(const CpuTuning& tuning, const TableOptions& options = {});
/// docs/report_schema.md.
std::string cpu_tuning_json(const CpuTuning& tuning);

}  // namespace tileloom::report

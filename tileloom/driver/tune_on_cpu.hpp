#pragma once
// Fusion and core count on this machine's own cores: the strategies of scheduler/dlfusion with a
// back end that runs every block and measures it.

#include <functional>
#include <string>

#include "tileloom/report/tuning/cpu_tuning.hpp"
#include "tileloom/support/budget.hpp"
#include "tileloom/support/diagnostic.hpp"

namespace tileloom::driver {

struct CpuTuneRequest {
  std::string compiler = "c++";
  std::string instruction;     ///< file or name; empty = the widest this processor has
  std::int64_t cores = 2;      ///< that a block may use
  std::size_t most_units = 6;  ///< of one block of the optimum
  int repeats = 5;             ///< of a block's measurement: the least counts
  int rounds = 25;  ///< of the whole networks to choose by, and again as many to judge the choice
  std::function<double()> now;  ///< seconds since some moment
  /// Processor seconds of the calling thread: given, a block takes what its slowest thread does,
  /// whatever else the machine is busy with.
  std::function<double()> thread_now;
  std::function<void(std::size_t done, std::size_t all, const std::string& what)> on_progress;
};

/// Tunes the largest connected part of the workload that can run here (target/x86_vnni/region),
/// then runs what every strategy chose, all of them in turn: the fastest is the tuner's choice.
Result<report::CpuTuning> tune_on_cpu(const Workload& workload, const CpuTuneRequest& request,
                                      const Budget& budget);

}  // namespace tileloom::driver

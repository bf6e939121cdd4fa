#pragma once
// A given schedule, executed, beside what the cost model says of it.

#include <cstdint>
#include <string>
#include <vector>

#include "tileloom/arch/architecture.hpp"
#include "tileloom/workload/workload.hpp"

namespace tileloom::report {

/// One figure of a part: bits through a port of one instance, or the fullest moment of a memory.
struct ReplayedFigure {
  MemoryId memory{};
  std::string what;  ///< "read", "write", "shared" or "peak"
  double model = 0;
  double executed = 0;
  bool agrees = true;
};

/// An operator on its own, or a stack.
struct PartReplay {
  std::vector<OperatorId> operators;
  Cycles model{};       ///< without the dispatch
  double executed = 0;  ///< cycles
  bool time_agrees = true;
  std::vector<ReplayedFigure> figures;
};

struct ReplayReport {
  std::vector<PartReplay> parts;
  std::int64_t elements = 0;  ///< of results, compared with the network computed in no schedule
  std::int64_t wrong = 0;     ///< of these
  bool agrees() const;
};

std::string replay_table(const Workload& workload, const Architecture& arch,
                         const ReplayReport& replay);

/// The JSON object `document` with a key more, "replay". docs/report_schema.md.
std::string with_replay(const std::string& document, const Workload& workload,
                        const Architecture& arch, const ReplayReport& replay);

}  // namespace tileloom::report

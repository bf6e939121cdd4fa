#pragma once
// The sweep of DeFiNES' case studies: every tile size and overlap mode, in parallel, resumable.

#include <functional>
#include <string>

#include "tileloom/report/exploration/fusion.hpp"
#include "tileloom/support/budget.hpp"
#include "tileloom/support/diagnostic.hpp"

namespace tileloom::driver {

struct FusionRequest {
  std::vector<scheduler::defines::Point> points;
  scheduler::defines::Options options;
  Budget budget;        ///< threads and stop; the points are the work
  std::string partial;  ///< file that results are added to and taken from; empty: none
};

struct FusionProgress {
  std::size_t done = 0, all = 0;
  std::size_t reused = 0;                       ///< of those done
  const report::FusionPoint* best = nullptr;    ///< least energy so far
};
using OnFusionProgress = std::function<void(const FusionProgress&)>;

/// Why a network cannot be explored on a machine: several outputs, no unrolling for the machine, an
/// operand that no memory holds.
Diagnostics subject_mistakes(const scheduler::defines::Network& network,
                             const scheduler::defines::Machine& machine);

/// Cuts that name no layer, or stand in the wrong order.
Diagnostics cut_mistakes(const scheduler::defines::Network& network,
                         const std::vector<std::int64_t>& cuts);

/// Evaluates every point. The answer does not depend on threads or on what was taken from
/// `partial`; a file that cannot be written is a mistake.
Result<report::FusionExploration> explore_fusion(const scheduler::defines::Network& network,
                                                 const scheduler::defines::Machine& machine,
                                                 const FusionRequest& request,
                                                 const OnFusionProgress& on_progress = {});

}  // namespace tileloom::driver

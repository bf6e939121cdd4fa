#pragma once
// A network small enough to work out by hand, scheduled on a machine of two memories and four
// lanes. Used by the tests of every report.

#include "tileloom/scheduler/schedule.hpp"

namespace tileloom::report {

struct Example {
  Workload workload;
  Architecture arch;
  scheduler::Schedule schedule;
};

/// Layers: `fc1` (K 4, C 8), its twin `fc2`, `wide` (M 16, C 16, K 3), and `huge`, for which
/// nothing fits. Figures are worked out in example_schedule_test.cpp.
Example example();

}  // namespace tileloom::report

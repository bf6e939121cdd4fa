#pragma once
// One line on stderr that says how far a long run is.

#include <chrono>
#include <cstddef>
#include <string>

#include "tileloom/scheduler/layer_by_layer/layer_by_layer.hpp"

namespace tileloom::cli {

/// Writes at most ten lines a second over each other, and clears them at the end. Silent unless
/// stderr is a terminal or `always`.
class ProgressLine {
 public:
  /// `unit`: what is counted.
  explicit ProgressLine(bool always, std::string unit = "operators");
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void show(const scheduler::NetworkProgress& progress);

 private:
  std::string unit_;
  bool shown_;
  bool overwrite_;
  std::chrono::steady_clock::time_point start_;
  std::chrono::steady_clock::time_point next_;
};

}  // namespace tileloom::cli

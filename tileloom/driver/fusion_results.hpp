#pragma once
// Results of an exploration on disk, one line per point, so that a stopped run can go on.

#include <optional>
#include <string>
#include <unordered_map>

#include "tileloom/report/exploration/fusion.hpp"
#include "tileloom/support/diagnostic.hpp"

namespace tileloom::driver {

/// Everything a result depends on but the point, as text: version, machine, network, options.
std::string fusion_identity(const scheduler::defines::Exploration& exploration);

/// A mistake if there is a file that holds something else: a line added would spoil it.
Result<void> may_hold_results(const std::string& path);

/// A file of results, each line with the identity's hash. Lines of other explorations, or torn by a
/// crash, are passed over.
class FusionResults {
 public:
  FusionResults(std::string path, const std::string& identity);

  std::optional<report::FusionPoint> find(const scheduler::defines::Point& point) const;
  /// Adds a line and flushes it.
  Result<void> keep(const report::FusionPoint& point) const;

 private:
  std::string path_;
  std::string key_;
  std::unordered_map<std::string, report::FusionPoint> known_;
};

}  // namespace tileloom::driver

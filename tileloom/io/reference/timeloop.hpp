#pragma once
// The part of a neutral reference file that is Timeloop's: nouns in, figures out.

#include <map>
#include <string>
#include <vector>

#include "tileloom/cost/profiles/timeloop/evaluate.hpp"
#include "tileloom/io/json_text.hpp"

namespace tileloom::io::reference {

/// One mapping with its measured figures per setting ("default", "nolink", "exact",
/// "exact_nolink").
struct TimeloopCase {
  std::string id;
  std::string arch;
  std::string problem;
  cost::timeloop::Mapping mapping;
  std::map<std::string, Node> expected;
  Node place;
};

struct TimeloopReference {
  std::map<std::string, cost::timeloop::Arch> archs;
  std::map<std::string, cost::timeloop::Problem> problems;
  std::vector<TimeloopCase> cases;
};

/// Reads archs, problems and cases; mistakes are collected in `reading`.
TimeloopReference read_timeloop_reference(Reading& reading);

/// The options a setting stands for.
cost::timeloop::Options options_of(const std::string& setting);

/// The figures in the shape of the file's "expected", levels and dataspaces by name.
nlohmann::json figures(const cost::timeloop::Arch& arch, const cost::timeloop::Problem& problem,
                       const cost::timeloop::Stats& stats);

}  // namespace tileloom::io::reference

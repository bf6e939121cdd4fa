#pragma once
// The operators a verb works on: a problem file, a table of layers, or a network (or one layer of
// it).

#include <string>
#include <vector>

#include "tileloom/support/diagnostic.hpp"
#include "tileloom/workload/workload.hpp"

namespace CLI {
class App;
}

namespace tileloom::cli {

struct SubjectOptions {
  std::string model;
  std::string layer;
  std::string problem;
  std::string layers;
  std::vector<std::string> bind;
};

void add_subject_options(CLI::App& verb, SubjectOptions& options);

/// The operators, in the model's own element types.
Result<Workload> read_subject(const SubjectOptions& options);

}  // namespace tileloom::cli

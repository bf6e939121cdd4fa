#pragma once
// Parts put together: one tree of a whole network, checked.

#include <string>
#include <vector>

#include "tileloom/scheduler/exact/single_choice.hpp"
#include "tileloom/scheduler/exact/stack_choice.hpp"

namespace tileloom::scheduler::exact {

class Assembly {
 public:
  explicit Assembly(const NetworkProblem& problem) : problem_(problem) {}

  /// Appends a part; with the evaluation of the stack if its detail is wanted.
  void add_stack(const StackSpace& space, const Range& range, const StackChoice& choice,
                 bool with_detail);
  void add_single(OperatorId op, const SingleChoice& choice);

  /// All homes, then the parts.
  LoopTree tree() const;
  /// What `check` says of it.
  std::vector<std::string> reasons() const;

  std::vector<StackPart>& parts() { return parts_; }
  /// "Conv_1 .. MaxPool: P in 3, halos kept", a line per part that is not as layer by layer.
  std::string text() const;

 private:
  void add_home(const Store& home);

  const NetworkProblem& problem_;
  std::vector<StackPart> parts_;
  std::vector<PathNode> homes_;
};

}  // namespace tileloom::scheduler::exact

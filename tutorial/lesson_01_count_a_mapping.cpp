// Lesson 1: what a mapping is, and how its accesses are counted.
//
// A convolution of one row, O[p] += I[p + r] · W[r] with 4 outputs and a filter of 3, on the
// machine `unit`, where every access costs 1 pJ and every step takes one cycle. You can check every
// number below with a pencil.

#include <fmt/format.h>

#include "tileloom/cost/evaluate.hpp"
#include "tileloom/io/yaml/find_architecture.hpp"
#include "tileloom/loop_tree/check.hpp"
#include "tileloom/loop_tree/text.hpp"
#include "tileloom/reference/evaluate_operator.hpp"
#include "tileloom/reference/interpret.hpp"
#include "tileloom/workload/make.hpp"

int main() {
  using namespace tileloom;

  // The workload: three tensors and one operator. I has 4 + 3 − 1 = 6 elements.
  Workload workload;
  const TensorId input = workload.tensors.push_back({"I", {1, 1, 6}, 8, TensorKind::input});
  const TensorId weight = workload.tensors.push_back({"W", {1, 1, 3}, 8, TensorKind::constant});
  const TensorId output = workload.tensors.push_back({"O", {1, 1, 4}, 8, TensorKind::output});
  const ConvShape shape{.axes = {{.output = 4, .filter = 3}}};
  workload.operators.push_back(make_conv("row", shape, {}, input, weight, output));
  const Operator& op = workload.operators[OperatorId{0}];

  const Result<Architecture> arch = load_architecture("unit");
  if (!arch) {
    fmt::print("{}", to_string(arch.error()));
    return 2;
  }

  // The mapping, as text. All tensors live in DRAM. For each output position, its window of inputs
  // lives in the buffer; when the window slides, two of its three elements stay.
  const std::string text =
      "store I, W, O in DRAM\n"
      "for Q in 1\n"
      "  store I in Buffer\n"
      "  for S in 1\n"
      "    compute row\n";
  const Result<LoopTree> tree = parse_tree(text, "lesson", workload, *arch);
  if (!tree) {
    fmt::print("{}", to_string(tree.error()));
    return 2;
  }
  for (const Violation& violation : check(workload, *arch, *tree))
    fmt::print("{}\n", violation.what);

  // What it costs. 6 inputs enter the buffer (3, then one per step) and are read 12 times, once per
  // point; every weight is read from DRAM at every point; every sum is written to DRAM three times
  // and read back twice.
  const cost::Evaluation cost = cost::evaluate(op, *arch, tree->path);
  for (const cost::StoreCounts& store : cost.counts.stores) {
    fmt::print("{} in {:6}: {:2} reads, {:2} fills, {:2} updates, {} update reads\n",
               workload.tensors[store.store.tensor].name, arch->memories[store.store.memory].name,
               store.reads, store.fills, store.updates, store.update_reads);
  }
  fmt::print("{} cycles, {} pJ\n", cost.latency.total.value, cost.energy.value);

  // Do not believe it: execute it. The interpreter moves every element and does the arithmetic.
  const reference::TensorValues values = reference::sample_values(op);
  const reference::Interpretation run = reference::interpret_path(op, *arch, tree->path, values);
  fmt::print("counts as executed: {}\n", run.counts == cost.counts ? "equal" : "different");
  fmt::print("values as executed: {}\n",
             run.output == reference::evaluate_operator(op, values) ? "equal" : "different");
}

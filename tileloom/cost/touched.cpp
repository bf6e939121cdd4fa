#include "tileloom/cost/touched.hpp"

#include <algorithm>

#include "tileloom/workload/interval.hpp"

namespace tileloom::cost {
namespace {

/// Terms from the least coefficient on: as long as the next one is no longer than the run of
/// indices so far, the run grows; the first longer one repeats it with gaps. Of further ones only
/// the value 0 is looked at.
std::int64_t touched_indices(const Operator& op, const Axis& axis) {
  std::vector<Term> terms = axis.terms;
  std::ranges::sort(terms, {}, &Term::coefficient);
  std::int64_t run = 1;
  std::size_t i = 0;
  for (; i < terms.size() && terms[i].coefficient <= run; ++i) {
    run += terms[i].coefficient * (op.rank(terms[i].rank).extent - 1);
  }
  const std::int64_t step = i < terms.size() ? terms[i].coefficient : 0;
  const std::int64_t repeats = i < terms.size() ? op.rank(terms[i].rank).extent : 1;
  std::int64_t touched = 0;
  for (std::int64_t r = 0; r < repeats; ++r) {
    const std::int64_t begin = axis.offset + r * step;
    touched += std::max<std::int64_t>(
        0, std::min(begin + run, axis.extent) - std::max<std::int64_t>(begin, 0));
  }
  return touched;
}

}  // namespace

double touched_bits(const Workload& workload, const Operator& op, const Operand& operand) {
  double bits = static_cast<double>(workload.tensors[operand.tensor].bits);
  for (const Axis& axis : operand.axes) bits *= static_cast<double>(touched_indices(op, axis));
  return bits;
}

double touched_constant_bits(const Workload& workload, const Operator& op) {
  double bits = 0;
  for (const Operand& input : op.inputs) {
    if (workload.tensors[input.tensor].kind != TensorKind::constant) continue;
    bits += touched_bits(workload, op, input);
  }
  return bits;
}

}  // namespace tileloom::cost

#include "tileloom/cost/profiles/defines2022/boundary.hpp"

#include <algorithm>
#include <cmath>

namespace tileloom::cost::defines2022 {
namespace {

/// What a low link may move at once, limited by the memory it faces.
double chunk(const Transfer& transfer, double facing_width, double width, double spread) {
  const auto bits = static_cast<double>(transfer.bits);
  return std::min({facing_width * spread / bits, width / bits, transfer.amount});
}

double low_words(const Transfer& transfer, double chunk, double least, double width,
                 double instances) {
  if (transfer.count == 0) return 0;
  return std::ceil(chunk * static_cast<double>(transfer.bits) / least) * (least / width) *
         static_cast<double>(transfer.count) * std::ceil(transfer.amount / chunk) * instances;
}

double high_words(const Transfer& transfer, double least, double width, double instances) {
  if (transfer.count == 0) return 0;
  return std::ceil(transfer.amount * static_cast<double>(transfer.bits) / least) * (least / width) *
         static_cast<double>(transfer.count) * instances;
}

}  // namespace

Boundary boundary(const PreparedOperand& operand, const Instances& instances, const Sizes& temporal,
                  int b, std::int64_t total_cycles, bool partial, Unrolled unrolled) {
  if (operand.bits == 0) return {};
  std::int64_t period = 1;
  if (b > 0)
    for (const std::int64_t iterations : temporal.items) period *= iterations;
  const std::int64_t count = total_cycles / period;
  const double below = data(operand, temporal, b, unrolled);
  const std::int64_t bits = operand.is_output && !partial ? operand.final_bits : operand.bits;
  const Transfer low{below * instances.boost[static_cast<std::size_t>(b)], bits, period, count};
  const Transfer high{below, bits, period, b > 0 ? count : 0};
  if (!operand.is_output) return {.to_low = low, .from_low = {}, .from_high = high, .to_high = {}};
  Boundary both{.to_low = {}, .from_low = low, .from_high = {}, .to_high = high};
  if (partial) {
    both.to_low = low;
    both.from_high = high;
  }
  return both;
}

bool is_partial(const PreparedOperand& operand, std::int64_t left, int b, Unrolled unrolled) {
  return operand.is_output && (left != 1 || irrelevant_from(operand, b + 1, unrolled) != 1);
}

BoundaryEnergy boundary_energy(const PreparedOperand& operand, const Instances& instances,
                               const Boundary& boundary, int b) {
  const auto i = static_cast<std::size_t>(b);
  const Rung& rung = operand.rungs[i];
  BoundaryEnergy result;
  const auto low = [&](const Transfer& transfer, double facing_width, double width) {
    if (b == 0) return transfer.amount;
    return chunk(transfer, facing_width, width, instances.unique[i] / instances.unique[i + 1]);
  };
  const Rung& below = operand.rungs[b == 0 ? i : i - 1];
  const double reads = low(boundary.to_low, below.write_width, rung.read_width);
  const double writes = low(boundary.from_low, below.read_width, rung.write_width);
  const double above = instances.all[i + 1];
  result.words[at(Link::to_low)] =
      low_words(boundary.to_low, reads, rung.least_read, rung.read_width, above);
  result.words[at(Link::from_low)] =
      low_words(boundary.from_low, writes, rung.least_write, rung.write_width, above);
  result.energy[at(Link::to_low)] = result.words[at(Link::to_low)] * rung.read_energy;
  result.energy[at(Link::from_low)] = result.words[at(Link::from_low)] * rung.write_energy;
  if (b == 0) return result;
  result.words[at(Link::from_high)] =
      high_words(boundary.from_high, below.least_write, below.write_width, instances.all[i]);
  result.words[at(Link::to_high)] =
      high_words(boundary.to_high, below.least_read, below.read_width, instances.all[i]);
  result.energy[at(Link::from_high)] = result.words[at(Link::from_high)] * below.write_energy;
  result.energy[at(Link::to_high)] = result.words[at(Link::to_high)] * below.read_energy;
  return result;
}

}  // namespace tileloom::cost::defines2022

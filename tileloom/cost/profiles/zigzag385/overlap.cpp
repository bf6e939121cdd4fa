#include "tileloom/cost/profiles/zigzag385/overlap.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace tileloom::cost::zigzag385 {
namespace {

using namespace defines2022;

/// One side of a hop: the transfer of `operand` across `boundary` at a port of `width`.
struct Side {
  std::size_t operand = 0;
  std::size_t boundary = 0;
  Link link{};
  Transfer transfer;
  double width = 1;
};

/// Every side that counts, by port. Partial sums coming back are no part of the last off-loading.
std::vector<std::vector<Side>> sides_of_ports(const Prepared& prepared,
                                              const PerLevel<Boundary>& boundaries) {
  std::vector<std::vector<Side>> ports(prepared.ports);
  for (std::size_t o = 0; o < boundaries.size(); ++o) {
    const PreparedOperand& operand = prepared.operands[o];
    const auto add = [&](std::size_t rung, std::size_t b, Link link, const Transfer& transfer,
                         double width) {
      if (transfer.count > 0)
        ports[static_cast<std::size_t>(operand.rungs[rung].port[at(link)])].push_back(
            {o, b, link, transfer, width});
    };
    for (std::size_t b = 0; b < boundaries[o].size(); ++b) {
      const Boundary& across = boundaries[o][b];
      const Rung& rung = operand.rungs[b];
      if (operand.is_output) {
        add(b, b, Link::from_low, across.from_low, rung.write_width);
        if (b > 0) add(b - 1, b, Link::to_high, across.to_high, operand.rungs[b - 1].read_width);
      } else {
        add(b, b, Link::to_low, across.to_low, rung.read_width);
        if (b > 0)
          add(b - 1, b, Link::from_high, across.from_high, operand.rungs[b - 1].write_width);
      }
    }
  }
  return ports;
}

/// Cycles of the innermost memory's data at a port: what cannot wait for the computation.
double least_cycles(const PreparedOperand& operand, const MergedOperand& merged, const Side& side) {
  const double elements = data(operand, merged.below[1], 1, Unrolled::rounded_down);
  return std::ceil(elements * static_cast<double>(side.transfer.bits) / side.width);
}

/// The visible cycles of each side of a port.
std::vector<double> visible_cycles(const Prepared& prepared,
                                   const std::vector<MergedOperand>& merged,
                                   const std::vector<Side>& sides, double busy) {
  std::vector<double> cycles;
  std::vector<OneTransfer> once;
  std::vector<std::size_t> which;
  double recurring = 0;  // bits per cycle
  for (std::size_t i = 0; i < sides.size(); ++i) {
    const Side& side = sides[i];
    cycles.push_back(real_cycles(side.transfer, side.width));
    if (side.transfer.count > 1) {
      recurring += side.transfer.amount * static_cast<double>(side.transfer.bits) /
                   static_cast<double>(side.transfer.period);
      continue;
    }
    which.push_back(i);
    once.push_back(
        {cycles.back(), least_cycles(prepared.operands[side.operand], merged[side.operand], side)});
  }
  if (once.empty()) return cycles;
  const double width = sides[which[0]].width;
  const std::vector<double> left = hide(once, std::max(0.0, (width - recurring) / width * busy));
  for (std::size_t i = 0; i < which.size(); ++i) cycles[which[i]] = left[i];
  return cycles;
}

}  // namespace

std::vector<double> hide(const std::vector<OneTransfer>& transfers, double idle) {
  std::vector<std::size_t> order(transfers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    return transfers[a].required > transfers[b].required;
  });
  std::vector<double> left;
  for (const OneTransfer& transfer : transfers) left.push_back(transfer.required);
  for (std::size_t j = 0; j < order.size(); ++j) {
    const OneTransfer& last = transfers[order[j]];
    const auto together = static_cast<double>(j + 1);
    const double cut = std::min(last.required - last.least, idle / together);
    for (std::size_t i = 0; i <= j; ++i) left[order[i]] -= cut;
    idle -= cut * together;
  }
  return left;
}

LoadingAndOffloading overlapped(const Prepared& prepared, const std::vector<MergedOperand>& merged,
                                const PerLevel<Boundary>& boundaries, double busy) {
  PerLevel<double> hops;  // [operand][b − 1]: the slower side
  for (const std::vector<Boundary>& of_operand : boundaries)
    hops.emplace_back(of_operand.size() - 1, -std::numeric_limits<double>::infinity());
  for (const std::vector<Side>& sides : sides_of_ports(prepared, boundaries)) {
    const std::vector<double> cycles = visible_cycles(prepared, merged, sides, busy);
    for (std::size_t i = 0; i < sides.size(); ++i) {
      const Side& side = sides[i];
      if (side.boundary == 0) continue;
      double& hop = hops[side.operand][side.boundary - 1];
      hop = std::max(hop, cycles[i]);
    }
  }
  for (std::vector<double>& of_operand : hops)
    for (double& hop : of_operand)
      if (std::isinf(hop)) hop = 0;
  return {loading(prepared, hops), std::accumulate(hops[0].begin(), hops[0].end(), 0.0)};
}

}  // namespace tileloom::cost::zigzag385

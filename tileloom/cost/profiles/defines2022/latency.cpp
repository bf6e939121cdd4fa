#include "tileloom/cost/profiles/defines2022/latency.hpp"

#include <algorithm>
#include <cmath>

#include "tileloom/cost/profiles/defines2022/boundary.hpp"

namespace tileloom::cost::defines2022 {
namespace {

/// One link of a port: `real` cycles are needed in the first `allowed` of every `period`, `count`
/// times.
struct Demand {
  double real = 0, allowed = 0;
  std::int64_t period = 1, count = 0;

  double repeats() const { return static_cast<double>(count - 1); }
  double slack_or_stall() const { return (real - allowed) * repeats(); }  ///< SS; negative is slack
  double window() const { return allowed * repeats(); }                   ///< MUW
};

/// Length of the union of the windows [0, allowed) of every period, over the whole run. A link that
/// may use its whole period covers everything.
double union_of_windows(const std::vector<Demand>& demands, double total) {
  const Demand* longest = &demands[0];
  for (const Demand& demand : demands) {
    if (demand.allowed >= static_cast<double>(demand.period)) return total;
    if (demand.period > longest->period) longest = &demand;
  }
  struct Window {
    double begin, end;
  };
  std::vector<Window> windows;
  for (const Demand& demand : demands)
    for (std::int64_t begin = 0; begin < longest->period; begin += demand.period)
      windows.push_back({static_cast<double>(begin), static_cast<double>(begin) + demand.allowed});
  std::ranges::sort(windows, {}, &Window::begin);
  double covered = 0;
  double reached = 0;
  for (const Window& window : windows) {
    covered += std::max(0.0, window.end - std::max(window.begin, reached));
    reached = std::max(reached, window.end);
  }
  return covered * static_cast<double>(longest->count);
}

/// SS_port = Σ⁺SS + max(0, Σ⁻SS + ΣMUW − MUW_union); of a single link its SS.
double port_stall(const std::vector<Demand>& demands, double total) {
  if (demands.size() == 1) return demands[0].slack_or_stall();
  double stalls = 0;
  double slack = 0;
  double windows = 0;
  for (const Demand& demand : demands) {
    const double ss = demand.slack_or_stall();
    (ss > 0 ? stalls : slack) += ss;
    windows += demand.window();
  }
  return stalls + std::max(0.0, slack + windows - union_of_windows(demands, total));
}

/// Whether the port of a link serves several inputs.
bool is_shared(const Prepared& prepared, const Rung& rung, Link link) {
  return prepared.inputs_on_port[static_cast<std::size_t>(rung.port[at(link)])] > 1;
}

/// The hops of one input, by how many of their two ports other inputs use too. The half-shared part
/// keeps only the last hop (defect 8).
struct Loading {
  double own = 0, half = 0, shared = 0;
};
Loading loading_of(const Prepared& prepared, const PreparedOperand& operand,
                   const std::vector<double>& hops) {
  Loading parts;
  for (std::size_t k = 0; k < hops.size(); ++k) {
    const int sides = int{is_shared(prepared, operand.rungs[k], Link::from_high)} +
                      int{is_shared(prepared, operand.rungs[k + 1], Link::to_low)};
    if (sides == 0) parts.own += hops[k];
    if (sides == 1) parts.half = hops[k];
    if (sides == 2) parts.shared += hops[k];
  }
  return parts;
}

/// The slower side of each hop of the inputs; for the output an empty row.
PerLevel<double> input_hops(const Prepared& prepared, const PerLevel<Boundary>& boundaries) {
  PerLevel<double> hops(prepared.operands.size());
  for (std::size_t o = 1; o < prepared.operands.size(); ++o) {
    const std::vector<Rung>& rungs = prepared.operands[o].rungs;
    for (std::size_t b = 1; b < rungs.size(); ++b)
      hops[o].push_back(std::max(real_cycles(boundaries[o][b].from_high, rungs[b - 1].write_width),
                                 real_cycles(boundaries[o][b].to_low, rungs[b].read_width)));
  }
  return hops;
}

/// The topmost hop of the last tile in full, then the latency of one memory per further hop.
double offloading(const Prepared& prepared, const PerLevel<Boundary>& boundaries) {
  const PreparedOperand& output = prepared.operands[0];
  const std::size_t n = output.rungs.size();
  if (n < 2) return 0;
  const Boundary& top = boundaries[0][n - 1];
  double cycles = std::max(real_cycles(top.to_high, output.rungs[n - 2].read_width),
                           real_cycles(top.from_low, output.rungs[n - 1].write_width));
  for (std::size_t k = 0; k + 2 < n; ++k)
    cycles += static_cast<double>(output.rungs[k + 1].latency);
  return cycles;
}

/// A memory of `size` bits has room for `need`, or not; sizes for which rounding might say otherwise
/// do not belong to the range.
void asked_about(SizeRange& tested, double need, std::int64_t size, bool fits) {
  const double safe = need * (fits ? 1 + 1e-9 : 1 - 1e-9);
  const auto bits = static_cast<std::int64_t>(fits ? std::ceil(safe) : std::floor(safe));
  tested.asked(fits ? std::min(bits, size) : std::max(bits, size + 1), fits);
}

}  // namespace

double real_cycles(const Transfer& transfer, double width) {
  return std::ceil(transfer.amount * static_cast<double>(transfer.bits) / width);
}

PerLevel<Boundary> all_boundaries(const Prepared& prepared,
                                  const std::vector<MergedOperand>& merged, Unrolled unrolled) {
  const std::vector<Instances> spread = instances(prepared, unrolled);
  PerLevel<Boundary> boundaries;
  for (std::size_t o = 0; o < prepared.operands.size(); ++o) {
    const PreparedOperand& operand = prepared.operands[o];
    boundaries.emplace_back();
    for (int b = 0; b < operand.levels(); ++b) {
      const auto i = static_cast<std::size_t>(b);
      const bool partial = is_partial(operand, merged[o].left[i], b, unrolled);
      boundaries[o].push_back(boundary(operand, spread[o], merged[o].below[i], b,
                                       merged[o].cycles.back(), partial, unrolled));
    }
  }
  return boundaries;
}

PerLevel<bool> double_buffering(const Prepared& prepared, const std::vector<MergedOperand>& merged,
                                Unrolled unrolled, SizeRanges& tested) {
  PerLevel<double> share;
  PerLevel<double> need;  // the same in bits
  std::vector<double> used(prepared.memories.size(), 0);
  std::vector<double> held(prepared.memories.size(), 0);
  for (std::size_t o = 0; o < prepared.operands.size(); ++o) {
    const PreparedOperand& operand = prepared.operands[o];
    share.emplace_back();
    need.emplace_back();
    for (int k = 0; k < operand.levels(); ++k) {
      const auto above = static_cast<std::size_t>(k) + 1;
      const bool partial = is_partial(operand, merged[o].left[above], k + 1, unrolled);
      const std::int64_t bits = operand.is_output && !partial ? operand.final_bits : operand.bits;
      const double resident = data(operand, merged[o].below[above], k + 1, unrolled);
      const Rung& rung = operand.rungs[above - 1];
      need[o].push_back(
          std::floor(resident * static_cast<double>(bits) / merged[o].top_relevant[above]));
      share[o].push_back(need[o].back() / static_cast<double>(rung.size));
      used[rung.memory] += share[o].back();
      held[rung.memory] += need[o].back();
    }
  }
  PerLevel<bool> doubled;
  for (std::size_t o = 0; o < prepared.operands.size(); ++o) {
    doubled.emplace_back().push_back(false);
    for (std::size_t k = 0; k < share[o].size(); ++k) {
      const Rung& rung = prepared.operands[o].rungs[k];
      double& use = used[rung.memory];
      const bool half = use <= 0.5;
      const bool yes = half || share[o][k] <= 1 - use;
      asked_about(tested[rung.memory], 2 * held[rung.memory], rung.size, half);
      if (!half) asked_about(tested[rung.memory], held[rung.memory] + need[o][k], rung.size, yes);
      if (!half && yes && rung.sharers > 1) {
        use += share[o][k];
        held[rung.memory] += need[o][k];
      }
      doubled[o].push_back(yes);
    }
  }
  return doubled;
}

/// Every link with traffic asks its port: for a low link of memory b within the whole period if the
/// level below double-buffers, else within period / (irrelevant run at the top of that level); for
/// the high links of memory b − 1 the same, that level being the memory itself.
double stall(const Prepared& prepared, const std::vector<MergedOperand>& merged,
             const PerLevel<Boundary>& boundaries, const PerLevel<bool>& double_buffered) {
  std::vector<std::vector<Demand>> demands(prepared.ports);
  double allowed = 0;
  const auto ask = [&](const Rung& rung, Link link, const Transfer& transfer, double width) {
    if (transfer.count == 0) return;
    demands[static_cast<std::size_t>(rung.port[at(link)])].push_back(
        {real_cycles(transfer, width), allowed, transfer.period, transfer.count});
  };
  for (std::size_t o = 0; o < boundaries.size(); ++o) {
    const std::vector<Rung>& rungs = prepared.operands[o].rungs;
    for (std::size_t b = 0; b < boundaries[o].size(); ++b) {
      const auto period = static_cast<double>(merged[o].cycles[b]);
      allowed = double_buffered[o][b] ? period : std::floor(period / merged[o].top_irrelevant[b]);
      ask(rungs[b], Link::to_low, boundaries[o][b].to_low, rungs[b].read_width);
      ask(rungs[b], Link::from_low, boundaries[o][b].from_low, rungs[b].write_width);
      if (b == 0) continue;
      ask(rungs[b - 1], Link::from_high, boundaries[o][b].from_high, rungs[b - 1].write_width);
      ask(rungs[b - 1], Link::to_high, boundaries[o][b].to_high, rungs[b - 1].read_width);
    }
  }
  double worst = 0;
  for (const std::vector<Demand>& of_port : demands)
    if (!of_port.empty())
      worst = std::max(worst, port_stall(of_port, static_cast<double>(merged[0].cycles.back())));
  return worst;
}

double loading(const Prepared& prepared, const PerLevel<double>& hops) {
  const Loading a = loading_of(prepared, prepared.operands[1], hops[1]);
  if (prepared.operands.size() == 2) return a.own;
  const Loading b = loading_of(prepared, prepared.operands[2], hops[2]);
  return std::min(a.shared + std::max(b.shared + b.half + b.own, a.half + a.own),
                  b.shared + std::max(a.shared + a.half + a.own, b.half + b.own));
}

Latency latency(const Prepared& prepared, const std::vector<MergedOperand>& merged,
                SizeRanges& tested) {
  const PerLevel<Boundary> boundaries = all_boundaries(prepared, merged, Unrolled::rounded_up);
  Latency result;
  result.double_buffered = double_buffering(prepared, merged, Unrolled::fraction, tested);
  result.temporal = merged[0].cycles.back();
  result.stall =
      static_cast<std::int64_t>(stall(prepared, merged, boundaries, result.double_buffered));
  result.loading = static_cast<std::int64_t>(loading(prepared, input_hops(prepared, boundaries)));
  result.offloading = static_cast<std::int64_t>(offloading(prepared, boundaries));
  return result;
}

}  // namespace tileloom::cost::defines2022

#include "tileloom/cost/profiles/defines2022/latency.hpp"

#include <algorithm>
#include <cmath>

#include "tileloom/cost/profiles/defines2022/boundary.hpp"

namespace tileloom::cost::defines2022 {
namespace {

constexpr std::size_t at(Link link) { return static_cast<std::size_t>(link); }

/// One link of a port: `real` cycles are needed in the first `allowed` of every `period`, `count`
/// times.
struct Demand {
  double real = 0, allowed = 0;
  std::int64_t period = 1, count = 0;

  double repeats() const { return static_cast<double>(count - 1); }
  double slack_or_stall() const { return (real - allowed) * repeats(); }  ///< SS; negative is slack
  double window() const { return allowed * repeats(); }                   ///< MUW
};

/// Cycles per period of a link: ⌈amount·p/bw⌉.
double real_cycles(const Transfer& transfer, double width) {
  return std::ceil(transfer.amount * static_cast<double>(transfer.bits) / width);
}

/// The memories' use by what is resident, and whether the next tile fits beside it.
///     share = ⌊D·p / top_r⌋ / size;  used[memory] = Σ shares
/// Yes if used ≤ 1/2; else yes if share ≤ 1 − used, which then counts as used if several operand
/// levels live in the memory; else no.
PerLevel<bool> double_buffering(const Prepared& prepared,
                                const std::vector<MergedOperand>& merged) {
  PerLevel<double> share;
  std::vector<double> used(prepared.memories.size(), 0);
  for (std::size_t o = 0; o < prepared.operands.size(); ++o) {
    const PreparedOperand& operand = prepared.operands[o];
    share.emplace_back();
    for (int k = 0; k < operand.levels(); ++k) {
      const auto above = static_cast<std::size_t>(k) + 1;
      const bool partial = is_partial(operand, merged[o].left[above], k + 1, Unrolled::fraction);
      const std::int64_t bits = operand.is_output && !partial ? operand.final_bits : operand.bits;
      const double resident = data(operand, merged[o].below[above], k + 1, Unrolled::fraction);
      const Rung& rung = operand.rungs[above - 1];
      share[o].push_back(
          std::floor(resident * static_cast<double>(bits) / merged[o].top_relevant[above]) /
          static_cast<double>(rung.size));
      used[rung.memory] += share[o].back();
    }
  }
  PerLevel<bool> doubled;
  for (std::size_t o = 0; o < prepared.operands.size(); ++o) {
    doubled.emplace_back().push_back(false);
    for (std::size_t k = 0; k < share[o].size(); ++k) {
      const Rung& rung = prepared.operands[o].rungs[k];
      double& use = used[rung.memory];
      const bool yes = use <= 0.5 || share[o][k] <= 1 - use;
      if (use > 0.5 && yes && rung.sharers > 1) use += share[o][k];
      doubled[o].push_back(yes);
    }
  }
  return doubled;
}

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

class Model {
 public:
  Model(const Prepared& prepared, const std::vector<MergedOperand>& merged)
      : prepared_(prepared), merged_(merged), demands_(prepared.ports) {
    const std::vector<Instances> spread = instances(prepared, Unrolled::rounded_up);
    const std::int64_t total = merged[0].cycles.back();
    for (std::size_t o = 0; o < prepared.operands.size(); ++o) {
      const PreparedOperand& operand = prepared.operands[o];
      boundaries_.emplace_back();
      for (int b = 0; b < operand.levels(); ++b) {
        const auto i = static_cast<std::size_t>(b);
        const bool partial = is_partial(operand, merged[o].left[i], b, Unrolled::rounded_up);
        boundaries_[o].push_back(boundary(operand, spread[o], merged[o].below[i], b, total, partial,
                                          Unrolled::rounded_up));
      }
    }
  }

  Latency latency() {
    Latency result;
    result.double_buffered = double_buffering(prepared_, merged_);
    result.temporal = merged_[0].cycles.back();
    collect_demands(result.double_buffered);
    double worst = 0;
    for (const std::vector<Demand>& demands : demands_)
      if (!demands.empty())
        worst = std::max(worst, port_stall(demands, static_cast<double>(result.temporal)));
    result.stall = static_cast<std::int64_t>(worst);
    result.loading = static_cast<std::int64_t>(loading());
    result.offloading = static_cast<std::int64_t>(offloading());
    return result;
  }

 private:
  /// Every link with traffic asks its port: for a low link of memory b within the whole period if
  /// the level below double-buffers, else within period / (irrelevant run at the top of that
  /// level); for the high links of memory b − 1 the same, that level being the memory itself.
  void collect_demands(const PerLevel<bool>& doubled) {
    for (std::size_t o = 0; o < boundaries_.size(); ++o) {
      for (std::size_t b = 0; b < boundaries_[o].size(); ++b) {
        const Boundary& boundary = boundaries_[o][b];
        const auto period = merged_[o].cycles[b];
        const double allowed =
            doubled[o][b] ? static_cast<double>(period)
                          : std::floor(static_cast<double>(period) / merged_[o].top_irrelevant[b]);
        const PreparedOperand& operand = prepared_.operands[o];
        const Rung& rung = operand.rungs[b];
        demand(rung, Link::to_low, boundary.to_low, rung.read_width, allowed);
        demand(rung, Link::from_low, boundary.from_low, rung.write_width, allowed);
        if (b == 0) continue;
        const Rung& below = operand.rungs[b - 1];
        demand(below, Link::from_high, boundary.from_high, below.write_width, allowed);
        demand(below, Link::to_high, boundary.to_high, below.read_width, allowed);
      }
    }
  }

  void demand(const Rung& rung, Link link, const Transfer& transfer, double width, double allowed) {
    if (transfer.count == 0) return;
    demands_[static_cast<std::size_t>(rung.port[at(link)])].push_back(
        {real_cycles(transfer, width), allowed, transfer.period, transfer.count});
  }

  bool shared(const Rung& rung, Link link) const {
    return prepared_.inputs_on_port[static_cast<std::size_t>(rung.port[at(link)])] > 1;
  }

  /// Cycles to bring the first tiles of one input down, by how many of the two ports of each hop
  /// other inputs use too. The half-shared part keeps only the last hop (defect 8).
  struct Loading {
    double own = 0, half = 0, shared = 0;
  };
  Loading loading_of(std::size_t o) const {
    Loading parts;
    const PreparedOperand& operand = prepared_.operands[o];
    for (std::size_t k = 0; k + 1 < operand.rungs.size(); ++k) {
      const Rung& low = operand.rungs[k];
      const Rung& high = operand.rungs[k + 1];
      const Boundary& boundary = boundaries_[o][k + 1];
      const double cycles = std::max(real_cycles(boundary.from_high, low.write_width),
                                     real_cycles(boundary.to_low, high.read_width));
      const int sides = int{shared(low, Link::from_high)} + int{shared(high, Link::to_low)};
      if (sides == 0) parts.own += cycles;
      if (sides == 1) parts.half = cycles;
      if (sides == 2) parts.shared += cycles;
    }
    return parts;
  }

  double loading() const {
    if (prepared_.operands.size() == 2) return loading_of(1).own;
    const Loading a = loading_of(1);
    const Loading b = loading_of(2);
    return std::min(a.shared + std::max(b.shared + b.half + b.own, a.half + a.own),
                    b.shared + std::max(a.shared + a.half + a.own, b.half + b.own));
  }

  /// The topmost hop of the last tile in full, then the latency of one memory per further hop.
  double offloading() const {
    const PreparedOperand& output = prepared_.operands[0];
    const std::size_t n = output.rungs.size();
    if (n < 2) return 0;
    const Boundary& top = boundaries_[0][n - 1];
    double cycles = std::max(real_cycles(top.to_high, output.rungs[n - 2].read_width),
                             real_cycles(top.from_low, output.rungs[n - 1].write_width));
    for (std::size_t k = 0; k + 2 < n; ++k)
      cycles += static_cast<double>(output.rungs[k + 1].latency);
    return cycles;
  }

  const Prepared& prepared_;
  const std::vector<MergedOperand>& merged_;
  PerLevel<Boundary> boundaries_;             ///< [operand][b]
  std::vector<std::vector<Demand>> demands_;  ///< per port
};

}  // namespace

Latency latency(const Prepared& prepared, const std::vector<MergedOperand>& merged) {
  return Model(prepared, merged).latency();
}

}  // namespace tileloom::cost::defines2022

#include "tileloom/scheduler/dlfusion/greedy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace tileloom::scheduler {
namespace {

class Pass {
 public:
  Pass(BlockTimes& times, const Calibration& calibration, const GreedyOptions& options)
      : times_(times),
        units_(times.problem().units),
        calibration_(calibration),
        options_(options),
        counts_(core_counts(times.problem().machine.cores)) {}

  Fusion run() {
    for (std::size_t from = 0; from < units_.size();) {
      Part part = grow(from);
      if (!part.choice) return stuck(from);
      from = part.to;
      parts_.push_back(std::move(part));
    }
    for (int round = 0; round < options_.polish && polish(); ++round) {
    }
    Fusion fusion;
    fusion.strategy = "dlfusion";
    for (const Part& part : parts_) add_block(fusion, interval(part.from, part.to), *part.choice);
    fusion.evaluations = times_.evaluations();
    return fusion;
  }

 private:
  /// Units from … to − 1 as a block.
  struct Part {
    std::size_t from = 0, to = 0;
    std::optional<BlockChoice> choice;
    double cycles() const { return choice ? choice->cycles : kNever; }
  };

  static std::vector<UnitId> interval(std::size_t from, std::size_t to) {
    std::vector<UnitId> units;
    for (std::size_t u = from; u < to; ++u) units.push_back(static_cast<UnitId>(u));
    return units;
  }

  Fusion stuck(std::size_t from) const {
    Fusion fusion;
    fusion.strategy = "dlfusion";
    fusion.proof = Proof::infeasible;
    const Unit& unit = units_[static_cast<UnitId>(from)];
    fusion.reason = fmt::format("{} fits on no number of cores",
                                times_.problem().workload.operators[unit.operators[0]].name);
    fusion.evaluations = times_.evaluations();
    return fusion;
  }

  /// The two features of a block: operations, and the channels of its operators, each weighed with
  /// its operations.
  struct Features {
    double operations = 0, channels = 0;
  };
  Features features(std::size_t from, std::size_t to) const {
    Features sum;
    for (std::size_t u = from; u < to; ++u) {
      for (const OperatorId id : units_[static_cast<UnitId>(u)].operators) {
        const cost::OperatorWork& work = times_.problem().network.operators[id];
        const double operations = 2 * cost::points(work, work.extent);
        const auto channels = static_cast<double>(
            work.output_channels * work.extent[static_cast<std::size_t>(SplitAxis::channels)]);
        sum.operations += operations;
        sum.channels += operations * channels;
      }
    }
    sum.channels /= std::max(sum.operations, 1.0);
    return sum;
  }

  /// The block on the cores that its features propose, then on the next fewer or more as long as
  /// that is faster: the fit knows single layers only, and fusion relieves the memory, so that
  /// blocks are worth more cores than layers of as many operations.
  std::optional<BlockChoice> climb(const std::vector<UnitId>& units, const Features& block) {
    const std::int64_t cores =
        predicted_cores(calibration_, times_.problem().machine, block.operations, block.channels);
    const auto proposed = std::ranges::find(counts_, cores) - counts_.begin();
    std::optional<BlockChoice> best = times_.time(units, cores);
    for (const std::ptrdiff_t step : {1, -1}) {
      bool better = true;
      for (auto at = proposed + step; better && at >= 0 && at < std::ssize(counts_); at += step) {
        const auto choice = times_.time(units, counts_[static_cast<std::size_t>(at)]);
        better = choice && (!best || choice->cycles < best->cycles);
        if (better) best = choice;
      }
    }
    return best;
  }

  /// A single unit on any number of cores, for there is little to try.
  Part part(std::size_t from, std::size_t to, double beat = kNever) {
    const std::vector<UnitId> units = interval(from, to);
    if (units.size() == 1) return {from, to, times_.best(units, counts_, beat)};
    if (times_.least(units, counts_) >= beat) return {from, to, std::nullopt};
    std::optional<BlockChoice> choice = climb(units, features(from, to));
    if (choice && choice->cycles >= beat) choice.reset();
    return {from, to, std::move(choice)};
  }

  Part grow(std::size_t from) {
    Part block = part(from, from + 1);
    if (!block.choice) return block;
    for (;;) {
      double apart = block.cycles();
      std::optional<Part> longer;
      for (std::size_t to = block.to + 1;
           to <= std::min(units_.size(), block.to + options_.look_ahead); ++to) {
        apart += part(to - 1, to).cycles();
        Part tried = part(from, to, apart);
        if (tried.choice) {
          longer = std::move(tried);
          break;
        }
        if (saturated(block)) break;
      }
      if (!longer) return block;
      block = std::move(*longer);
    }
  }

  /// True if every core has as many operations as it is worth: only an immediate gain counts then.
  bool saturated(const Part& block) const {
    const double per_core =
        features(block.from, block.to).operations / static_cast<double>(block.choice->cores);
    return per_core > 4 * calibration_.critical_operations;
  }

  /// One round of better boundaries: between neighbours moved a little or taken away, and new ones
  /// inside blocks.
  bool polish() {
    bool better = false;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      better |= split(i);
      if (i + 1 < parts_.size()) better |= move_boundary(i);
    }
    return better;
  }

  void replace(std::size_t i, std::size_t count, const std::vector<Part>& by) {
    const auto at = parts_.begin() + static_cast<std::ptrdiff_t>(i);
    parts_.insert(parts_.erase(at, at + static_cast<std::ptrdiff_t>(count)), by.begin(), by.end());
  }

  /// In two, or in three unless it is long: a block that grew by single units may have taken in
  /// what is better off as a block of its own, and no cut in two shows that.
  bool split(std::size_t i) {
    const Part whole = parts_[i];
    const bool in_three = whole.to - whole.from <= 4 * options_.look_ahead;
    std::vector<Part> best;
    double least = whole.cycles();
    for (std::size_t first = whole.from + 1; first < whole.to; ++first) {
      const Part left = part(whole.from, first, least);
      if (!left.choice) continue;
      for (std::size_t last = first; last < (in_three ? whole.to : first + 1); ++last) {
        const Part right = part(last, whole.to, least - left.cycles());
        if (!right.choice) continue;
        const double ends = left.cycles() + right.cycles();
        const Part middle = first == last ? Part{} : part(first, last, least - ends);
        if (first < last && !middle.choice) continue;
        least = ends + (first == last ? 0 : middle.cycles());
        best = first == last ? std::vector{left, right} : std::vector{left, middle, right};
      }
    }
    if (best.empty()) return false;
    replace(i, 1, best);
    return true;
  }

  bool move_boundary(std::size_t i) {
    const Part a = parts_[i];
    const Part b = parts_[i + 1];
    std::vector<Part> best;
    double least = a.cycles() + b.cycles();
    if (const Part both = part(a.from, b.to, least); both.choice) {
      least = both.cycles();
      best = {both};
    }
    const std::size_t reach = options_.look_ahead;
    const std::size_t low = std::max(a.from + 1, a.to > reach ? a.to - reach : 0);
    for (std::size_t middle = low; middle < std::min(b.to, a.to + reach + 1); ++middle) {
      if (middle == a.to) continue;
      const Part left = part(a.from, middle, least);
      if (!left.choice) continue;
      const Part right = part(middle, b.to, least - left.cycles());
      if (!right.choice) continue;
      least = left.cycles() + right.cycles();
      best = {left, right};
    }
    if (best.empty()) return false;
    replace(i, 2, best);
    return true;
  }

  BlockTimes& times_;
  const UnitGraph& units_;
  const Calibration& calibration_;
  const GreedyOptions& options_;
  std::vector<std::int64_t> counts_;
  std::vector<Part> parts_;
};

}  // namespace

Fusion joint_greedy(BlockTimes& times, const Calibration& calibration,
                    const GreedyOptions& options) {
  return Pass(times, calibration, options).run();
}

}  // namespace tileloom::scheduler

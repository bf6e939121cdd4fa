#include "tileloom/mapper/exact/timeloop_floor.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "tileloom/mapper/exact/compulsory.hpp"
#include "tileloom/mapper/memory_bit.hpp"
#include "tileloom/support/factors.hpp"

namespace tileloom::mapper {
namespace {

namespace model = cost::timeloop;

/// Guards the bound against the rounding of sums taken in another order.
constexpr double kFloorSlack = 1.0 - 1e-11;
/// Fits 64 bits; a bound of more cycles is cut to it.
constexpr double kMostCycles = 9.2e18;

double mesh_size(const model::Mesh& mesh) {
  return static_cast<double>(mesh.x) * static_cast<double>(mesh.y);
}

/// The most positions of `size` that divisors of the extents can fill.
std::int64_t most_filled(const Operator& op, std::int64_t size) {
  std::set<std::int64_t> filled{1};
  for (const Rank& rank : op.ranks) {
    std::set<std::int64_t> more;
    for (const std::int64_t divisor : divisors(rank.extent)) {
      for (const std::int64_t other : filled) {
        if (other <= size / divisor) more.insert(other * divisor);
      }
    }
    filled = std::move(more);
  }
  return filled.empty() ? 1 : *filled.rbegin();
}

/// One tensor and the levels that keep it.
struct Tenant {
  bool output = false;
  double points = 1;       ///< of the operator
  double distinct = 1;     ///< elements used
  double box = 1;          ///< of the whole operand, not cut to the tensor
  double irrelevant = 1;   ///< ∏ extents of the ranks it does not have
  double coincident = 1;   ///< most combinations of ranks on its axes with one index
  std::uint32_t keeps = 0;  ///< bit m: memory m (outermost first)
};

Tenant tenant(const Operator& op, const Operand& operand, std::uint32_t keeps) {
  Tenant result;
  result.output = operand.role == Role::output;
  result.distinct = used_elements(op, operand);
  result.keeps = keeps;
  for (const RankId rank : ids<RankId>(op.ranks.size())) {
    const auto extent = static_cast<double>(op.rank(rank).extent);
    result.points *= extent;
    if (!relevant(operand, rank)) result.irrelevant *= extent;
  }
  for (const Axis& axis : operand.axes) {
    double all = 1;
    double longest = 1;
    double length = 1;
    for (const Term& term : axis.terms) {
      const auto extent = static_cast<double>(op.rank(term.rank).extent);
      all *= extent;
      longest = std::max(longest, extent);
      length += static_cast<double>(term.coefficient) * (extent - 1);
    }
    result.coincident *= all / longest;
    result.box *= length;
  }
  return result;
}

/// Words of all instances of one level.
struct Words {
  double read = 0;
  double written = 0;
};

/// The least that every level moves for the tensors it keeps.
class Floor {
 public:
  Floor(const MapSpace& space, const model::Arch& arch) : arch_(arch) {
    for (std::size_t s = 0; s < arch.levels.size(); ++s) {
      const model::Mesh fanout = model::fanout_of(arch, s);
      children_.push_back(static_cast<double>(most_filled(*space.op, fanout.x)) *
                          static_cast<double>(most_filled(*space.op, fanout.y)));
    }
  }

  double lanes() const {
    double product = 1;
    for (const double filled : children_) product *= filled;
    return product;
  }

  /// Words of the tensor at level s, which keeps it.
  Words words(const Tenant& tensor, std::size_t s) const {
    const bool scaled = s > 0 && !kept(tensor, s - 1);  // by bypass: fractions, rounded
    const double rounding = scaled ? 0.5 * hardware(s) : 0;
    const double flow = std::max(0.0, least_flow(tensor, s) - rounding);
    if (tensor.output) {
      const double copies = std::min(hardware(s), tensor.irrelevant * tensor.coincident);
      return {std::max(0.0, flow - rounding - tensor.box * copies), flow};
    }
    return {flow, outermost(tensor, s) ? 0 : least_fills(tensor, s)};
  }

  bool kept(const Tenant& tensor, std::size_t s) const {
    return (tensor.keeps >> (arch_.levels.size() - 1 - s) & 1) != 0;
  }
  double hardware(std::size_t s) const { return mesh_size(arch_.levels[s].mesh); }

 private:
  bool innermost(const Tenant& tensor, std::size_t s) const {
    for (std::size_t inner = 0; inner < s; ++inner) {
      if (kept(tensor, inner)) return false;
    }
    return true;
  }
  bool outermost(const Tenant& tensor, std::size_t s) const {
    for (std::size_t outer = s + 1; outer < arch_.levels.size(); ++outer) {
      if (kept(tensor, outer)) return false;
    }
    return true;
  }

  /// (T2), (T3): words that cross below all instances of level s together.
  double least_flow(const Tenant& tensor, std::size_t s) const {
    const bool scaled = s > 0 && !kept(tensor, s - 1);
    const double distinct = tensor.distinct / (scaled ? tensor.coincident : 1);
    if (!innermost(tensor, s) || children_[0] > 1) return distinct;
    double served = 1;
    for (std::size_t level = 1; level <= s; ++level) {
      served *= std::min(children_[level], tensor.irrelevant * tensor.coincident);
    }
    return std::max(distinct, tensor.points / served);
  }

  /// (T4): words of an input that arrive at all instances of level s.
  double least_fills(const Tenant& tensor, std::size_t s) const {
    const bool passed_on = tensor.coincident > 1 && children_[s + 1] > 1;
    return passed_on ? std::max(0.0, tensor.distinct - hardware(s)) : tensor.distinct;
  }

  const model::Arch& arch_;
  std::vector<double> children_;  ///< of one instance of level s, at most
};

double level_cycles(const model::Bandwidth& bandwidth, const Words& words, double hardware) {
  double cycles = 0;
  const auto take = [&](const std::optional<double>& port, double load) {
    if (port && *port > 0) cycles = std::max(cycles, load / hardware / *port);
  };
  take(bandwidth.read, words.read);
  take(bandwidth.write, words.written);
  take(bandwidth.shared, words.read + words.written);
  return cycles;
}

}  // namespace

cost::Score timeloop_floor(const MapSpace& space, const TimeloopNouns& nouns,
                           const cost::Objective& objective) {
  const Operator& op = *space.op;
  const model::Arch& arch = nouns.arch;
  const Floor floor(space, arch);
  std::optional<cost::Score> least;
  for (const std::vector<std::uint32_t>& keeps : placements(space)) {
    std::vector<Tenant> tensors;
    for (const Operand* operand : operands(op)) {
      const auto resident = std::ranges::find(space.residents, operand->tensor, &Resident::tensor);
      tensors.push_back(tenant(
          op, *operand, keeps[static_cast<std::size_t>(resident - space.residents.begin())]));
    }
    double cycles = tensors.front().points / floor.lanes();
    double energy = tensors.front().points * arch.arithmetic.mac_pj;
    for (std::size_t s = 0; s < arch.levels.size(); ++s) {
      const model::Level& level = arch.levels[s];
      Words all;
      for (const Tenant& tensor : tensors) {
        if (!floor.kept(tensor, s)) continue;
        const Words words = floor.words(tensor, s);
        all.read += words.read;
        all.written += words.written;
      }
      const auto arrays = static_cast<double>(model::physical_arrays(level));
      energy += (all.read + all.written) / static_cast<double>(level.block_size) *
                level.vector_access_pj * std::min(1.0, arrays / floor.hardware(s));
      cycles = std::max(cycles, level_cycles(level.bandwidth, all, floor.hardware(s)));
    }
    const auto whole =
        static_cast<std::int64_t>(std::min(kMostCycles, std::ceil(cycles * kFloorSlack)));
    const cost::Score score = cost::score(objective, {whole}, {energy * kFloorSlack});
    least = least ? std::min(*least, score) : score;
  }
  return *least;
}

}  // namespace tileloom::mapper

// The families of constraints that the published and the aggregated program share.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "tileloom/mapper/cosa/program.hpp"

namespace tileloom::mapper::cosa {
namespace {

using solver::Sum;
using solver::VariableId;

void append(Sum& sum, double coefficient, const Sum& more) {
  for (const solver::Share& share : more) {
    sum.push_back({share.variable, coefficient * share.coefficient});
  }
}

/// Builds the rows of one buffer.
class BufferRows {
 public:
  BufferRows(const Shape& shape, const Terms& terms, Program& program, std::size_t buffer)
      : shape_(shape), terms_(terms), program_(program), index_(buffer),
        buffer_(shape.buffers[buffer]) {}

  void add() {
    for (std::size_t q = 0; q < shape_.powers.size(); ++q) {
      const Kin& kin = shape_.kin[buffer_.operand][shape_.powers[q].rank];
      if (kin.kinship == Kinship::plain) {
        append(used_, size_log(shape_, terms_.equations, buffer_, shape_.powers[q]), held(q));
      } else if (kin.kinship == Kinship::window && buffer_.zone == Zone::inside) {
        add_halo(q, kin);
      }
    }
    if (!terms_.equations.stride_per_factor) add_strides();
    charge_utilisation();
    if (terms_.partial_widths[index_]) add_partial_width();
    const double room = buffer_.room - terms_.tightened[index_];
    program_.mip.rows.push_back({"capacity[" + buffer_.name + "]", used_, -solver::kUnbounded, room});
  }

 private:
  const Sum& amount(std::size_t q, std::size_t x) const {
    return program_.amounts[q * shape_.places.size() + x];
  }
  /// The copies of a power inside the buffer.
  Sum held(std::size_t q) const {
    Sum sum;
    for (std::size_t x = 0; x < shape_.places.size(); ++x) {
      if (buffer_.holds_place[x]) append(sum, 1, amount(q, x));
    }
    return sum;
  }

  /// zz: 1 if any of the ranks has a factor inside the buffer, else 0.
  VariableId inside(const std::vector<std::size_t>& ranks, const std::string& name) {
    const auto known = inside_.find(ranks);
    if (known != inside_.end()) return known->second;
    const std::string text = "inside[" + buffer_.name + "," + name + "]";
    const VariableId zz = program_.mip.variables.push_back({text, 0, 1, true, 0});
    Sum any{{zz, -1}};
    for (std::size_t q = 0; q < shape_.powers.size(); ++q) {
      if (std::ranges::find(ranks, shape_.powers[q].rank) == ranks.end()) continue;
      const Sum factors = held(q);
      append(any, 1, factors);
      Sum row{{zz, static_cast<double>(shape_.powers[q].copies)}};
      append(row, -1, factors);
      program_.mip.rows.push_back({text, row, 0, solver::kUnbounded});
    }
    program_.mip.rows.push_back({text, any, 0, solver::kUnbounded});
    return inside_.emplace(ranks, zz).first->second;
  }

  /// (C5): log2 p · E − (log2 p − 1) · w with w = zz · E, E the copies that count.
  void add_halo(std::size_t q, const Kin& kin) {
    const PrimePower& power = shape_.powers[q];
    Sum counted;
    for (std::size_t x = 0; x < shape_.places.size(); ++x) {
      if (halo_counts(buffer_, shape_, x)) append(counted, 1, amount(q, x));
    }
    append(used_, power.log, counted);
    if (power.prime == 2) return;
    const VariableId zz = inside(kin.positions, fmt::format("positions of {}", power.rank));
    const auto most = static_cast<double>(power.copies);
    const std::string text = fmt::format("halo[{},{}^{}]", buffer_.name, power.rank, power.prime);
    const VariableId w = program_.mip.variables.push_back({text, 0, most, false, 0});
    Sum within{{w, -1}};  // w ≤ E
    append(within, 1, counted);
    program_.mip.rows.push_back({text, within, 0, solver::kUnbounded});
    program_.mip.rows.push_back({text, {{zz, most}, {w, -1}}, 0, solver::kUnbounded});
    Sum least{{w, 1}, {zz, -most}};  // w ≥ E − copies · (1 − zz)
    append(least, -1, counted);
    program_.mip.rows.push_back({text, least, -most, solver::kUnbounded});
    used_.push_back({w, 1 - power.log});
  }

  /// The stride counts once if any factor of its rank is inside.
  void add_strides() {
    const std::vector<Kin>& kin = shape_.kin[buffer_.operand];
    for (std::size_t j = 0; j < kin.size(); ++j) {
      if (kin[j].stride_log == 0 ||
          std::ranges::find(shape_.powers, j, &PrimePower::rank) == shape_.powers.end()) {
        continue;
      }
      used_.push_back({inside({j}, fmt::format("rank {}", j)), kin[j].stride_log});
    }
  }

  /// − w_U · U(i, v)
  void charge_utilisation() {
    const double weight = utilisation_weight(terms_.equations, buffer_);
    if (weight == 0) return;
    for (const solver::Share& share : used_) {
      program_.mip.variables[share.variable].cost -= weight * share.coefficient;
    }
  }

  /// U + log2(partial / final width) · wide ≤ log2 M, wide = 1 once a rank the output does not have
  /// has a temporal factor outside the buffer's child.
  void add_partial_width() {
    const std::string text = "partial_width[" + buffer_.name + "]";
    const VariableId wide = program_.mip.variables.push_back({text, 0, 1, true, 0});
    for (std::size_t q = 0; q < shape_.powers.size(); ++q) {
      if (shape_.kin[buffer_.operand][shape_.powers[q].rank].kinship != Kinship::none) continue;
      Sum row{{wide, static_cast<double>(shape_.powers[q].copies)}};
      for (std::size_t x = 0; x < shape_.places.size(); ++x) {
        const Place& place = shape_.places[x];
        if (!place.spatial && !buffer_.child_holds[x]) append(row, -1, amount(q, x));
      }
      program_.mip.rows.push_back({text, row, 0, solver::kUnbounded});
    }
    used_.push_back({wide, buffer_.partials});
  }

  const Shape& shape_;
  const Terms& terms_;
  Program& program_;
  std::size_t index_;
  const Buffer& buffer_;
  Sum used_;
  std::map<std::vector<std::size_t>, VariableId> inside_;
};

/// log2 of a bound on a product, with room for rounding.
double log_of(std::int64_t n) { return std::log2(static_cast<double>(n)); }

/// least ≤ Σ_q log2 p · Σ_{x in places} amount ≤ most for one rank.
void add_rule(const Shape& shape, const std::string& name, std::size_t rank, const Bound& bound,
              const std::vector<bool>& at, Program& program) {
  if (bound == Bound{}) return;
  Sum sum;
  for (std::size_t q = 0; q < shape.powers.size(); ++q) {
    if (shape.powers[q].rank != rank) continue;
    for (std::size_t x = 0; x < shape.places.size(); ++x) {
      if (at[x]) append(sum, shape.powers[q].log, program.amounts[q * shape.places.size() + x]);
    }
  }
  constexpr double kRounding = 1e-9;
  program.mip.rows.push_back({name, sum, log_of(std::max<std::int64_t>(bound.least, 1)) - kRounding,
                              bound.most < 1 ? -1 : log_of(bound.most) + kRounding});
}

/// More assignments of primes to axes than this are not enumerated.
constexpr std::size_t kMostAssignments = 20'000;

/// log2 of the most lanes that prime factors can fill: over all ways to stand copies of the primes
/// on the axes the largest product. Absent if there are too many ways.
std::optional<double> most_spatial_log(const Shape& shape) {
  std::vector<double> rooms;
  for (const Place& place : shape.places) {
    if (place.spatial) rooms.push_back(std::exp2(place.room));
  }
  std::set<std::vector<double>> filled{std::vector<double>(rooms.size(), 1)};
  for (const PrimePower& power : shape.powers) {
    for (std::int64_t n = 0; n < power.copies; ++n) {
      std::set<std::vector<double>> more = filled;
      for (std::vector<double> state : filled) {
        for (std::size_t a = 0; a < rooms.size(); ++a) {
          state[a] *= static_cast<double>(power.prime);
          if (state[a] <= rooms[a] * (1 + 1e-12)) more.insert(state);
          state[a] /= static_cast<double>(power.prime);
        }
      }
      if (more.size() > kMostAssignments) return std::nullopt;
      if (more.size() == filled.size()) break;
      filled = std::move(more);
    }
  }
  double most = 0;
  for (const std::vector<double>& state : filled) {
    double log = 0;
    for (const double product : state) log += std::log2(product);
    most = std::max(most, log);
  }
  return most;
}

}  // namespace

double most_inside(const Shape& shape, const Terms& terms, std::size_t buffer,
                   const PrimePower& power) {
  constexpr double kRounding = 1e-9;
  const Buffer& held = shape.buffers[buffer];
  const Kin& kin = shape.kin[held.operand][power.rank];
  const auto copies = static_cast<double>(power.copies);
  if (kin.kinship != Kinship::plain) return copies;
  const double stride = terms.equations.stride_per_factor ? 0 : kin.stride_log;
  const double room = held.room - terms.tightened[buffer] - stride;
  const double each = size_log(shape, terms.equations, held, power);
  return std::clamp(std::floor(room / each + kRounding), 0.0, copies);
}

void add_fanouts(const Shape& shape, Program& program) {
  Sum all;
  for (std::size_t x = 0; x < shape.places.size(); ++x) {
    if (!shape.places[x].spatial) continue;
    Sum used;
    for (std::size_t q = 0; q < shape.powers.size(); ++q) {
      append(used, shape.powers[q].log, program.amounts[q * shape.places.size() + x]);
    }
    append(all, 1, used);
    program.mip.rows.push_back(
        {"spatial[" + shape.places[x].name + "]", used, -solver::kUnbounded, shape.places[x].room});
  }
  const std::optional<double> most = most_spatial_log(shape);
  if (most) program.mip.rows.push_back({"spatial[all]", all, -solver::kUnbounded, *most + 1e-9});
}

void add_capacities(const Shape& shape, const Terms& terms, Program& program) {
  for (std::size_t b = 0; b < shape.buffers.size(); ++b) {
    BufferRows(shape, terms, program, b).add();
  }
}

void add_rules(const MapSpace& space, const Shape& shape, Program& program) {
  if (space.constraints->empty()) return;
  for (std::size_t s = 0; s < space.slots.size(); ++s) {
    std::vector<bool> here(shape.places.size());
    std::vector<bool> inside(shape.places.size());
    for (std::size_t x = 0; x < shape.places.size(); ++x) {
      here[x] = shape.places[x].slot == s;
      inside[x] = shape.places[x].slot >= s;
    }
    for (std::size_t j = 0; j < space.ranks(); ++j) {
      const std::string at = fmt::format("[{},{}]", space.op->ranks[j].name, s);
      add_rule(shape, "trips" + at, j, space.trips[s * space.ranks() + j], here, program);
      add_rule(shape, "tile" + at, j, space.tiles[s * space.ranks() + j], inside, program);
    }
  }
}

}  // namespace tileloom::mapper::cosa

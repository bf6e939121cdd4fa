// F1, the program as published: a binary per copy of a prime, level and position in the order.

#include <fmt/format.h>

#include <algorithm>

#include "tileloom/mapper/cosa/program.hpp"

namespace tileloom::mapper::cosa {
namespace {

using solver::Sum;
using solver::VariableId;

/// One (j, n).
struct Copy {
  std::size_t power = 0;
  std::string name;  ///< "K,2,1"
};

std::vector<Copy> copies_of(const MapSpace& space, const Shape& shape) {
  std::vector<Copy> copies;
  for (std::size_t q = 0; q < shape.powers.size(); ++q) {
    const PrimePower& power = shape.powers[q];
    for (std::int64_t n = 1; n <= power.copies; ++n) {
      copies.push_back(
          {q, fmt::format("{},{},{}", space.op->ranks[power.rank].name, power.prime, n)});
    }
  }
  return copies;
}

/// The X of one copy, and where the ones of the permuted level are.
struct Standing {
  Sum anywhere;                            ///< all of them
  std::vector<std::vector<VariableId>> at;  ///< [position] those of the permuted level, any k
  std::vector<VariableId> turns;           ///< [position] the temporal one
};

/// X[(j,n), i, k] binary; the permuted level has one for each position z.
Standing add_binaries(const Shape& shape, const Terms& terms, const Copy& copy,
                      std::size_t positions, Program& program) {
  const PrimePower& power = shape.powers[copy.power];
  Standing standing;
  standing.at.resize(positions);
  for (std::size_t x = 0; x < shape.places.size(); ++x) {
    const Place& place = shape.places[x];
    const bool ranked = place.zone == Zone::permuted;
    // T_v is counted by its own variables.
    double cost = power.log * place_cost(shape, terms.equations, power.rank, place);
    if (x == shape.permuted) {
      cost -= power.log * terms.equations.weights.traffic * static_cast<double>(shape.kin.size());
    }
    for (std::size_t z = 0; z < (ranked ? positions : 1); ++z) {
      const std::string name = ranked ? fmt::format("X[{},{},{}]", copy.name, place.name, z)
                                      : fmt::format("X[{},{}]", copy.name, place.name);
      const VariableId X = program.mip.variables.push_back({name, 0, 1, true, cost});
      program.amounts[copy.power * shape.places.size() + x].push_back({X, 1});
      standing.anywhere.push_back({X, 1});
      if (ranked) standing.at[z].push_back(X);
      if (x == shape.permuted) standing.turns.push_back(X);
    }
  }
  return standing;
}

/// (C1) Σ_{i,k} X = 1 per copy; per position Σ over all copies and k ≤ 1.
void add_allocation(const std::vector<Copy>& copies, const std::vector<Standing>& standings,
                    Program& program) {
  for (std::size_t c = 0; c < copies.size(); ++c) {
    program.mip.rows.push_back({"factors[" + copies[c].name + "]", standings[c].anywhere, 1, 1});
  }
  for (std::size_t z = 0; z < copies.size(); ++z) {
    Sum taken;
    for (const Standing& standing : standings) {
      for (const VariableId X : standing.at[z]) taken.push_back({X, 1});
    }
    program.mip.rows.push_back({fmt::format("position[{}]", z), taken, -solver::kUnbounded, 1});
  }
}

/// (C4) Y[v,z] ≥ Σ A(j,v) X[.,z,1];  Y[v,z] ≥ Y[v,z−1];  equality at the first position.
/// T_v = Σ_z Y[v,z] · Σ log2 p · X[.,z,1]:  t ≥ l − L_max (1 − Y), L_max the largest log that v
/// does not have, for a position holds one factor.
void add_order(const Shape& shape, const Terms& terms, const std::vector<Copy>& copies,
               const std::vector<Standing>& standings, std::size_t v, Program& program) {
  solver::Mip& mip = program.mip;
  double most = 0;
  for (const Copy& copy : copies) {
    const PrimePower& power = shape.powers[copy.power];
    if (shape.kin[v][power.rank].kinship != Kinship::plain) most = std::max(most, power.log);
  }
  VariableId before{};
  for (std::size_t z = 0; z < copies.size(); ++z) {
    const std::string at = fmt::format("[{},{}]", shape.operand_names[v], z);
    const VariableId Y = mip.variables.push_back({"Y" + at, 0, 1, true, 0});
    const VariableId t = mip.variables.push_back(
        {"t" + at, 0, solver::kUnbounded, false, terms.equations.weights.traffic});
    Sum needed{{Y, 1}};
    Sum traffic{{t, 1}, {Y, -most}};
    for (std::size_t c = 0; c < copies.size(); ++c) {
      const PrimePower& power = shape.powers[copies[c].power];
      const VariableId X = standings[c].turns[z];
      if (shape.kin[v][power.rank].kinship == Kinship::plain) needed.push_back({X, -1});
      traffic.push_back({X, -power.log});
    }
    mip.rows.push_back({"needed" + at, needed, 0, z == 0 ? 0 : solver::kUnbounded});
    if (z > 0) mip.rows.push_back({"stays" + at, {{Y, 1}, {before, -1}}, 0, solver::kUnbounded});
    mip.rows.push_back({"traffic" + at, traffic, -most, solver::kUnbounded});
    before = Y;
  }
}

}  // namespace

Program published(const MapSpace& space, const Shape& shape, const Terms& terms) {
  Program program;
  program.amounts.resize(shape.powers.size() * shape.places.size());
  const std::vector<Copy> copies = copies_of(space, shape);
  std::vector<Standing> standings;
  for (const Copy& copy : copies) {
    standings.push_back(add_binaries(shape, terms, copy, copies.size(), program));
  }
  add_allocation(copies, standings, program);
  add_fanouts(shape, program);
  add_capacities(shape, terms, program);
  for (std::size_t v = 0; v < shape.kin.size(); ++v) {
    add_order(shape, terms, copies, standings, v, program);
  }
  add_rules(space, shape, program);
  return program;
}

}  // namespace tileloom::mapper::cosa

// F2: an integer exponent per prime and place; loop orders as one of the dominating classes.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "tileloom/mapper/cosa/program.hpp"

namespace tileloom::mapper::cosa {
namespace {

using solver::Sum;
using solver::VariableId;

/// The most copies of a power that can stand at a place: what its axis and every buffer that the
/// place enlarges have room for.
double most_at(const Shape& shape, const Terms& terms, const PrimePower& power, std::size_t x) {
  constexpr double kRounding = 1e-9;
  auto most = static_cast<double>(power.copies);
  const Place& place = shape.places[x];
  if (place.spatial) most = std::min(most, std::floor(place.room / power.log + kRounding));
  for (std::size_t b = 0; b < shape.buffers.size(); ++b) {
    const Buffer& buffer = shape.buffers[b];
    if (!buffer.holds_place[x]) continue;
    most = std::min(most, most_inside(shape, terms, b, power));
  }
  return most;
}

/// e[j, p, x] ∈ 0 … most_at, with its share of Comp, D, L, T (nothing saved) and DR.
void add_exponents(const MapSpace& space, const Shape& shape, const Terms& terms,
                   Program& program) {
  for (const PrimePower& power : shape.powers) {
    for (std::size_t x = 0; x < shape.places.size(); ++x) {
      const Place& place = shape.places[x];
      const double most = most_at(shape, terms, power, x);
      const double cost =
          power.log * place_cost(shape, terms.equations, power.rank, place);
      const std::string name =
          fmt::format("e[{},{},{}]", space.op->ranks[power.rank].name, power.prime, place.name);
      program.amounts.push_back({{program.mip.variables.push_back({name, 0, most, true, cost}), 1}});
    }
  }
}

/// (C1) Every copy stands somewhere:  Σ_x e[j,p,x] = copies        rows "factors[K,2]"
void add_allocation(const MapSpace& space, const Shape& shape, Program& program) {
  for (std::size_t q = 0; q < shape.powers.size(); ++q) {
    Sum sum;
    for (std::size_t x = 0; x < shape.places.size(); ++x) {
      sum.push_back(program.amounts[q * shape.places.size() + x].front());
    }
    const auto copies = static_cast<double>(shape.powers[q].copies);
    const std::string name = fmt::format("factors[{},{}]",
                                         space.op->ranks[shape.powers[q].rank].name,
                                         shape.powers[q].prime);
    program.mip.rows.push_back({name, sum, copies, copies});
  }
}

/// Ranks with the same savings in every class share their savings variables.
std::map<std::vector<int>, std::vector<std::size_t>> groups_of(const Shape& shape,
                                                               std::size_t ranks) {
  std::map<std::vector<int>, std::vector<std::size_t>> groups;
  for (std::size_t j = 0; j < ranks; ++j) {
    std::vector<int> savings;
    for (const OrderClass& order : shape.classes) savings.push_back(order.saved[j]);
    if (std::ranges::any_of(savings, [](int n) { return n > 0; })) groups[savings].push_back(j);
  }
  return groups;
}

/// T_v only drops the innermost run of loops over ranks that v does not have. One class is chosen,
///     Σ_q class[q] = 1                                              row "one_class"
/// and of a group of ranks with L = Σ log2 p · amount at the permuted level it saves, once for each
/// operand that stays put,
///     r ≤ L,   r ≤ L_max · Σ_{q that save it so often} class[q]      rows "saved[…]"
void add_classes(const MapSpace& space, const Shape& shape, const Terms& terms, Program& program) {
  solver::Mip& mip = program.mip;
  Sum one;
  for (const OrderClass& order : shape.classes) {
    const VariableId chosen = mip.variables.push_back({"class[" + order.name + "]", 0, 1, true, 0});
    program.class_chosen.push_back(chosen);
    one.push_back({chosen, 1});
  }
  mip.rows.push_back({"one_class", one, 1, 1});
  for (const auto& [savings, ranks] : groups_of(shape, space.ranks())) {
    Sum present;
    double most = 0;
    std::string name;
    for (std::size_t q = 0; q < shape.powers.size(); ++q) {
      if (std::ranges::find(ranks, shape.powers[q].rank) == ranks.end()) continue;
      const Sum& amount = program.amounts[q * shape.places.size() + shape.permuted];
      present.push_back({amount.front().variable, shape.powers[q].log});
      most += shape.powers[q].log * static_cast<double>(shape.powers[q].copies);
    }
    for (const std::size_t j : ranks) name += space.op->ranks[j].name;
    const int often = *std::ranges::max_element(savings);
    for (int times = 1; times <= often; ++times) {
      const std::string text = fmt::format("saved[{},{}]", name, times);
      const VariableId r = mip.variables.push_back(
          {text, 0, most, false, -terms.equations.weights.traffic});
      Sum within{{r, -1}};
      within.insert(within.end(), present.begin(), present.end());
      mip.rows.push_back({text, within, 0, solver::kUnbounded});
      Sum chosen{{r, -1}};
      for (std::size_t c = 0; c < savings.size(); ++c) {
        if (savings[c] >= times) chosen.push_back({program.class_chosen[c], most});
      }
      mip.rows.push_back({text, chosen, 0, solver::kUnbounded});
    }
  }
}

}  // namespace

Program aggregated(const MapSpace& space, const Shape& shape, const Terms& terms) {
  Program program;
  add_exponents(space, shape, terms, program);
  add_allocation(space, shape, program);
  add_fanouts(shape, program);
  add_capacities(shape, terms, program);
  add_classes(space, shape, terms, program);
  add_rules(space, shape, program);
  return program;
}

Allocation allocation_of(const Shape& shape, const Program& program, const solver::Values& values) {
  Allocation allocation;
  for (const Sum& amount : program.amounts) {
    allocation.copies.push_back(std::llround(solver::value_of(amount, values)));
  }
  for (std::size_t c = 0; c < program.class_chosen.size(); ++c) {
    if (values[program.class_chosen[c]] > 0.5) allocation.order_class = c;
  }
  if (program.class_chosen.empty()) {
    double best = solver::kUnbounded;
    for (std::size_t c = 0; c < shape.classes.size(); ++c) {
      Allocation candidate = allocation;
      candidate.order_class = c;
      const double value = proxy_value(shape, {}, candidate);
      if (value < best) allocation.order_class = c;
      best = std::min(best, value);
    }
  }
  return allocation;
}

}  // namespace tileloom::mapper::cosa

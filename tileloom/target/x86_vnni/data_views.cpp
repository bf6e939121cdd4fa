#include "tileloom/target/x86_vnni/data_views.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace tileloom::x86_vnni {
namespace {

std::optional<RankId> rank_named(const Operator& op, const std::string& name) {
  const auto found = std::ranges::find(op.ranks, name, &Rank::name);
  if (found == op.ranks.end()) return std::nullopt;
  return static_cast<RankId>(found - op.ranks.begin());
}

/// The first value of the axis' moving rank from which on, and the last up to which, some index is
/// inside.
struct Seen {
  std::int64_t begin = 0, end = 0;
};
Seen seen(const Operator& op, const Axis& axis, const Term& moving) {
  std::int64_t reach = 0;
  for (const Term& term : axis.terms) {
    if (term.rank != moving.rank) reach += term.coefficient * (op.rank(term.rank).extent - 1);
  }
  Seen found{0, op.rank(moving.rank).extent};
  const auto first = [&](std::int64_t at) { return moving.coefficient * at + axis.offset; };
  while (found.begin < found.end && first(found.begin) + reach < 0) ++found.begin;
  while (found.begin < found.end && first(found.end - 1) >= axis.extent) --found.end;
  return found;
}

/// The data's rows: the axis that P and R move.
const Axis* rows_axis(const Operator& op, RankId p, RankId r) {
  for (const Axis& axis : op.inputs[0].axes) {
    const auto moves = [&](RankId rank) {
      return std::ranges::find(axis.terms, rank, &Term::rank) != axis.terms.end();
    };
    if (axis.terms.size() == 2 && moves(p) && moves(r)) return &axis;
  }
  return nullptr;
}

std::int64_t coefficient(const Axis& axis, RankId rank) {
  return std::ranges::find(axis.terms, rank, &Term::rank)->coefficient;
}

/// Swaps two ranks in the operator's order.
void swap_ranks(Operator& op, RankId a, RankId b) {
  std::swap(op.ranks[index(a)], op.ranks[index(b)]);
  const auto renamed = [&](Operand& operand) {
    for (Axis& axis : operand.axes) {
      for (Term& term : axis.terms) {
        if (term.rank == a || term.rank == b) term.rank = term.rank == a ? b : a;
      }
    }
  };
  for (Operand& input : op.inputs) renamed(input);
  renamed(op.output);
}

}  // namespace

Operator without_padding_results(const Operator& op) {
  Operator cut = op;
  for (Axis& written : cut.output.axes) {
    if (written.terms.size() != 1 || written.terms[0].coefficient != 1) continue;
    const RankId rank = written.terms[0].rank;
    for (Axis& read : cut.inputs[0].axes) {
      const auto moving = std::ranges::find(read.terms, rank, &Term::rank);
      if (moving == read.terms.end()) continue;
      const Seen results = seen(cut, read, *moving);
      if (results.begin >= results.end) return op;
      read.offset += moving->coefficient * results.begin;
      written.offset += results.begin;
      cut.ranks[index(rank)].extent = results.end - results.begin;
    }
  }
  return cut;
}

std::optional<Beside> rows_beside(const Operator& op) {
  const auto p = rank_named(op, "P"), q = rank_named(op, "Q"), r = rank_named(op, "R"),
             s = rank_named(op, "S"), c = rank_named(op, "C");
  if (!p || !q || !r || !s || !c || rank_named(op, "G") || op.rank(*r).extent == 1) return {};
  const Operand& data = op.inputs[0];
  const Axis* const rows = rows_axis(op, *p, *r);
  if (rows == nullptr || data.axes.size() != 4 || &data.axes[1] != rows) return {};
  const Axis& columns = data.axes[2];
  const std::int64_t last = columns.offset + coefficient(columns, *q) * (op.rank(*q).extent - 1) +
                            coefficient(columns, *s) * (op.rank(*s).extent - 1);
  Beside made{op,
              {.images = data.axes[0].extent,
               .results = op.rank(*p).extent,
               .filter = op.rank(*r).extent,
               .stride = coefficient(*rows, *p),
               .dilation = coefficient(*rows, *r),
               .offset = rows->offset,
               .rows = rows->extent,
               .columns = columns.extent,
               .channels = data.axes[3].extent,
               .before = std::max<std::int64_t>(0, -columns.offset),
               .after = std::max<std::int64_t>(0, last - (columns.extent - 1))}};
  made.op.inputs[0].axes = {data.axes[0],
                            {{{*p, 1}}, 0, made.copy.results},
                            columns,
                            {{{*r, 1}}, 0, made.copy.filter},
                            data.axes[3]};
  swap_ranks(made.op, *r, *s);
  return made;
}

}  // namespace tileloom::x86_vnni

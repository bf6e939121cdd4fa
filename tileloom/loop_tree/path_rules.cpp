#include "tileloom/loop_tree/path_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "tileloom/loop_tree/boxes.hpp"
#include "tileloom/loop_tree/path_loops.hpp"

namespace tileloom {
namespace {

using Violations = std::vector<Violation>;

void structure(Violations& violations, std::string what, std::string hint) {
  violations.push_back({Violation::Kind::structure, std::move(what), std::move(hint)});
}

const Operator& op_of(const CheckedPath& at) { return at.workload.operators[at.op]; }
const std::string& tensor_name(const CheckedPath& at, TensorId id) {
  return at.workload.tensors[id].name;
}
const std::string& memory_name(const CheckedPath& at, MemoryId id) {
  return at.arch.memories[id].name;
}

/// Rule 1: loops divide every rank of the leaf's operator step by step down to 1.
void check_loops(const CheckedPath& at, Violations& violations) {
  const Operator& op = op_of(at);
  std::vector<std::int64_t> chunk;
  for (const Rank& rank : op.ranks) chunk.push_back(rank.extent);
  std::vector<bool> divided(op.ranks.size(), false);
  for (const PathNode& node : at.path) {
    const Loop* loop = std::get_if<Loop>(&node);
    if (loop == nullptr) continue;
    if (loop->op != at.op) {
      structure(violations,
                fmt::format("{} is a loop of {}, but the leaf below it computes {}",
                            quote(at, node), at.workload.operators[loop->op].name, op.name),
                "loop over ranks of the operator that is computed");
      continue;
    }
    std::int64_t& enclosing = chunk[index(loop->rank)];
    if (loop->tile < 1) {
      structure(violations, fmt::format("{} has a tile below 1", quote(at, node)),
                "use tiles of at least 1");
      continue;
    }
    if (loop->tile > enclosing) {
      structure(
          violations,
          fmt::format("{} has tile {}, but {} {}", quote(at, node), loop->tile,
                      divided[index(loop->rank)] ? "the loop around it over the same rank has tile"
                                                 : "the rank has extent",
                      enclosing),
          fmt::format("use a tile of at most {}", enclosing));
    }
    enclosing = std::min(enclosing, loop->tile);
    divided[index(loop->rank)] = true;
  }
  for (const RankId id : ids<RankId>(op.ranks.size())) {
    if (chunk[index(id)] == 1) continue;
    const std::string& name = op.rank(id).name;
    structure(violations,
              divided[index(id)] ? fmt::format("rank {} of {} is divided into tiles of {} only",
                                               name, op.name, chunk[index(id)])
                                 : fmt::format("rank {} of {}, extent {}, has no loop", name,
                                               op.name, chunk[index(id)]),
              fmt::format("add a loop over {} with tile 1", name));
  }
}

/// Rule 2, one operand: a home above all loops, further Stores in memories ever further inwards.
void check_chain(const CheckedPath& at, const Operand& operand, Violations& violations) {
  const std::string& name = tensor_name(at, operand.tensor);
  const PathNode* loop = nullptr;
  const PathNode* outer = nullptr;
  for (const PathNode& node : at.path) {
    if (std::holds_alternative<Loop>(node) && loop == nullptr) loop = &node;
    const Store* store = std::get_if<Store>(&node);
    if (store == nullptr || store->tensor != operand.tensor) continue;
    if (outer == nullptr && loop != nullptr && !at.fused) {
      structure(violations,
                fmt::format("{} is the outermost store of {}, but stands below {}", quote(at, node),
                            name, quote(at, *loop)),
                "store every tensor once above all loops");
    }
    if (outer != nullptr && store->memory <= std::get<Store>(*outer).memory) {
      structure(violations, fmt::format("{} stands inside {}", quote(at, node), quote(at, *outer)),
                "stores of one tensor go from outer to inner memories, each memory once");
    }
    if (!at.arch.memories[store->memory].holds[static_cast<std::size_t>(operand.role)]) {
      structure(violations,
                fmt::format("{}: memory {} may not hold {}s", quote(at, node),
                            memory_name(at, store->memory), to_string(operand.role)),
                fmt::format("leave the store out, or let {} hold {}s",
                            memory_name(at, store->memory), to_string(operand.role)));
    }
    outer = &node;
  }
  if (outer == nullptr && !at.fused) {
    structure(violations,
              fmt::format("{}, an operand of {}, is never stored", name, op_of(at).name),
              "store every tensor once above all loops");
  }
}

/// Rule 2: every operand has its chain, and nothing else is stored.
void check_stores(const CheckedPath& at, Violations& violations) {
  const std::vector<const Operand*> all = operands(op_of(at));
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool again = std::any_of(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(i),
                                   [&](const Operand* o) { return o->tensor == all[i]->tensor; });
    if (again) {
      structure(violations,
                fmt::format("{} uses {} as two operands", op_of(at).name,
                            tensor_name(at, all[i]->tensor)),
                "give every operand a tensor of its own");
    } else {
      check_chain(at, *all[i], violations);
    }
  }
  for (const PathNode& node : at.path) {
    const Store* store = std::get_if<Store>(&node);
    if (store != nullptr && find_operand(op_of(at), store->tensor) == nullptr) {
      structure(violations,
                fmt::format("{}: {} has no such operand", quote(at, node), op_of(at).name),
                "store only tensors that the operator reads or writes");
    }
  }
}

/// Rule 3: a spatial loop stands between the Stores in memories outside and inside its axis.
void check_axis_order(const CheckedPath& at, Violations& violations) {
  for (std::size_t i = 0; i < at.path.size(); ++i) {
    const Loop* loop = std::get_if<Loop>(&at.path[i]);
    if (loop == nullptr || !loop->axis) continue;
    const SpatialAxis& axis = at.arch.axes[*loop->axis];
    for (std::size_t j = 0; j < at.path.size(); ++j) {
      const Store* store = std::get_if<Store>(&at.path[j]);
      if (store == nullptr) continue;
      const bool outside = index(store->memory) < axis.below;
      if (outside == (j < i)) continue;
      structure(
          violations,
          fmt::format("{} stands {} {}, but {} lies {} {}", quote(at, at.path[i]),
                      outside ? "above" : "below", quote(at, at.path[j]),
                      memory_name(at, store->memory), outside ? "outside" : "inside", axis.name),
          fmt::format("move the loop {} the store", outside ? "below" : "above"));
    }
  }
}

/// Rule 4: between a Store and a loop along which its memory is shared stand only Stores and
/// spatial loops, none of which is the Store's own and over the same rank.
void check_sharing(const CheckedPath& at, std::size_t position, Violations& violations) {
  const Store& store = std::get<Store>(at.path[position]);
  for (std::size_t i = 0; i < position; ++i) {
    const Loop* shared = std::get_if<Loop>(&at.path[i]);
    if (shared == nullptr || narrows(at.arch, *shared, store.memory)) continue;
    for (std::size_t j = i + 1; j < position; ++j) {
      const Loop* between = std::get_if<Loop>(&at.path[j]);
      if (between == nullptr) continue;
      const bool own = between->axis && narrows(at.arch, *between, store.memory);
      if (between->axis && !(own && between->rank == shared->rank)) continue;
      structure(
          violations,
          fmt::format("{} stands between {} and {}, and {} is shared along {}",
                      quote(at, at.path[j]), quote(at, at.path[i]), quote(at, at.path[position]),
                      memory_name(at, store.memory), at.arch.axes[*shared->axis].name),
          own ? "swap the two loops"
              : "move the store above the temporal loop, or the temporal loop above the spatial "
                "one");
    }
  }
}

/// Rule 5: every buffer lies inside one buffer of the parent.
void check_nesting(const CheckedPath& at, std::size_t parent, std::size_t child,
                   Violations& violations) {
  const Store& outer = std::get<Store>(at.path[parent]);
  const Store& inner = std::get<Store>(at.path[child]);
  for (std::size_t i = 0; i < parent; ++i) {
    const Loop* loop = std::get_if<Loop>(&at.path[i]);
    if (loop == nullptr || !loop->axis || !replicated(at.arch, outer.memory, *loop->axis) ||
        replicated(at.arch, inner.memory, *loop->axis)) {
      continue;
    }
    structure(
        violations,
        fmt::format("{}: {} is shared along {}, but its parent {} is not",
                    quote(at, at.path[child]), memory_name(at, inner.memory),
                    at.arch.axes[*loop->axis].name, memory_name(at, outer.memory)),
        fmt::format("store {} in only one of the two memories", tensor_name(at, inner.tensor)));
  }
}

/// A single Store holds one box all the time.
void check_single(const CheckedPath& at, std::size_t position, Violations& violations) {
  const Store& store = std::get<Store>(at.path[position]);
  const Operand* operand = find_operand(op_of(at), store.tensor);
  if (!store.single || at.fused || operand == nullptr) return;
  for (const PathLoop& above : path_loops(op_of(at), at.path.first(position))) {
    if (above.loop.axis || above.trips == 1 || !relevant(*operand, above.loop.rank)) continue;
    structure(violations,
              fmt::format("{} is single, but {} above it changes what it holds",
                          quote(at, at.path[position]), quote(at, at.path[above.position])),
              "leave out 'single', or move the store above the loop");
  }
}

/// Rule 7: an output with an axis over several ranks keeps `overlap`, and no chunk leaves a hole.
void check_output(const CheckedPath& at, std::size_t position, Violations& violations) {
  const Operator& op = op_of(at);
  const Store& store = std::get<Store>(at.path[position]);
  for (const Axis& axis : op.output.axes) {
    if (axis.terms.size() > 1 && store.keep == Keep::same) {
      structure(violations,
                fmt::format(
                    "{} keeps only unchanged boxes, but {} has an axis over several ranks, {}",
                    quote(at, at.path[position]), tensor_name(at, store.tensor), formula(op, axis)),
                "keep the overlap");
    }
    std::vector<Term> terms = axis.terms;
    std::ranges::stable_sort(terms, {}, &Term::coefficient);
    std::int64_t reach = 0;  // the smaller terms take every value from 0 to this
    for (const Term& term : terms) {
      const std::vector<std::int64_t> lengths =
          chunk_lengths(op, at.arch, at.path, position, term.rank);
      if (lengths.back() > 1 && term.coefficient > 1 + reach) {
        structure(
            violations,
            fmt::format("{}: boxes of {} have holes on the axis {}: {} moves by {}, the smaller "
                        "terms by at most {}",
                        quote(at, at.path[position]), tensor_name(at, store.tensor),
                        formula(op, axis), op.rank(term.rank).name, term.coefficient, reach),
            fmt::format(
                "leave larger chunks of the other ranks, or chunks of 1 of {}, above the store",
                op.rank(term.rank).name));
      }
      reach += term.coefficient * (lengths.front() - 1);
    }
  }
}

}  // namespace

std::string quote(const CheckedPath& at, const PathNode& node) {
  if (const Store* store = std::get_if<Store>(&node)) {
    return fmt::format("'store {} in {}'", tensor_name(at, store->tensor),
                       memory_name(at, store->memory));
  }
  const Loop& loop = std::get<Loop>(node);
  const std::string& rank = at.workload.operators[loop.op].rank(loop.rank).name;
  if (!loop.axis) return fmt::format("'for {} in {}'", rank, loop.tile);
  return fmt::format("'spatial {} in {} on {}'", rank, loop.tile, at.arch.axes[*loop.axis].name);
}

std::vector<Violation> broken_rules(const CheckedPath& at) {
  Violations violations;
  check_loops(at, violations);
  check_stores(at, violations);
  check_axis_order(at, violations);
  const bool sound = violations.empty();  // chunks and parents are well defined
  for (std::size_t i = 0; i < at.path.size(); ++i) {
    const Store* store = std::get_if<Store>(&at.path[i]);
    if (store == nullptr) continue;
    check_sharing(at, i, violations);
    if (sound) check_single(at, i, violations);
    if (sound && store->tensor == op_of(at).output.tensor) check_output(at, i, violations);
    for (std::size_t parent = i; parent-- > 0;) {
      const Store* outer = std::get_if<Store>(&at.path[parent]);
      if (outer == nullptr || outer->tensor != store->tensor) continue;
      check_nesting(at, parent, i, violations);
      break;
    }
  }
  return violations;
}

}  // namespace tileloom

#include "tileloom/cost/block_cost.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <span>

#include "tileloom/cost/block_sums.hpp"
#include "tileloom/cost/core_types.hpp"

namespace tileloom::cost {

NetworkWork network_work(const Workload& workload) {
  NetworkWork network;
  network.field = network_field(workload);
  for (const OperatorId id : ids<OperatorId>(workload.operators.size())) {
    network.operators.push_back(
        operator_work(workload, workload.operators[id], network.field.operators[id]));
  }
  for (const Tensor& tensor : workload.tensors) {
    network.bits.push_back(static_cast<double>(elements(tensor)) *
                           static_cast<double>(tensor.bits));
  }
  return network;
}

double written_bits(const NetworkWork& network, const Block& block, TensorId tensor) {
  double bits = network.bits[tensor];
  for (const SplitAxis axis : kAllSplitAxes) {
    bits *= static_cast<double>(written(network.field, block, tensor, axis).length()) /
            static_cast<double>(network.field.extent[tensor][static_cast<std::size_t>(axis)]);
  }
  return bits;
}

BlockEvaluator::BlockEvaluator(const MulticoreMachine& machine, const NetworkWork& network,
                               Block block)
    : machine_(machine),
      network_(network),
      block_(std::move(block)),
      tensors_(all_tensors(block_)) {
  const std::size_t inside = block_.inputs.size() + block_.outputs.size();
  std::vector<std::size_t> made(tensors_.size()), read(tensors_.size());
  for (std::size_t i = block_.operators.size(); i-- > 0;) {
    const auto slot = static_cast<std::size_t>(std::ranges::find(tensors_, block_.output_of[i]) -
                                               tensors_.begin());
    made[slot] = i;  // the first of several that write it
  }
  for (std::size_t i = 0; i < block_.operators.size(); ++i) {
    for (const OperatorField::Read& r : network_.field.operators[block_.operators[i]].reads) {
      read[static_cast<std::size_t>(std::ranges::find(tensors_, r.tensor) - tensors_.begin())] = i;
    }
  }
  for (const OperatorId id : block_.operators) {
    const OperatorWork& work = network_.operators[id];
    useful_ += points(work, work.extent);
  }
  live_.resize(block_.operators.size());
  for (std::size_t t = inside; t < tensors_.size(); ++t) {
    for (std::size_t i = made[t]; i <= read[t]; ++i) live_[i].push_back(t);
  }
}

const BlockEvaluator::Cut& BlockEvaluator::cut(SplitAxis axis, std::int64_t parts, Halo halo) {
  const auto [place, is_new] = cuts_.try_emplace({axis, parts, halo});
  Cut& made = place->second;
  if (!is_new) return made;
  const PartField field = part_field(network_.field, block_, axis, parts, halo);
  std::vector<Interval> range;
  for (const TensorId id : tensors_) range.push_back(written(network_.field, block_, id, axis));
  made.apart = field.apart;
  std::map<std::vector<std::int64_t>, std::size_t> known;
  const std::size_t operators = block_.operators.size();
  std::vector<std::int64_t> lengths;  // of ranks, then of each tensor what is needed and its share
  for (std::size_t p = 0; p < static_cast<std::size_t>(parts); ++p) {
    lengths.clear();
    for (const auto& ranks : field.ranks) lengths.push_back(ranks[p].length());
    for (std::size_t t = 0; t < tensors_.size(); ++t) {
      lengths.push_back(field.tensors[t][p].length());
      lengths.push_back(even_part(range[t].length(), parts, static_cast<std::int64_t>(p)).length());
    }
    const auto [at, unseen] = known.try_emplace(lengths, made.kinds.size());
    if (unseen) {
      Kind& kind = made.kinds.emplace_back();
      kind.ranks.assign(lengths.begin(), lengths.begin() + static_cast<std::ptrdiff_t>(operators));
      for (std::size_t t = 0; t < tensors_.size(); ++t) {
        const auto extent =
            static_cast<double>(network_.field.extent[tensors_[t]][static_cast<std::size_t>(axis)]);
        kind.needed.push_back(static_cast<double>(lengths[operators + 2 * t]) / extent);
        kind.own.push_back(static_cast<double>(lengths[operators + 2 * t + 1]) / extent);
      }
    }
    ++made.kinds[at->second].count;
    made.kind_of.push_back(at->second);
  }
  for (std::size_t t = 0; t < tensors_.size(); ++t) {
    const auto& intervals = field.tensors[t];
    made.same.push_back(std::ranges::all_of(
        intervals, [&](const Interval& interval) { return interval == intervals.front(); }));
  }
  for (const std::vector<Interval>& ranks : field.ranks) {
    made.same_ranks.push_back(std::ranges::all_of(
        ranks, [&](const Interval& interval) { return interval == ranks.front(); }));
  }
  return made;
}

ChannelLoad sum(const std::vector<ChannelLoad>& loads) {
  return std::accumulate(loads.begin(), loads.end(), ChannelLoad{});
}

/// `twice`: inputs and outputs have two buffers.
BlockEvaluator::Sums BlockEvaluator::sums(const BlockPlan& plan, bool twice) {
  PerSplit<const Cut*> cuts{};
  PerSplit<std::span<const Kind>> kinds;
  for (const SplitAxis axis : kAllSplitAxes) {
    const auto a = static_cast<std::size_t>(axis);
    cuts[a] = &cut(axis, plan.cores[a] * plan.tiles[a], plan.halo);
    kinds[a] = cuts[a]->kinds;
  }
  const std::size_t operators = block_.operators.size();
  Sums sums;
  sums.weights.assign(operators, 0);
  sums.pieces.assign(operators, 1);
  sums.in.assign(block_.inputs.size(), 0);
  std::vector<double> needed(tensors_.size());  // bits of one part
  for_each_choice(kinds, [&](const PerSplit<std::size_t>& chosen, std::int64_t count) {
    const auto times = static_cast<double>(count);
    const auto part = [&](std::size_t t, std::vector<double> Kind::*of_extent) {
      double bits = network_.bits[tensors_[t]];
      for (std::size_t a = 0; a < kSplitAxes; ++a) bits *= (kinds[a][chosen[a]].*of_extent)[t];
      return bits;
    };
    for (std::size_t t = 0; t < tensors_.size(); ++t) needed[t] = part(t, &Kind::needed);
    double buffers = 0;
    for (std::size_t t = 0; t < block_.inputs.size() + block_.outputs.size(); ++t) {
      const double bits = needed[t];
      buffers += bits;
      if (t < block_.inputs.size()) sums.in[t] += times * bits;
    }
    double alive = 0;
    double received = 0;
    double weights_room = 0;
    for (std::size_t i = 0; i < operators; ++i) {
      const OperatorWork& work = network_.operators[block_.operators[i]];
      PartLengths lengths{};
      for (std::size_t a = 0; a < kSplitAxes; ++a) lengths[a] = kinds[a][chosen[a]].ranks[i];
      sums.work += times * points(work, lengths);
      const double weights = weight_bits(work, lengths);
      sums.weights[i] += times * weights;
      const auto pieces = static_cast<double>(weight_pieces(machine_, work, lengths, plan.pieces));
      sums.pieces[i] = std::max(sums.pieces[i], pieces);
      weights_room = std::max(weights_room, weights / pieces);
      double now = 0;
      for (const std::size_t t : live_[i]) now += needed[t];
      alive = std::max(alive, now);
    }
    if (plan.halo == Halo::exchanged) {
      for (std::size_t t = block_.inputs.size(); t < tensors_.size(); ++t) {
        received += needed[t] - part(t, &Kind::own);
      }
    }
    sums.largest_exchange = std::max(sums.largest_exchange, received);
    sums.activation_room = std::max(sums.activation_room, (twice ? 2 : 1) * buffers + alive);
    sums.weight_room = std::max(sums.weight_room, (machine_.overlap ? 2 : 1) * weights_room);
  });
  for (const TensorId output : block_.outputs) sums.out += written_bits(network_, block_, output);
  return sums;
}

ChannelLoads& BlockEvaluator::loads(const PerSplit<std::int64_t>& layout) {
  return loads_.try_emplace(layout, machine_, layout).first->second;
}

ApartAlong BlockEvaluator::weights_apart(const BlockPlan& plan, std::size_t i) {
  const OperatorWork& work = network_.operators[block_.operators[i]];
  ApartAlong apart{};
  for (const SplitAxis axis : kAllSplitAxes) {
    const auto a = static_cast<std::size_t>(axis);
    const bool divided = std::ranges::any_of(
        work.weights, [&](const OperatorWork::Weights& weights) { return weights.divided[a]; });
    apart[a] = divided && !cut(axis, plan.cores[a] * plan.tiles[a], plan.halo).same_ranks[i];
  }
  return apart;
}

ApartAlong BlockEvaluator::tensor_apart(const BlockPlan& plan, std::size_t t) {
  ApartAlong apart{};
  for (const SplitAxis axis : kAllSplitAxes) {
    const auto a = static_cast<std::size_t>(axis);
    apart[a] = !cut(axis, plan.cores[a] * plan.tiles[a], plan.halo).same[t];
  }
  return apart;
}

BlockEvaluator::Transfers BlockEvaluator::transfers(const BlockPlan& plan, const Sums& total) {
  ChannelLoads& loads = this->loads(plan.cores);
  const double one = 1 / static_cast<double>(tiles_of(plan));
  Transfers move;
  for (std::size_t i = 0; i < total.weights.size(); ++i) {
    move.weights.push_back(loads.near(one * total.weights[i], weights_apart(plan, i)));
  }
  for (std::size_t t = 0; t < total.in.size(); ++t) {
    move.in += loads.far(one * total.in[t], tensor_apart(plan, t));
  }
  move.out = loads.far(one * total.out);
  return move;
}

/// Weights that stay are those of a core's whole share: bits of all cores, and of the largest one.
BlockEvaluator::Resident BlockEvaluator::resident(const BlockPlan& plan) {
  PerSplit<std::span<const Kind>> kinds;
  for (const SplitAxis axis : kAllSplitAxes) {
    const auto a = static_cast<std::size_t>(axis);
    kinds[a] = cut(axis, plan.cores[a], plan.halo).kinds;
  }
  Resident found;
  std::vector<double> weights(block_.operators.size());
  for_each_choice(kinds, [&](const PerSplit<std::size_t>& chosen, std::int64_t count) {
    double bits = 0;
    for (std::size_t i = 0; i < block_.operators.size(); ++i) {
      PartLengths lengths{};
      for (std::size_t a = 0; a < kSplitAxes; ++a) lengths[a] = kinds[a][chosen[a]].ranks[i];
      const double own = weight_bits(network_.operators[block_.operators[i]], lengths);
      weights[i] += static_cast<double>(count) * own;
      bits += own;
    }
    found.total += static_cast<double>(count) * bits;
    found.room = std::max(found.room, bits);
  });
  const BlockPlan share{.cores = plan.cores, .halo = plan.halo};
  for (std::size_t i = 0; i < weights.size(); ++i) {
    found.load += loads(plan.cores).near(weights[i], weights_apart(share, i));
  }
  return found;
}

/// (M6) activations + weights of a core ≤ its memory; apart where it has two
void BlockEvaluator::fit(BlockCost& cost, double activations, double weights) const {
  constexpr double kUnlimited = std::numeric_limits<double>::infinity();
  const auto limit = [](const std::optional<std::int64_t>& bits) {
    return bits ? static_cast<double>(*bits) : kUnlimited;
  };
  cost.room = activations;
  cost.limit = limit(machine_.activation_bits);
  if (machine_.one_room) {
    cost.room += weights;
  } else if (activations <= cost.limit && weights > limit(machine_.weight_bits)) {
    cost.room = weights;
    cost.limit = limit(machine_.weight_bits);
  }
  cost.fits = cost.room <= cost.limit;
  cost.weights_fit = cost.fits || activations > limit(machine_.activation_bits);
}

/// Cycles of the slowest kind of core from its first tile's first piece to its last result.
BlockEvaluator::Slowest BlockEvaluator::slowest_core(const BlockPlan& plan, const Sums& total,
                                                     const Transfers& move) {
  PerSplit<const Cut*> cuts{};
  PerSplit<std::vector<CoreType>> types;
  for (const SplitAxis axis : kAllSplitAxes) {
    const auto a = static_cast<std::size_t>(axis);
    cuts[a] = &cut(axis, plan.cores[a] * plan.tiles[a], plan.halo);
    types[a] = core_types(cuts[a]->kind_of, plan.cores[a], plan.tiles[a]);
  }
  const bool several = tiles_of(plan) > 1;
  const auto phase_of = [&](const PerSplit<std::size_t>& kinds) {
    Phase phase{std::vector<double>(block_.operators.size()), move.weights, total.pieces};
    for (std::size_t i = 0; i < block_.operators.size(); ++i) {
      PartLengths lengths{};
      for (std::size_t a = 0; a < kSplitAxes; ++a) lengths[a] = cuts[a]->kinds[kinds[a]].ranks[i];
      phase.compute[i] = compute_cycles(machine_, network_.operators[block_.operators[i]], lengths);
    }
    return phase;
  };
  Slowest slowest;
  for_each_choice(types, [&](const PerSplit<std::size_t>& type, std::int64_t) {
    PerSplit<std::span<const Tiles>> tiles;
    PerSplit<std::size_t> first{}, last{};
    for (std::size_t a = 0; a < kSplitAxes; ++a) {
      const CoreType& along = types[a][type[a]];
      tiles[a] = along.tiles;
      first[a] = along.first;
      last[a] = along.last;
    }
    const ChannelLoad both = move.in + move.out;
    const double next = longest(move.weights[0]) / total.pieces[0];
    double cycles = 0;
    double compute = 0;
    for_each_choice(tiles, [&](const PerSplit<std::size_t>& chosen, std::int64_t count) {
      PerSplit<std::size_t> kinds{};
      for (std::size_t a = 0; a < kSplitAxes; ++a) kinds[a] = tiles[a][chosen[a]].kind;
      const Phase phase = phase_of(kinds);
      for (const double c : phase.compute) compute += static_cast<double>(count) * c;
      cycles += static_cast<double>(count) * phase.cycles(both, next);
    });
    slowest.steady = std::max(slowest.steady, cycles);
    // The first tile has no results to write, the last one no inputs to wait for.
    const Phase closing = phase_of(last);
    cycles += closing.cycles(several ? move.out : ChannelLoad{}, 0) - closing.cycles(both, next);
    if (several) {
      const Phase opening = phase_of(first);
      cycles += opening.cycles(move.in, next) - opening.cycles(both, next);
    }
    slowest.compute = std::max(slowest.compute, compute);
    slowest.cycles = std::max(slowest.cycles, cycles);
  });
  return slowest;
}

/// Whether the plan fits, what it moves and how long transfers take with all cores at them; all of
/// `cost` but its cycles. `twice`: inputs and outputs have two buffers.
BlockEvaluator::Traffic BlockEvaluator::traffic(const BlockPlan& plan, bool twice,
                                                BlockCost& cost) {
  const std::int64_t cores = cores_used(plan);
  const auto tiles = static_cast<double>(tiles_of(plan));
  Traffic traffic;
  Sums& total = traffic.total;
  total = sums(plan, twice);
  cost.dispatch = dispatch(machine_, cores);
  cost.work = total.work;
  cost.useful = useful_;
  if (plan.resident_weights) {
    traffic.stay = resident(plan);
    total.weight_room = traffic.stay.room;
    std::ranges::fill(total.weights, 0.0);
    std::ranges::fill(total.pieces, 1.0);
  }
  fit(cost, total.activation_room, total.weight_room);
  if (!cost.fits) return traffic;

  traffic.move = transfers(plan, total);
  const Transfers& move = traffic.move;
  traffic.streamed = tiles * sum(move.weights);
  traffic.activations = tiles * (move.in + move.out);
  cost.memory = longest(traffic.stay.load + traffic.streamed + traffic.activations);
  traffic.streamed_bits = total.out;
  for (const double bits : total.weights) traffic.streamed_bits += bits;
  for (std::size_t t = 0; t < total.in.size(); ++t) {
    traffic.streamed_bits += total.in[t] / loads(plan.cores).sharing(tensor_apart(plan, t));
  }
  cost.dram_bits = traffic.stay.total + traffic.streamed_bits;
  if (plan.halo == Halo::exchanged && machine_.exchange) {
    cost.exchange = total.largest_exchange / *machine_.exchange +
                    static_cast<double>(block_.inside.size()) * (cost.dispatch - machine_.launch);
  }
  traffic.first_piece = longest(move.weights[0]) / total.pieces[0];
  return traffic;
}

/// (M8) cycles = dispatch + fill + Σ tiles + drain + exchange; without overlap, everything in turn
BlockCost BlockEvaluator::cost(const BlockPlan& plan) {
  BlockCost cost;
  const Traffic moved = traffic(plan, machine_.overlap && tiles_of(plan) > 1, cost);
  if (!cost.fits) return cost;
  const Slowest slowest = slowest_core(plan, moved.total, moved.move);
  cost.compute = slowest.compute;
  if (machine_.overlap) {
    const double fill = longest(moved.stay.load + moved.move.in) + moved.first_piece;
    cost.cycles = cost.dispatch + fill + slowest.cycles + longest(moved.move.out) + cost.exchange;
  } else {
    cost.cycles = cost.dispatch + cost.compute + cost.memory + cost.exchange;
  }
  return cost;
}

double BlockEvaluator::least_room(const PerSplit<std::int64_t>& extents) {
  if (!least_room_) least_room_ = sums({.tiles = extents}, false).activation_room;
  return *least_room_;
}

double BlockEvaluator::least_of_tiles(const PerSplit<std::int64_t>& layout) {
  const BlockPlan plan{.cores = layout};
  const double start = dispatch(machine_, cores_used(plan));
  for (const SplitAxis axis : kAllSplitAxes) {
    if (cut(axis, layout[static_cast<std::size_t>(axis)], plan.halo).apart) return start;
  }
  const Sums total = sums(plan, false);
  const Transfers move = transfers(plan, total);
  const double compute = slowest_core(plan, total, move).compute;
  return start + std::max(compute, longest(move.in + move.out + sum(move.weights)));
}

}  // namespace tileloom::cost

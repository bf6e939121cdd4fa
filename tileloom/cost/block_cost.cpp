#include "tileloom/cost/block_cost.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <span>

#include "tileloom/cost/block_sums.hpp"

namespace tileloom::cost {
namespace {

constexpr std::size_t kChannels = static_cast<std::size_t>(SplitAxis::channels);

/// Calls `visit(chosen, count)` for every way to choose one item per axis; `count` is the product
/// of the items' counts.
template <class Items, class Visit>
void for_each_choice(const PerSplit<Items>& items, const Visit& visit) {
  PerSplit<std::size_t> chosen{};
  for (chosen[0] = 0; chosen[0] < items[0].size(); ++chosen[0]) {
    for (chosen[1] = 0; chosen[1] < items[1].size(); ++chosen[1]) {
      for (chosen[2] = 0; chosen[2] < items[2].size(); ++chosen[2]) {
        for (chosen[3] = 0; chosen[3] < items[3].size(); ++chosen[3]) {
          std::int64_t count = 1;
          for (std::size_t axis = 0; axis < kSplitAxes; ++axis) {
            count *= items[axis][chosen[axis]].count;
          }
          visit(chosen, count);
        }
      }
    }
  }
}

/// So many tiles of one kind.
struct Tiles {
  std::size_t kind = 0;
  std::int64_t count = 0;
  bool operator==(const Tiles&) const = default;
};
/// What a core does along one axis: its tiles by kind, and the first and the last one.
struct CoreType {
  std::vector<Tiles> tiles;
  std::size_t first = 0;
  std::size_t last = 0;
  std::int64_t count = 1;  ///< not counted: one of each type is looked at
  bool operator==(const CoreType&) const = default;
};

std::vector<CoreType> core_types(const std::vector<std::size_t>& kind_of, std::int64_t cores,
                                 std::int64_t tiles) {
  std::vector<CoreType> types;
  const auto step = static_cast<std::size_t>(tiles);
  for (std::size_t core = 0; core < static_cast<std::size_t>(cores); ++core) {
    CoreType type{{}, kind_of[core * step], kind_of[core * step + step - 1], 1};
    for (std::size_t t = 0; t < step; ++t) {
      const std::size_t kind = kind_of[core * step + t];
      const auto known = std::ranges::find(type.tiles, kind, &Tiles::kind);
      if (known != type.tiles.end()) {
        ++known->count;
      } else {
        type.tiles.push_back({kind, 1});
      }
    }
    if (std::ranges::find(types, type) == types.end()) types.push_back(std::move(type));
  }
  return types;
}

}  // namespace

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
  return made;
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
  std::vector<double> share(block_.inputs.size(), 1);  // cores that need the same
  for (std::size_t t = 0; t < share.size(); ++t) {
    for (std::size_t a = 0; a < kSplitAxes; ++a) {
      if (cuts[a]->same[t]) share[t] *= static_cast<double>(plan.cores[a]);
    }
  }
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
      if (t >= block_.inputs.size()) continue;
      sums.in += times * bits;
      sums.in_distinct += times * bits / share[t];
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

/// (M5) t = max( max_g (near_g + far/G · (n_g + (n − n_g)/ρ)/n) / B, (near + far)/(n · port) )
double dram_cycles(const MulticoreMachine& machine, std::int64_t cores, double near, double far,
                   double near_sharing) {
  const auto n = static_cast<double>(cores);
  const auto channels = static_cast<double>(machine.channels);
  double most = (near + far) / n / machine.port;
  for (const std::int64_t channel : {std::int64_t{0}, machine.channels - 1}) {
    // Cores channel, channel + G, … are near.
    const auto close =
        static_cast<double>(channel < cores ? (cores - channel - 1) / machine.channels + 1 : 0);
    const double distinct = close / std::min(std::max(close, 1.0), near_sharing);
    const double load =
        near / n * distinct + far / channels * (close + (n - close) / machine.remote) / n;
    most = std::max(most, load / machine.channel_bandwidth);
  }
  return most;
}

/// Weights that stay are those of a core's whole share: bits of all cores, and of the largest one.
BlockEvaluator::Resident BlockEvaluator::resident(const BlockPlan& plan) {
  PerSplit<std::span<const Kind>> kinds;
  for (const SplitAxis axis : kAllSplitAxes) {
    const auto a = static_cast<std::size_t>(axis);
    kinds[a] = cut(axis, plan.cores[a], plan.halo).kinds;
  }
  Resident found;
  for_each_choice(kinds, [&](const PerSplit<std::size_t>& chosen, std::int64_t count) {
    double bits = 0;
    for (std::size_t i = 0; i < block_.operators.size(); ++i) {
      PartLengths lengths{};
      for (std::size_t a = 0; a < kSplitAxes; ++a) lengths[a] = kinds[a][chosen[a]].ranks[i];
      bits += weight_bits(network_.operators[block_.operators[i]], lengths);
    }
    found.total += static_cast<double>(count) * bits;
    found.room = std::max(found.room, bits);
  });
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
    const double both = move.in + move.out;
    const double next = move.weights[0] / total.pieces[0];
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
    cycles += closing.cycles(several ? move.out : 0, 0) - closing.cycles(both, next);
    if (several) {
      const Phase opening = phase_of(first);
      cycles += opening.cycles(move.in, next) - opening.cycles(both, next);
    }
    slowest.first_piece =
        std::max(slowest.first_piece, phase_of(first).compute[0] / total.pieces[0]);
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

  // Cores that need the same weights are those that differ in no axis of theirs.
  traffic.alike = machine_.multicast ? static_cast<double>(cores / plan.cores[kChannels]) : 1;
  traffic.in = machine_.multicast ? total.in_distinct : total.in;
  traffic.streamed = std::accumulate(total.weights.begin(), total.weights.end(), 0.0);
  Transfers& move = traffic.move;
  for (const double bits : total.weights) {
    move.weights.push_back(dram_cycles(machine_, cores, bits / tiles, 0, traffic.alike));
  }
  move.in = dram_cycles(machine_, cores, 0, traffic.in / tiles, 1);
  move.out = dram_cycles(machine_, cores, 0, total.out / tiles, 1);
  const double near = traffic.stay.total + traffic.streamed;
  cost.memory = dram_cycles(machine_, cores, near, traffic.in + total.out, traffic.alike);
  cost.dram_bits = near + traffic.in + total.out;
  if (plan.halo == Halo::exchanged && machine_.exchange) {
    cost.exchange = total.largest_exchange / *machine_.exchange +
                    static_cast<double>(block_.inside.size()) * (cost.dispatch - machine_.launch);
  }
  traffic.first_piece = move.weights[0] / total.pieces[0];
  const std::size_t next = total.pieces[0] > 1 ? 0 : 1;  // the operator whose piece is the second
  if (next < block_.operators.size()) {
    traffic.second_piece = move.weights[next] / total.pieces[next];
  }
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
    // The second piece shares the channels with the first one: what it takes is not hidden, but is
    // then there while the first one computes.
    const auto tiles = static_cast<double>(tiles_of(plan));
    const double fill = dram_cycles(machine_, cores_used(plan), moved.stay.total, moved.in / tiles,
                                    moved.alike) +
                        moved.first_piece + std::min(moved.second_piece, slowest.first_piece);
    cost.cycles = cost.dispatch + fill + slowest.cycles + moved.move.out + cost.exchange;
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
  const std::int64_t cores = cores_used(plan);
  const Sums total = sums(plan, false);
  const double alike = machine_.multicast ? static_cast<double>(cores / plan.cores[kChannels]) : 1;
  const double in = machine_.multicast ? total.in_distinct : total.in;
  const double weights = std::accumulate(total.weights.begin(), total.weights.end(), 0.0);
  Transfers move;
  move.weights.assign(block_.operators.size(), 0);
  const double compute = slowest_core(plan, total, move).compute;
  return dispatch(machine_, cores) +
         std::max(compute, dram_cycles(machine_, cores, weights, in + total.out, alike));
}

}  // namespace tileloom::cost

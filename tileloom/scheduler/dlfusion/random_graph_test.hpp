#pragma once
// Small machines and networks on which everything can be enumerated.

#include <fmt/format.h>

#include <algorithm>

#include "tileloom/scheduler/dlfusion/block_times.hpp"
#include "tileloom/support/random.hpp"
#include "tileloom/workload/make.hpp"

namespace tileloom::scheduler {

inline cost::MulticoreMachine small_machine(std::int64_t cores) {
  cost::MulticoreMachine m;
  m.cores = cores;
  m.channel_bandwidth = 64;
  m.port = kNever;
  m.overlap = true;
  m.activation_bits = m.weight_bits = std::int64_t{8} * 64 * 1024;
  m.lanes = {{8, 8, 1}};
  m.launch = 400;
  m.sync = 100;
  return m;
}

/// Convolutions of random size in a random graph, each reading one of the last two tensors; channels
/// and sizes are multiples of `step`.
inline Workload random_graph(Random& random, int layers, std::int64_t step = 8) {
  Workload net;
  const auto tensor = [&](std::vector<std::int64_t> shape, TensorKind kind) {
    return net.tensors.push_back(
        {fmt::format("t{}", net.tensors.size()), std::move(shape), 8, kind});
  };
  const std::int64_t channels = step * random.between(1, 4);
  const std::int64_t size = step * random.between(1, 3);
  std::vector<TensorId> made = {tensor({1, channels, size, size}, TensorKind::input)};
  for (int i = 0; i < layers; ++i) {
    const TensorId from =
        made[made.size() - 1 - random.below(std::min<std::size_t>(2, made.size()))];
    const std::int64_t stride = random.below(4) == 0 ? 2 : 1;
    const std::int64_t rows = net.tensors[from].shape[2];
    const std::int64_t filter = std::min(random.between(1, 3), rows);
    const std::int64_t pad = filter == 3 ? 1 : 0;
    const std::int64_t output = (rows + 2 * pad - filter) / stride + 1;
    const ConvAxis axis{.output = output,
                        .filter = filter,
                        .stride = stride,
                        .pad_before = pad,
                        .input = rows,
                        .pad_after = pad};
    const TensorId weight = tensor({channels, channels, filter, filter}, TensorKind::constant);
    const TensorId to = tensor({1, channels, output, output}, TensorKind::intermediate);
    net.operators.push_back(
        make_conv(fmt::format("c{}", i),
                  {.in_channels = channels, .out_channels = channels, .axes = {axis, axis}}, {},
                  from, weight, to));
    made.push_back(to);
  }
  net.tensors[made.back()].kind = TensorKind::output;
  return net;
}

/// Calls `visit` with every block that may come next, any set whose needs are done before it or in
/// it, and with what is done after it.
template <class Visit>
void for_each_next_block(const UnitGraph& units, const UnitSet& done, const Visit& visit) {
  std::vector<UnitId> open;
  for (const UnitId id : ids<UnitId>(units.size())) {
    if (!contains(done, id)) open.push_back(id);
  }
  for (std::uint64_t choice = 1; choice < (std::uint64_t{1} << open.size()); ++choice) {
    UnitSet after = done;
    std::vector<UnitId> block;
    for (std::size_t i = 0; i < open.size(); ++i) {
      if ((choice >> i & 1) == 0) continue;
      insert(after, open[i]);
      block.push_back(open[i]);
    }
    const bool legal = std::ranges::all_of(block, [&](UnitId id) {
      return std::ranges::all_of(units[id].before, [&](UnitId b) { return contains(after, b); });
    });
    if (legal) visit(after, block);
  }
}

inline bool is_connected_graph(const UnitGraph& units) {
  return std::ranges::all_of(units, [&](const Unit& unit) {
    return units.size() == 1 || !unit.before.empty() || !unit.after.empty();
  });
}

}  // namespace tileloom::scheduler

#pragma once
// Random machines with several cores, and what to run on them.

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "tileloom/cost/block_plan.hpp"
#include "tileloom/cost/multicore_machine.hpp"
#include "tileloom/support/random.hpp"
#include "tileloom/workload/make.hpp"

namespace tileloom {

/// Draws machines, blocks of convolutions with a branch now and then, and plans for them.
class Draft {
 public:
  explicit Draft(std::uint64_t seed) : random_(seed) {}

  cost::MulticoreMachine machine() {
    cost::MulticoreMachine m;
    m.cores = std::int64_t{1} << random_.between(0, 5);
    m.channels = std::min<std::int64_t>(m.cores, std::int64_t{1} << random_.between(0, 2));
    m.channel_bandwidth =
        static_cast<double>(random_.between(64, 2048)) / static_cast<double>(m.channels);
    m.remote = chance(2) ? 1 : 0.5 + 0.5 * random_.unit();
    m.port = chance(2) ? std::numeric_limits<double>::infinity()
                       : static_cast<double>(random_.between(64, 512));
    m.multicast = chance(3);
    m.overlap = !chance(4);
    m.activation_bits = m.weight_bits = std::int64_t{8} * 1024 * random_.between(256, 2048);
    const std::int64_t lanes = std::int64_t{1} << random_.between(3, 5);
    m.lanes = {{lanes, lanes, 1}};
    m.launch = static_cast<double>(random_.between(500, 5000));
    m.sync = static_cast<double>(random_.between(100, 1000));
    m.sync_core = static_cast<double>(random_.between(0, 50));
    return m;
  }

  Workload network() {
    Workload net;
    std::int64_t size = random_.between(14, 112);
    std::int64_t channels = random_.between(3, 128);
    TensorId last = tensor(net, {1, channels, size, size}, TensorKind::input);
    const std::int64_t layers = random_.between(1, 6);
    for (std::int64_t i = 0; i < layers; ++i) {
      const std::int64_t filter = 1 + 2 * random_.between(0, 2);
      const std::int64_t stride = size >= 14 && chance(4) ? 2 : 1;
      const std::int64_t out = (size - 1) / stride + 1;
      const std::int64_t kernels = random_.between(8, 128);
      const ConvAxis axis{.output = out,
                          .filter = filter,
                          .stride = stride,
                          .pad_before = filter / 2,
                          .input = size};
      const TensorId weight =
          tensor(net, {kernels, channels, filter, filter}, TensorKind::constant);
      const TensorId made = tensor(net, {1, kernels, out, out}, TensorKind::intermediate);
      net.operators.push_back(
          make_conv(fmt::format("c{}", i),
                    {.in_channels = channels, .out_channels = kernels, .axes = {axis, axis}}, {},
                    last, weight, made));
      last = made;
      size = out;
      channels = kernels;
    }
    net.tensors[last].kind = TensorKind::output;
    return net;
  }

  cost::BlockPlan plan(const cost::MulticoreMachine& machine, std::int64_t size, bool fused) {
    cost::BlockPlan plan;
    std::int64_t cores = std::int64_t{1} << random_.between(0, 5);
    cores = std::min(cores, machine.cores);
    const std::int64_t mode = random_.between(0, fused ? 1 : 2);
    if (mode == 0) plan.cores = {1, 1, std::min(cores, size), 1};
    if (mode == 1)
      plan.cores = {1, 1, std::max<std::int64_t>(1, cores / 4), std::min<std::int64_t>(cores, 4)};
    if (mode == 2) plan.cores = {1, cores, 1, 1};
    plan.tiles[2] = std::max<std::int64_t>(
        1, std::min(std::int64_t{1} << random_.between(0, 4), size / plan.cores[2]));
    plan.resident_weights = chance(2);
    return plan;
  }

 private:
  bool chance(std::uint64_t of) { return random_.below(of) == 0; }
  TensorId tensor(Workload& net, const std::vector<std::int64_t>& shape, TensorKind kind) {
    return net.tensors.push_back({fmt::format("t{}", net.tensors.size()), shape, 8, kind});
  }
  Random random_;
};

}  // namespace tileloom

#include "tileloom/cost/channel_load.hpp"

#include <algorithm>
#include <set>
#include <vector>

namespace tileloom::cost {
namespace {

constexpr ApartAlong kAllApart = {true, true, true, true};

/// Cores channel, channel + G, … are near.
double cores_near(const MulticoreMachine& machine, std::int64_t cores, std::int64_t channel) {
  return static_cast<double>(channel < cores ? (cores - channel - 1) / machine.channels + 1 : 0);
}

}  // namespace

ChannelLoad& ChannelLoad::operator+=(const ChannelLoad& more) {
  first += more.first;
  last += more.last;
  mean += more.mean;
  port += more.port;
  return *this;
}
ChannelLoad operator+(ChannelLoad a, const ChannelLoad& b) { return a += b; }
ChannelLoad operator*(double times, const ChannelLoad& load) {
  return {times * load.first, times * load.last, times * load.mean, times * load.port};
}
double longest(const ChannelLoad& load) { return std::max({load.first, load.last, load.port}); }

ChannelLoads::ChannelLoads(const MulticoreMachine& machine, const PerSplit<std::int64_t>& layout)
    : machine_(machine), layout_(layout), cores_(product(layout)) {}

ChannelLoads::Needs ChannelLoads::needs(const ApartAlong& apart) {
  if (!machine_.multicast || apart == kAllApart) {
    return {cores_near(machine_, cores_, 0), cores_near(machine_, cores_, machine_.channels - 1),
            static_cast<double>(cores_) / static_cast<double>(machine_.channels)};
  }
  const auto [known, is_new] = needs_.try_emplace(apart);
  if (!is_new) return known->second;
  std::vector<std::set<std::int64_t>> different(static_cast<std::size_t>(machine_.channels));
  for (std::int64_t core = 0; core < cores_; ++core) {
    std::int64_t need = 0;
    std::int64_t rest = core;
    std::int64_t step = 1;
    for (std::size_t a = kSplitAxes; a-- > 0;) {
      if (apart[a]) need += step * (rest % layout_[a]);
      rest /= layout_[a];
      step *= layout_[a];
    }
    different[static_cast<std::size_t>(core % machine_.channels)].insert(need);
  }
  Needs& found = known->second;
  for (const std::set<std::int64_t>& needs : different) {
    found.last = static_cast<double>(needs.size());
    found.most = std::max(found.most, found.last);
    found.mean += found.last / static_cast<double>(machine_.channels);
  }
  return found;
}

/// (M5) near: g = bits/n · needs_g/B, port = bits/(n · port)
ChannelLoad ChannelLoads::near(double bits, const ApartAlong& apart) {
  const double each = bits / static_cast<double>(cores_);
  const double cycles = each / machine_.channel_bandwidth;
  const Needs different = needs(apart);
  return {cycles * different.most, cycles * different.last, cycles * different.mean,
          each / machine_.port};
}

double ChannelLoads::sharing(const ApartAlong& apart) const {
  if (!machine_.multicast) return 1;
  double cores = 1;
  for (std::size_t a = 0; a < kSplitAxes; ++a) {
    if (!apart[a]) cores *= static_cast<double>(layout_[a]);
  }
  return cores;
}

/// (M5) far: g = bits/G · (n_g + (n − n_g)/ρ)/n / B
ChannelLoad ChannelLoads::far(double bits) const {
  const auto n = static_cast<double>(cores_);
  const double each = bits / static_cast<double>(machine_.channels) / machine_.channel_bandwidth;
  const auto load = [&](std::int64_t channel) {
    const double close = cores_near(machine_, cores_, channel);
    return each * (close + (n - close) / machine_.remote) / n;
  };
  const double near = 1 / static_cast<double>(machine_.channels);
  return {load(0), load(machine_.channels - 1), each * (near + (1 - near) / machine_.remote),
          bits / n / machine_.port};
}

/// One read for `sharing` cores; at 1/ρ from every channel unless all of them are near the same.
ChannelLoad ChannelLoads::far(double bits, const ApartAlong& apart) const {
  ChannelLoad load = far(bits);
  const double served = sharing(apart);
  if (served == 1) return load;
  bool spread = false;
  std::int64_t step = 1;
  for (std::size_t a = kSplitAxes; a-- > 0;) {
    if (!apart[a] && layout_[a] > 1) spread |= step % machine_.channels != 0;
    step *= layout_[a];
  }
  if (spread) {
    load.first = load.last = load.mean = bits / static_cast<double>(machine_.channels) /
                                         machine_.channel_bandwidth / machine_.remote;
  }
  load.first /= served;
  load.last /= served;
  load.mean /= served;
  return load;
}

/// (M5) t = max( max_g (near_g + far/G · (n_g + (n − n_g)/ρ)/n) / B, (near + far)/(n · port) )
double dram_cycles(const MulticoreMachine& machine, std::int64_t cores, double near, double far,
                   double near_sharing) {
  const auto n = static_cast<double>(cores);
  const auto channels = static_cast<double>(machine.channels);
  double most = (near + far) / n / machine.port;
  for (const std::int64_t channel : {std::int64_t{0}, machine.channels - 1}) {
    const double close = cores_near(machine, cores, channel);
    const double distinct = close / std::min(std::max(close, 1.0), near_sharing);
    const double load =
        near / n * distinct + far / channels * (close + (n - close) / machine.remote) / n;
    most = std::max(most, load / machine.channel_bandwidth);
  }
  return most;
}

}  // namespace tileloom::cost

#include "tileloom/scheduler/defines/copy.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace tileloom::scheduler::defines {
namespace {

using cost::defines2022::Link;
using cost::defines2022::Port;

/// One end of a hop: the operand's level there, and the link it goes over.
struct End {
  Place place;
  Link link{};
};
struct Step {
  End read, write;
};

Step up(MemoryOperand operand, int level) {
  return {{{operand, level}, Link::to_high}, {{operand, level + 1}, Link::from_low}};
}
Step down(MemoryOperand operand, int level) {
  return {{{operand, level}, Link::to_low}, {{operand, level - 1}, Link::from_high}};
}

/// Where the path turns: the first memory from the source upwards that also serves the destination
/// operand at or above its level. Returns its level of both operands.
std::pair<int, int> meeting(const Machine& machine, const Hierarchy& hierarchy, Place from,
                            Place to) {
  const std::vector<MemoryIndex>& levels = hierarchy.memories[from.operand];
  for (std::size_t level = static_cast<std::size_t>(from.level); level < levels.size(); ++level) {
    const std::optional<int> there = machine.memories[levels[level]].level[to.operand];
    if (there && *there >= to.level) return {static_cast<int>(level), *there};
  }
  return {hierarchy.top_level(from.operand), hierarchy.top_level(to.operand)};
}

std::vector<Step> path(const Machine& machine, const Hierarchy& hierarchy, Place from, Place to) {
  std::vector<Step> steps;
  auto [turn, below] = from.operand == to.operand
                           ? std::pair{std::max(from.level, to.level), from.level}
                           : meeting(machine, hierarchy, from, to);
  if (from.operand == to.operand) below = turn;
  for (int level = from.level; level < turn; ++level) steps.push_back(up(from.operand, level));
  for (int level = below; level > to.level; --level) steps.push_back(down(to.operand, level));
  return steps;
}

MemoryIndex memory_at(const Hierarchy& hierarchy, Place place) {
  return hierarchy.memories[place.operand][static_cast<std::size_t>(place.level)];
}

/// A number for the port behind one end; an end that no port serves has one of its own.
std::int64_t port_of(const Machine& machine, const Hierarchy& hierarchy, const End& end) {
  const MemoryIndex index = memory_at(hierarchy, end.place);
  constexpr std::int64_t kPorts = 1000;
  const std::int64_t base = static_cast<std::int64_t>(index) * kPorts;
  const std::vector<Port>& ports = machine.memories[index].ports;
  for (std::size_t i = 0; i < ports.size(); ++i)
    for (const auto& served : ports[i].serves)
      if (served.operand == end.place.operand && served.level == end.place.level &&
          served.link == end.link)
        return base + static_cast<std::int64_t>(i);
  const bool reads = end.link == Link::to_low || end.link == Link::to_high;
  return base + (reads ? kPorts - 2 : kPorts - 1);
}

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

/// ceil(bits/g)·(g/bw)·E
Picojoules transfer_energy(Bits bits, Bits least, Bits width, Picojoules per_word) {
  return {static_cast<double>(ceil_div(bits.value, least.value)) *
          (static_cast<double>(least.value) / static_cast<double>(width.value)) * per_word.value};
}

/// When each port is busy.
struct Interval {
  std::int64_t begin = 0, end = 0;
};
using Busy = std::map<std::int64_t, std::vector<Interval>>;

void occupy(Busy& busy, const CopyAction& action) {
  std::int64_t clock = 0;
  for (const Hop& hop : action.hops) {
    const Interval interval{clock, clock + hop.cycles.value};
    busy[hop.read_port].push_back(interval);
    busy[hop.write_port].push_back(interval);
    clock = interval.end;
  }
}

/// The end of one interval, else max(latest end, earliest start + Σ lengths).
std::int64_t finish(const std::vector<Interval>& intervals) {
  std::int64_t latest = 0, earliest = intervals.front().begin, sum = 0;
  for (const Interval& interval : intervals) {
    latest = std::max(latest, interval.end);
    earliest = std::min(earliest, interval.begin);
    sum += interval.end - interval.begin;
  }
  return intervals.size() == 1 ? latest : std::max(latest, earliest + sum);
}

}  // namespace

std::string_view name(CopyKind kind) {
  switch (kind) {
    case CopyKind::stack_input: return "stack_input_to_input";
    case CopyKind::output_to_input: return "output_to_input";
    case CopyKind::h_cache_to_input: return "h_cache_to_input";
    case CopyKind::v_cache_to_input: return "v_cache_to_input";
    case CopyKind::output_to_v_cache: return "output_to_v_cache";
    case CopyKind::output_to_h_cache: return "output_to_h_cache";
  }
  return {};
}

CopyAction cost_of(const Machine& machine, const Hierarchy& hierarchy, const Copy& copy) {
  CopyAction action;
  action.copy = copy;
  const MemoryIndex source = memory_at(hierarchy, copy.from);
  const MemoryIndex destination = memory_at(hierarchy, copy.to);
  action.chain.push_back(source);
  if (source == destination) {
    action.chain.push_back(destination);
    return action;
  }
  for (const Step& step : path(machine, hierarchy, copy.from, copy.to)) {
    Hop hop;
    hop.from = memory_at(hierarchy, step.read.place);
    hop.to = memory_at(hierarchy, step.write.place);
    const Memory& read = machine.memories[hop.from];
    const Memory& write = machine.memories[hop.to];
    hop.read_port = port_of(machine, hierarchy, step.read);
    hop.write_port = port_of(machine, hierarchy, step.write);
    hop.cycles = {std::max(ceil_div(copy.bits.value, read.read_width.value),
                           ceil_div(copy.bits.value, write.write_width.value))};
    hop.read_energy = transfer_energy(copy.bits, read.least_read, read.read_width,
                                      read.read_energy);
    hop.write_energy = transfer_energy(copy.bits, write.least_write, write.write_width,
                                       write.write_energy);
    action.energy += hop.read_energy;
    action.energy += hop.write_energy;
    action.hops.push_back(hop);
    action.chain.push_back(hop.to);
    if (hop.to == destination) break;
  }
  return action;
}

CopyLayer run_together(const Machine& machine, const Hierarchy& hierarchy,
                       const std::vector<Copy>& copies) {
  CopyLayer layer;
  Busy busy;
  for (const Copy& copy : copies) {
    layer.actions.push_back(cost_of(machine, hierarchy, copy));
    layer.energy += layer.actions.back().energy;
    occupy(busy, layer.actions.back());
  }
  for (const auto& [port, intervals] : busy)
    layer.latency = std::max(layer.latency, Cycles{finish(intervals)});
  return layer;
}

}  // namespace tileloom::scheduler::defines

#include "tileloom/cli/fusion_subject.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tileloom/cli/search_options.hpp"
#include "tileloom/driver/precision.hpp"
#include "tileloom/io/onnx/import.hpp"
#include "tileloom/io/yaml/find_architecture.hpp"
#include "tileloom/io/zigzag/read_machine.hpp"
#include "tileloom/io/zigzag/read_network.hpp"
#include "tileloom/scheduler/defines/common_machine.hpp"
#include "tileloom/scheduler/defines/common_network.hpp"

namespace tileloom::cli {
namespace {

using namespace scheduler::defines;
using cost::defines2022::LayerIndex;
using cost::defines2022::Machine;
using cost::defines2022::Network;

bool ends_with(const std::string& text, std::initializer_list<std::string_view> endings) {
  return std::ranges::any_of(endings, [&](std::string_view one) { return text.ends_with(one); });
}

/// A machine with the lanes that loops may be unrolled over.
struct GivenMachine {
  Machine machine;
  Lanes lanes;
  std::optional<Architecture> common;
};

Result<GivenMachine> read_machine(const std::string& name_or_path, bool common) {
  if (common) {
    Result<Architecture> arch = load_architecture(name_or_path);
    if (!arch) return tl::unexpected(arch.error());
    Result<Machine> machine = machine_of(*arch);
    if (!machine) return tl::unexpected(machine.error());
    return GivenMachine{*std::move(machine), arch->axes, *arch};
  }
  Result<Machine> machine = io::zigzag::load_machine(name_or_path);
  if (!machine) return tl::unexpected(machine.error());
  GivenMachine given{*std::move(machine), {}, std::nullopt};
  for (const auto& dim : given.machine.pe_dims)
    given.lanes.push_back({.name = dim.name, .size = dim.size});
  return given;
}

/// Networks of ZigZag say how they are unrolled on its machines only.
void add_unrolling(Network& network, const GivenMachine& given) {
  if (!cost::defines2022::spatial_mapping_family(network, given.machine.name).empty()) return;
  if (!given.common) return;
  auto& unrolled = network.spatial_mappings[given.machine.name];
  unrolled = PerId<LayerIndex, cost::defines2022::SpatialMapping>(network.layers.size());
  for (const LayerIndex layer : ids<LayerIndex>(network.layers.size()))
    if (!network.layers[layer].is_input)
      unrolled[layer] = unrolling_of(network.layers[layer], given.machine, given.lanes);
}

/// Machines of ZigZag work on 8-bit elements and 16-bit partial sums.
Architecture eight_bits() {
  Architecture arch;
  arch.compute.precision = std::array<std::int64_t, kRoles>{8, 8, 8};
  arch.compute.accumulator_bits = 16;
  return arch;
}

std::int64_t macs_of(const Workload& workload, const Segment& segment) {
  std::int64_t sum = 0;
  for (const OperatorId op : segment.operators) sum += macs(workload.operators[op]);
  return sum;
}

std::string words_of(const Workload& workload, const Segment& segment) {
  const auto& operators = workload.operators;
  if (segment.operators.size() == 1)
    return fmt::format("'{}'", operators[segment.operators[0]].name);
  return fmt::format("'{}' to '{}'", operators[segment.operators.front()].name,
                     operators[segment.operators.back()].name);
}

Result<FusionSubject> part_of(const Workload& workload, const GivenMachine& given,
                              std::size_t part) {
  CommonNetwork common = networks_of(workload, given.machine, given.lanes);
  if (common.segments.empty())
    return mistake({}, fmt::format("no operator of '{}' is a layer of DeFiNES; the first, {}: {}",
                                   workload.name, workload.operators[common.unfit[0].op].name,
                                   common.unfit[0].why),
                   "convolutions, poolings, products with constants and sums of two maps are");
  if (part > common.segments.size())
    return mistake({}, fmt::format("'{}' has {} parts that DeFiNES can tile, not {}",
                                   workload.name, common.segments.size(), part),
                   "leave --part out for the one with the most multiply-accumulates");
  if (part == 0) {
    const auto most = std::ranges::max_element(
        common.segments, {}, [&](const Segment& s) { return macs_of(workload, s); });
    part = static_cast<std::size_t>(most - common.segments.begin()) + 1;
  }
  const Segment& chosen = common.segments[part - 1];
  const double all = static_cast<double>(std::max<std::int64_t>(1, macs(workload)));
  FusionSubject subject{chosen.network, given.machine, {}};
  subject.notes.push_back(fmt::format(
      "part {} of {}: {}, {} of {} operators, {:.1f} % of the multiply-accumulates; layers are "
      "numbered as the model's operators",
      part, common.segments.size(), words_of(workload, chosen), chosen.operators.size(),
      workload.operators.size(),
      100 * static_cast<double>(macs_of(workload, chosen)) / all));
  if (!common.unfit.empty())
    subject.notes.push_back(fmt::format("{} operators are no layers of DeFiNES; the first, {}: {}",
                                        common.unfit.size(),
                                        workload.operators[common.unfit[0].op].name,
                                        common.unfit[0].why));
  return subject;
}

}  // namespace

Result<FusionSubject> read_fusion_subject(const FusionSubjectOptions& options) {
  const bool onnx = ends_with(options.network, {".onnx"});
  const bool zigzag_machine = ends_with(options.machine, {".json"}) || options.machine.find('#') != std::string::npos;
  const bool common =
      ends_with(options.machine, {".yaml", ".yml"}) || (onnx && !zigzag_machine);
  Diagnostics mistakes;
  const auto keep = [&](const Diagnostics& more) {
    mistakes.insert(mistakes.end(), more.begin(), more.end());
  };
  Result<Network> network;
  Result<Workload> workload;
  if (onnx) {
    const auto bindings = parse_bindings(options.bind);
    workload = bindings ? import_onnx(options.network, {.bind = *bindings})
                        : Result<Workload>(tl::unexpected(bindings.error()));
    if (!workload) keep(workload.error());
  } else {
    network = io::zigzag::load_network(options.network);
    if (!network) keep(network.error());
  }
  const Result<GivenMachine> machine = read_machine(options.machine, common);
  if (!machine) keep(machine.error());
  if (!mistakes.empty()) return tl::unexpected(mistakes);
  if (!onnx) {
    add_unrolling(*network, *machine);
    return FusionSubject{*std::move(network), machine->machine, {}};
  }
  workload = driver::apply_precision(*std::move(workload),
                                     machine->common ? *machine->common : eight_bits());
  return part_of(*workload, *machine, options.part);
}

}  // namespace tileloom::cli

#include "tileloom/report/schedule/explain.hpp"

#include <fmt/format.h>

#include "tileloom/cost/energy.hpp"
#include "tileloom/cost/latency.hpp"
#include "tileloom/cost/occupancy.hpp"
#include "tileloom/report/format.hpp"
#include "tileloom/report/schedule/access_factors.hpp"

namespace tileloom::report {
namespace {

/// Everything an explanation looks at.
struct Subject {
  const Workload& workload;
  const Architecture& arch;
  OperatorId id{};
  std::span<const PathNode> path;
  cost::Evaluation evaluation;
  std::vector<cost::StoreWidth> widths;
  std::vector<std::vector<AccessFactors>> factors;  ///< by Store
  std::size_t width = 0;

  const Operator& op() const { return workload.operators[id]; }
};

std::string loop_text(const Subject& subject, const Loop& loop) {
  const std::string& rank = subject.op().rank(loop.rank).name;
  return loop.axis ? fmt::format("spatial {} in {} on {}", rank, loop.tile,
                                 subject.arch.axes[*loop.axis].name)
                   : fmt::format("for {} in {}", rank, loop.tile);
}

/// The quotient in as few digits as say it exactly enough: "4", "3.734".
std::string quotient(std::int64_t a, std::int64_t b) {
  if (a % b == 0) return format_exact(a / b);
  return fmt::format("{:.4g}", static_cast<double>(a) / static_cast<double>(b));
}

/// A line with its text wrapped under itself.
std::string hanging(const Subject& subject, const std::string& begin, const std::string& text) {
  const std::size_t room = subject.width == 0 ? 0 : std::max<std::size_t>(subject.width, 60);
  std::string result;
  for (const std::string& line : wrap(text, room == 0 ? 0 : room - begin.size())) {
    result += (result.empty() ? begin : std::string(begin.size(), ' ')) + line + "\n";
  }
  return result;
}

std::string count_text(const Subject& subject, const AccessFactors& factors) {
  std::string text = fmt::format("  {} {}\n", format_exact(factors.total), factors.count);
  for (const LoopFactor& factor : factors.loops) {
    const Loop& loop = std::get<Loop>(subject.path[factor.position]);
    const std::string number = factor.inside == 0 ? "= " + format_exact(factor.outside)
                                                  : "x " + quotient(factor.outside, factor.inside);
    text += hanging(
        subject, fmt::format("    {:>12}  ", number),
        fmt::format("{} ({} trips): {}", loop_text(subject, loop), factor.trips, factor.reason));
  }
  const bool own = factors.count == "fills" || factors.count == "drains";
  const char* what = own                     ? "elements of one tile"
                     : factors.loops.empty() ? "elements, each once"
                                             : "elements inside all of these";
  if (factors.innermost > 1 || (factors.innermost == 1 && factors.loops.empty())) {
    text += fmt::format("    {:>12}  {}\n", "x " + format_exact(factors.innermost), what);
  }
  return text;
}

/// (E1) bits / bits per access · energy per access, and where that energy comes from.
std::string access_energy(const Subject& subject, const Memory& memory, const char* what,
                          double bits, const Energy& each, Picojoules sum) {
  if (bits <= 0) return {};
  const std::int64_t access = memory.word.value * memory.block;
  return hanging(subject, fmt::format("    {:>12}  ", format_energy(sum)),
                 fmt::format("{}: {} bits / {} per access x {:.6g} pJ; source: {}", what,
                             format_count(bits), access, each.value.value,
                             each.source.empty() ? "not given" : printable(each.source)));
}

std::string network_energy(const Subject& subject, std::size_t s) {
  const cost::StoreCounts& store = subject.evaluation.counts.stores[s];
  const Picojoules sum = subject.evaluation.store_energy[s].network;
  if (sum.value <= 0) return {};
  std::optional<MemoryId> inner;
  for (std::size_t c = s + 1; c < subject.evaluation.counts.stores.size() && !inner; ++c) {
    const Store& child = subject.evaluation.counts.stores[c].store;
    if (child.tensor == store.store.tensor) inner = child.memory;
  }
  std::string sources;
  for (const AxisId axis : ids<AxisId>(subject.arch.axes.size())) {
    const Energy& hop = subject.arch.axes[axis].hop;
    const bool crossed = !replicated(subject.arch, store.store.memory, axis) &&
                         (!inner || replicated(subject.arch, *inner, axis));
    if (!crossed || hop.value.value <= 0) continue;
    sources += fmt::format("{}{} {:.6g} pJ per bit: {}", sources.empty() ? "" : "; ",
                           printable(subject.arch.axes[axis].name), hop.value.value,
                           hop.source.empty() ? "not given" : printable(hop.source));
  }
  return hanging(
      subject, fmt::format("    {:>12}  ", format_energy(sum)),
      fmt::format("network: {} elements delivered x {} bits x {:.6g} pJ; source: {}",
                  format_count(static_cast<double>(store.deliveries)), subject.widths[s].below,
                  cost::hop_energy(subject.arch, store.store.memory, inner).value, sources));
}

std::string store_text(const Subject& subject, std::size_t s) {
  const cost::StoreCounts& store = subject.evaluation.counts.stores[s];
  const cost::StoreEnergy& energy = subject.evaluation.store_energy[s];
  const Memory& memory = subject.arch.memories[store.store.memory];
  std::string text =
      fmt::format("\n{} in {} ({}): tile of {} elements, {} {}\n",
                  printable(subject.workload.tensors[store.store.tensor].name),
                  printable(memory.name), to_string(store.role), format_exact(store.tile),
                  format_exact(store.instances), store.instances == 1 ? "instance" : "instances");
  for (const AccessFactors& factors : subject.factors[s]) {
    text += count_text(subject, factors);
  }
  const cost::StoreBits bits = cost::store_traffic_bits(store, subject.widths[s]);
  text += fmt::format("  {}\n", format_energy(energy.total()));
  text += access_energy(subject, memory, "reads", bits.read, memory.read, energy.reads);
  text += access_energy(subject, memory, "writes", bits.written, memory.write, energy.writes);
  text += network_energy(subject, s);
  return text;
}

std::string compute_text(const Subject& subject) {
  const bool multiplies = macs(subject.op()) > 0;
  const Energy& each = multiplies ? subject.arch.compute.mac : subject.arch.compute.other;
  const cost::Evaluation& evaluation = subject.evaluation;
  std::string text = fmt::format(
      "\n{} ({}): {} points in {} steps of {} lanes\n", printable(subject.arch.compute.name),
      subject.op().kind, format_exact(evaluation.counts.points),
      format_exact(evaluation.counts.steps), format_exact(evaluation.counts.lanes));
  text +=
      hanging(subject, fmt::format("  {}  ", format_energy(evaluation.compute_energy)),
              fmt::format("{} {} x {:.6g} pJ; source: {}", format_exact(evaluation.counts.points),
                          multiplies ? "multiply-accumulates" : "operations", each.value.value,
                          each.source.empty() ? "not given" : printable(each.source)));
  return text;
}

}  // namespace

std::string explain(const Workload& workload, const Architecture& arch, OperatorId op,
                    std::span<const PathNode> path, const ExplainOptions& options) {
  const Operator& which = workload.operators[op];
  const Subject subject{workload,
                        arch,
                        op,
                        path,
                        cost::evaluate(which, arch, path, options.latency_model),
                        cost::store_widths(which, path),
                        access_factors(workload, op, arch, path),
                        options.width};
  std::string text =
      fmt::format("{} ({}) on {}: {} cycles, {}\n", printable(which.name), printable(which.kind),
                  printable(arch.name), format_exact(subject.evaluation.latency.total.value),
                  format_energy(subject.evaluation.energy));
  for (std::size_t s = 0; s < subject.evaluation.counts.stores.size(); ++s) {
    const Store& store = subject.evaluation.counts.stores[s].store;
    const bool wanted =
        (!options.tensor || *options.tensor == workload.tensors[store.tensor].name) &&
        (!options.memory || *options.memory == arch.memories[store.memory].name);
    if (wanted) text += store_text(subject, s);
  }
  if (!options.tensor && (!options.memory || *options.memory == arch.compute.name)) {
    text += compute_text(subject);
  }
  return text;
}

}  // namespace tileloom::report

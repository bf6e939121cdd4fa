#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <set>

#include "tileloom/arch/flaw.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom {
namespace {

/// Names occur in the text form of loop trees.
bool is_name(const std::string& name) {
  const auto letter = [](char c) {
    return std::isalpha(static_cast<unsigned char>(c)) || c == '_';
  };
  const auto inner = [&](char c) {
    return letter(c) || std::isdigit(static_cast<unsigned char>(c)) || c == '-' || c == '.';
  };
  return !name.empty() && letter(name.front()) && std::ranges::all_of(name, inner);
}

bool is_amount(double value) { return std::isfinite(value) && value >= 0; }
bool is_positive(double value) { return std::isfinite(value) && value > 0; }

/// Collects flaws of one architecture; one function per rule of `check`.
class Inspection {
 public:
  explicit Inspection(const Architecture& arch) : arch_(arch) {}

  std::vector<Flaw> run() {
    if (arch_.memories.empty()) add("the machine has no memory", "add at least one 'memory'");
    if (!is_positive(arch_.clock_hz)) add("the clock is not positive", "write such as '1 GHz'");
    for (const MemoryId id : ids<MemoryId>(arch_.memories.size())) check_memory(id);
    for (const AxisId id : ids<AxisId>(arch_.axes.size())) check_axis(id);
    check_compute();
    if (!found_.empty()) return std::move(found_);
    check_instances();
    check_links();
    check_roles();
    for (const MemoryId id : ids<MemoryId>(arch_.memories.size())) check_nesting(id);
    return std::move(found_);
  }

 private:
  void add(std::string what, std::string hint, std::optional<MemoryId> memory = {},
           std::optional<AxisId> axis = {}) {
    found_.push_back({std::move(what), std::move(hint), memory, axis});
  }

  void check_memory(MemoryId id) {
    const Memory& memory = arch_.memories[id];
    const std::string& name = memory.name;
    if (!is_name(name)) {
      add(fmt::format("'{}' is no name for a memory", name),
          "use letters, digits, '_', '-' and '.', a letter first", id);
    }
    if (!memory_names_.insert(name).second) {
      add(fmt::format("two memories have the name '{}'", name), "rename one", id);
    }
    if (memory.word.value <= 0 || memory.block <= 0) {
      add(fmt::format("memory '{}' has an access of no bits", name),
          "word and block must be positive", id);
    }
    if (memory.capacity && memory.capacity->value <= 0) {
      add(fmt::format("memory '{}' has size 0", name), "a memory without room should be left out",
          id);
    }
    for (const std::optional<double>& bandwidth :
         {memory.ports.read, memory.ports.write, memory.ports.shared}) {
      if (bandwidth && !is_positive(*bandwidth)) {
        add(fmt::format("memory '{}' has a bandwidth of {}", name, *bandwidth),
            "it must be positive; without one it is unlimited", id);
      }
    }
    if (!is_amount(memory.read.value.value) || !is_amount(memory.write.value.value)) {
      add(fmt::format("memory '{}' has a negative energy", name), "energies are 0 or more", id);
    }
    if (std::ranges::find(memory.holds, true) == memory.holds.end()) {
      add(fmt::format("memory '{}' may hold nothing", name),
          "name at least one of inputs, weights, outputs", id);
    }
    check_shared(id);
  }

  void check_shared(MemoryId id) {
    const Memory& memory = arch_.memories[id];
    std::set<AxisId> seen;
    for (const AxisId axis : memory.shared_along) {
      if (index(axis) >= arch_.axes.size()) {
        add(fmt::format("memory '{}' is shared along an axis that does not exist", memory.name),
            "name an axis of a fanout outside the memory", id);
      } else if (arch_.axes[axis].below > index(id)) {
        add(fmt::format("memory '{}' is shared along '{}', which lies inside it", memory.name,
                        arch_.axes[axis].name),
            "only axes outside a memory replicate it: leave this one out", id);
      } else if (!seen.insert(axis).second) {
        add(fmt::format("memory '{}' is shared along '{}' twice", memory.name,
                        arch_.axes[axis].name),
            "name each axis once", id);
      }
    }
  }

  void check_axis(AxisId id) {
    const SpatialAxis& axis = arch_.axes[id];
    if (!is_name(axis.name)) {
      add(fmt::format("'{}' is no name for an axis", axis.name),
          "use letters, digits, '_', '-' and '.', a letter first", {}, id);
    }
    if (!axis_names_.insert(axis.name).second) {
      add(fmt::format("two axes have the name '{}'", axis.name), "rename one", {}, id);
    }
    if (axis.size <= 0) {
      add(fmt::format("axis '{}' has size {}", axis.name, axis.size), "it must be at least 1", {},
          id);
    }
    const bool ordered =
        index(id) == 0 || axis.below >= arch_.axes[static_cast<AxisId>(index(id) - 1)].below;
    if (axis.below > arch_.memories.size() || !ordered) {
      add(fmt::format("axis '{}' stands out of order", axis.name), "order axes from outermost in",
          {}, id);
    }
    if (!is_amount(axis.hop.value.value)) {
      add(fmt::format("axis '{}' has a negative hop energy", axis.name), "energies are 0 or more",
          {}, id);
    }
  }

  void check_compute() {
    const Compute& compute = arch_.compute;
    if (!is_amount(compute.mac.value.value) || !is_amount(compute.other.value.value)) {
      add("the compute unit has a negative energy", "energies are 0 or more");
    }
    if (!is_positive(compute.cycles_per_operation)) {
      add("the compute unit takes no cycles per operation", "it must be positive");
    }
    const bool precise =
        !compute.precision ||
        std::ranges::all_of(*compute.precision, [](std::int64_t bits) { return bits > 0; });
    if (!precise || (compute.accumulator_bits && *compute.accumulator_bits <= 0)) {
      add("the compute unit has a precision of no bits", "precisions are at least 1 bit");
    }
    if (arch_.launch_cycles < 0 || arch_.sync_cycles < 0) {
      add("launch or sync takes negative cycles", "cycles are 0 or more");
    }
  }

  void check_links() {
    const CoreLinks& links = arch_.links;
    if (links.channels < 1 || links.channels > cores(arch_)) {
      add(fmt::format("{} channels for {} cores", links.channels, cores(arch_)),
          "every channel needs a core near it");
    }
    if (!(links.remote > 0 && links.remote <= 1)) {
      add(fmt::format("remote accesses reach {} of a channel's bandwidth", links.remote),
          "the share must be above 0 and at most 1");
    }
    for (const std::optional<double>& bandwidth : {links.port, links.exchange}) {
      if (bandwidth && !is_positive(*bandwidth)) {
        add("a core's port or exchange has no bandwidth", "it must be positive, or left out");
      }
    }
    if (links.sync_core_cycles < 0) {
      add("synchronising a core takes negative cycles", "cycles are 0 or more");
    }
  }

  void check_instances() {
    try {
      lanes(arch_);
    } catch (const OverflowError&) {
      add("the product of all axes does not fit into 64 bits", "use smaller fanouts");
    }
  }

  void check_roles() {
    constexpr std::array<const char*, kRoles> kPlural = {"inputs", "weights", "outputs"};
    for (std::size_t role = 0; role < kRoles; ++role) {
      const bool held = std::ranges::any_of(
          arch_.memories, [role](const Memory& memory) { return memory.holds[role]; });
      if (!held) {
        add(fmt::format("no memory holds {}", kPlural[role]),
            fmt::format("add {} to the 'holds' of a memory", kPlural[role]));
      }
    }
  }

  /// Inside each instance of an outer memory stand whole instances of the inner ones that hold the
  /// same role: what replicates the outer one replicates the inner one.
  void check_nesting(MemoryId outer) {
    for (const MemoryId inner : ids<MemoryId>(arch_.memories.size())) {
      if (index(inner) <= index(outer)) continue;
      const Memory& a = arch_.memories[outer];
      const Memory& b = arch_.memories[inner];
      bool common = false;
      for (std::size_t role = 0; role < kRoles; ++role) common |= a.holds[role] && b.holds[role];
      if (!common) continue;
      for (const AxisId axis : ids<AxisId>(arch_.axes.size())) {
        if (!replicated(arch_, outer, axis) || replicated(arch_, inner, axis)) continue;
        add(fmt::format("'{}' is shared along '{}' although '{}' outside it is not", b.name,
                        arch_.axes[axis].name, a.name),
            fmt::format("share '{}' along '{}' too, or neither", a.name, arch_.axes[axis].name),
            inner);
      }
    }
  }

  const Architecture& arch_;
  std::vector<Flaw> found_;
  std::set<std::string> memory_names_;
  std::set<std::string> axis_names_;
};

}  // namespace

std::vector<Flaw> flaws(const Architecture& arch) { return Inspection(arch).run(); }

Diagnostics check(const Architecture& arch, const Where& where) {
  Diagnostics diagnostics;
  for (Flaw& flaw : flaws(arch)) {
    diagnostics.push_back({where, std::move(flaw.what), std::move(flaw.hint)});
  }
  return diagnostics;
}

}  // namespace tileloom

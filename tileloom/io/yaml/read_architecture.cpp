#include "tileloom/io/yaml/read_architecture.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tileloom/arch/flaw.hpp"
#include "tileloom/io/yaml/machine.hpp"
#include "tileloom/io/yaml/quantity.hpp"
#include "tileloom/support/file.hpp"
#include "tileloom/support/nearest.hpp"

namespace tileloom {
namespace {

using yaml::Fields;
using yaml::Node;
using yaml::Place;
using yaml::Reader;

/// The machine as it is read, item by item from outermost in, and where its parts stand.
class Machine {
 public:
  Machine(Reader& reader, yaml::MachineContext context, Architecture& arch)
      : reader_(reader), context_(std::move(context)), arch_(arch) {}

  void read(const Node& list) {
    if (list.kind != Node::Kind::list) {
      reader_.report(list.place,
                     fmt::format("'machine' is {}, not a list", yaml::description(list)),
                     "write one item per line, each starting with '- memory:', '- fanout:', "
                     "'- cores:' or '- compute:'");
      return;
    }
    for (const Node& item : list.items) read_item(item);
    resolve_shared();
    if (!computes_) {
      reader_.report(list.place, "the machine has no compute unit",
                     "end the list with '- compute: mac'");
    }
  }

  /// Reports what the whole machine breaks, at the place of the part concerned.
  void report_flaws() {
    for (Flaw& flaw : flaws(arch_)) {
      Place place;
      if (flaw.memory) place = memory_places_[*flaw.memory];
      if (flaw.axis) place = axis_places_[*flaw.axis];
      reader_.report(place, std::move(flaw.what), std::move(flaw.hint));
    }
  }

 private:
  void read_item(const Node& item) {
    const std::vector<std::string> kinds = {"memory", "fanout", "cores", "compute"};
    if (item.kind != Node::Kind::map) {
      reader_.report(
          item.place,
          fmt::format("an item of the machine is {}, not a map", yaml::description(item)),
          "write '- memory: NAME', '- fanout: {x: 4}', '- cores: 4' or "
          "'- compute: mac'");
      return;
    }
    const auto has = [&](const char* key) {
      return std::ranges::find(item.keys, key, &yaml::Key::name) != item.keys.end();
    };
    if (computes_) {
      reader_.report(item.place, "an item stands after the compute unit",
                     "the list goes from outermost in and ends with the compute unit");
    }
    if (has("memory")) {
      add_memory(item);
    } else if (has("cores")) {
      yaml::CoresItem cores = yaml::read_cores(reader_, item, context_);
      const std::int64_t sync = arch_.links.sync_core_cycles;
      if (cores.links != CoreLinks{}) arch_.links = cores.links;
      arch_.links.sync_core_cycles = sync;
      for (yaml::AxisItem& axis : cores.axes) add_axis(std::move(axis));
    } else if (has("fanout")) {
      for (yaml::AxisItem& axis : yaml::read_fanout(reader_, item)) add_axis(std::move(axis));
    } else if (has("compute")) {
      yaml::ComputeItem compute = yaml::read_compute(reader_, item, context_);
      arch_.compute = std::move(compute.compute);
      for (yaml::AxisItem& axis : compute.lanes) add_axis(std::move(axis));
      computes_ = true;
    } else {
      const std::string first = item.keys.empty() ? "" : item.keys.front().name;
      reader_.report(item.place, fmt::format("unknown kind of item {}", yaml::quoted(first)),
                     suggestion(first, kinds));
    }
  }

  void add_memory(const Node& item) {
    yaml::MemoryItem memory = yaml::read_memory(reader_, item, context_);
    arch_.memories.push_back(std::move(memory.memory));
    memory_places_.push_back(item.place);
    shared_.push_back(std::move(memory.shared_along));
  }

  void add_axis(yaml::AxisItem item) {
    item.axis.below = arch_.memories.size();
    arch_.axes.push_back(std::move(item.axis));
    axis_places_.push_back(item.place);
  }

  void resolve_shared() {
    std::vector<std::string> names;
    for (const SpatialAxis& axis : arch_.axes) names.push_back(axis.name);
    for (const MemoryId id : ids<MemoryId>(arch_.memories.size())) {
      for (const yaml::MemoryItem::AxisName& shared : shared_[id]) {
        if (const std::optional<AxisId> axis = find_axis(arch_, shared.name)) {
          arch_.memories[id].shared_along.push_back(*axis);
        } else {
          reader_.report(
              shared.place, fmt::format("unknown axis {}", yaml::quoted(shared.name)),
              names.empty() ? "the machine has no axes" : suggestion(shared.name, names));
        }
      }
    }
  }

  Reader& reader_;
  yaml::MachineContext context_;
  Architecture& arch_;
  PerId<MemoryId, Place> memory_places_;
  PerId<AxisId, Place> axis_places_;
  PerId<MemoryId, std::vector<yaml::MemoryItem::AxisName>> shared_;
  bool computes_ = false;
};

/// Name, source, clock and the costs of starting.
yaml::MachineContext read_head(Reader& reader, Fields& fields, Architecture& arch) {
  yaml::MachineContext context;
  if (const Node* name = fields.required("name", "name: my-accelerator")) {
    arch.name = read_text(reader, *name, "name").value_or("");
  }
  if (const Node* source = fields.required("source", "source: where the figures come from")) {
    arch.source = read_text(reader, *source, "source").value_or("");
  }
  if (const Node* clock = fields.optional("clock")) {
    context.clock_hz = yaml::read_frequency(reader, *clock, "clock");
    arch.clock_hz = context.clock_hz.value_or(arch.clock_hz);
    context.clock_hz = arch.clock_hz;
  }
  if (const Node* technology = fields.optional("technology")) {
    context.technology = read_text(reader, *technology, "technology");
  }
  if (const Node* word = fields.optional("word")) {
    context.word = yaml::read_size(reader, *word, "word").value_or(context.word);
  }
  if (const Node* launch = fields.optional("launch")) {
    arch.launch_cycles = yaml::read_cycles(reader, *launch, "launch").value_or(0);
  }
  if (const Node* sync = fields.optional("sync")) {
    arch.sync_cycles = yaml::read_cycles(reader, *sync, "sync").value_or(0);
  }
  if (const Node* sync = fields.optional("sync_per_core")) {
    arch.links.sync_core_cycles = yaml::read_cycles(reader, *sync, "sync_per_core").value_or(0);
  }
  return context;
}

}  // namespace

Result<Architecture> parse_architecture(const std::string& text, const std::string& file) {
  Reader reader(file);
  const std::optional<Node> root = yaml::parse_document(
      text, file, "an architecture with 'name', 'source' and 'machine'", reader.diagnostics());
  if (!root) return tl::unexpected(reader.take());

  Architecture arch;
  Fields fields(reader, *root, "the architecture");
  Machine machine(reader, read_head(reader, fields, arch), arch);
  const Node* list = fields.required("machine", "machine:' and a list of '- memory: DRAM");
  if (list != nullptr) machine.read(*list);
  fields.finish();
  if (reader.clean()) machine.report_flaws();
  if (!reader.clean()) return tl::unexpected(reader.take());
  return arch;
}

Result<Architecture> read_architecture(const std::string& path) {
  const Result<std::string> text = read_file(path);
  if (!text) return tl::unexpected(text.error());
  return parse_architecture(*text, path);
}

}  // namespace tileloom

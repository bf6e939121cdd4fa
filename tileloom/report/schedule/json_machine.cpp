#include "tileloom/report/schedule/json_layer.hpp"

namespace tileloom::report {
namespace {

Json bits_or_null(const std::optional<Bits>& bits) {
  return bits ? Json(bits->value) : Json(nullptr);
}

Json energy_of(const Energy& energy) {
  return {{"pj", energy.value.value}, {"source", energy.source}};
}

Json memory_json(const Architecture& arch, MemoryId id) {
  const Memory& memory = arch.memories[id];
  Json holds = Json::array();
  for (const Role role : {Role::input, Role::weight, Role::output}) {
    if (memory.holds[static_cast<std::size_t>(role)]) holds.push_back(to_string(role));
  }
  return {{"name", memory.name},
          {"instances", instances(arch, id)},
          {"capacity_bits", bits_or_null(memory.capacity)},
          {"word_bits", memory.word.value},
          {"block_words", memory.block},
          {"ports_bits_per_cycle",
           {{"read", or_null(memory.ports.read)},
            {"write", or_null(memory.ports.write)},
            {"shared", or_null(memory.ports.shared)}}},
          {"read", energy_of(memory.read)},
          {"write", energy_of(memory.write)},
          {"holds", std::move(holds)},
          {"double_buffered", memory.double_buffered}};
}

}  // namespace

Json machine_json(const Architecture& arch) {
  Json memories = Json::array();
  for (const MemoryId id : ids<MemoryId>(arch.memories.size())) {
    memories.push_back(memory_json(arch, id));
  }
  Json axes = Json::array();
  for (const SpatialAxis& axis : arch.axes) {
    axes.push_back({{"name", axis.name},
                    {"size", axis.size},
                    {"below_memories", axis.below},
                    {"multicast", axis.multicast},
                    {"reduce", axis.reduce},
                    {"hop", energy_of(axis.hop)},
                    {"core", axis.core}});
  }
  return {{"name", arch.name},
          {"source", arch.source},
          {"clock_hz", arch.clock_hz},
          {"lanes", lanes(arch)},
          {"memories", std::move(memories)},
          {"axes", std::move(axes)},
          {"compute",
           {{"name", arch.compute.name},
            {"mac", energy_of(arch.compute.mac)},
            {"other", energy_of(arch.compute.other)},
            {"cycles_per_operation", arch.compute.cycles_per_operation}}}};
}

}  // namespace tileloom::report

#include "tileloom/io/timeloop/storage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

#include "tileloom/io/timeloop/read_architecture.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::io::timeloop {
namespace {

using cost::timeloop::Level;
using cost::timeloop::Mesh;

constexpr const char* kGiven = "given in the Timeloop architecture file";
constexpr const char* kTable = "Timeloop's public PAT table, revision 4cf6d4c";

/// The first of several names of one attribute that is present.
const Node* any_of(const Node* attributes, std::initializer_list<const char*> names) {
  if (attributes == nullptr) return nullptr;
  for (const char* name : names)
    if (const Node* node = find(*attributes, name)) return node;
  return nullptr;
}

std::int64_t integer_or(const Node* node, const char* name, std::int64_t otherwise,
                        Reading& reading) {
  return node == nullptr ? otherwise : reading.positive_integer(*node, name);
}

/// Block and cluster size from each other and the width of the physical array:
///     width = word_bits · block_size · cluster_size
void read_widths(Level& level, const Node* attributes, Reading& reading) {
  const Node* word = any_of(attributes, {"word_bits", "word_width", "datawidth"});
  const Node* block = any_of(attributes, {"block_size", "n_words"});
  const Node* cluster = any_of(attributes, {"cluster_size"});
  const Node* width_node = any_of(attributes, {"width", "memory_width", "data_storage_width"});
  level.word_bits = integer_or(word, "word_bits", 16, reading);
  level.block_size = integer_or(block, "block_size", 1, reading);
  level.cluster_size = integer_or(cluster, "cluster_size", 1, reading);
  if (width_node == nullptr) return;
  const std::int64_t width = reading.positive_integer(*width_node, "width");
  const std::int64_t known =
      checked_mul(level.word_bits, checked_mul(level.block_size, level.cluster_size));
  if (width % known != 0 || (block != nullptr && cluster != nullptr && width != known)) {
    reading.mistake(width_node->where,
                    fmt::format("{} is {} bits wide, its words take word_bits {} x block_size {} x "
                                "cluster_size {} = {}",
                                level.name, width, level.word_bits, level.block_size,
                                level.cluster_size, known),
                    "the width must be their product; leave out what follows from it");
    return;
  }
  if (block == nullptr)
    level.block_size = width / known;
  else if (cluster == nullptr)
    level.cluster_size = width / known;
}

void read_size(Level& level, const Node* attributes, Reading& reading) {
  const Node* entries = any_of(attributes, {"entries"});
  const Node* depth = any_of(attributes, {"depth", "memory_depth", "data_storage_depth"});
  const Node* kilobytes = any_of(attributes, {"sizeKB"});
  if (entries != nullptr)
    level.size_words = reading.positive_integer(*entries, "entries");
  else if (depth != nullptr)
    level.size_words = checked_mul(reading.positive_integer(*depth, "depth"), level.block_size);
  else if (kilobytes != nullptr)
    level.size_words =
        checked_mul(reading.positive_integer(*kilobytes, "sizeKB"), 8192) / level.word_bits;
  const int given = (entries != nullptr) + (depth != nullptr) + (kilobytes != nullptr);
  if (given > 1)
    reading.mistake(attributes->where, fmt::format("the size of {} is given twice", level.name),
                    "keep one of 'entries', 'depth' and 'sizeKB'");
}

void read_bandwidths(Level& level, const Node* attributes, Reading& reading) {
  if (const Node* both = any_of(attributes, {"bandwidth"})) {
    const double half = reading.positive_number(*both, "bandwidth") / 2;
    level.bandwidth.read = level.bandwidth.write = half;
  }
  if (const Node* node = any_of(attributes, {"read_bandwidth"}))
    level.bandwidth.read = reading.positive_number(*node, "read_bandwidth");
  if (const Node* node = any_of(attributes, {"write_bandwidth"}))
    level.bandwidth.write = reading.positive_number(*node, "write_bandwidth");
  if (const Node* node = any_of(attributes, {"shared_bandwidth"}))
    level.bandwidth.shared = reading.positive_number(*node, "shared_bandwidth");
}

const std::vector<std::string>& storage_keys() {
  static const std::vector<std::string> keys{
      "word_bits", "word_width", "datawidth", "block_size", "n_words", "cluster_size", "width",
      "memory_width", "data_storage_width", "entries", "depth", "memory_depth",
      "data_storage_depth", "sizeKB", "bandwidth", "read_bandwidth", "write_bandwidth",
      "shared_bandwidth", "instances", "meshX", "meshY", "energy_per_hop", "router_energy",
      "vector_access_energy", "multiple_buffering", "technology", "reduction_supported",
      // Accelergy's, known so that they are not taken for misspelt ones of ours
      "n_banks", "n_ports", "n_rdwr_ports", "n_rd_ports", "n_wr_ports", "type", "version",
      "global_cycle_seconds", "min_utilization", "action_latency", "latency", "voltage"};
  return keys;
}

}  // namespace

bool computes(const std::string& component_class) {
  const std::string& name = component_class;
  return name.find("mac") != std::string::npos || name.find("MAC") != std::string::npos ||
         name.find("compute") != std::string::npos;
}

Mesh read_mesh(const Node* attributes, const Mesh& fallback, Reading& reading) {
  const Node* count = any_of(attributes, {"instances"});
  const Node* x = any_of(attributes, {"meshX"});
  const Node* y = any_of(attributes, {"meshY"});
  if (count == nullptr && x == nullptr && y == nullptr) return fallback;
  const std::int64_t instances = count != nullptr ? reading.positive_integer(*count, "instances")
                                 : x != nullptr && y != nullptr
                                     ? checked_mul(reading.positive_integer(*x, "meshX"),
                                                   reading.positive_integer(*y, "meshY"))
                                     : checked_mul(fallback.x, fallback.y);
  Mesh mesh{instances, 1};
  if (x != nullptr) mesh.x = reading.positive_integer(*x, "meshX");
  if (y != nullptr) mesh.y = reading.positive_integer(*y, "meshY");
  if (x != nullptr && y == nullptr) mesh.y = instances / mesh.x;
  if (x == nullptr && y != nullptr) mesh.x = instances / mesh.y;
  if (checked_mul(mesh.x, mesh.y) == instances) return mesh;
  reading.mistake((count != nullptr ? count : (x != nullptr ? x : y))->where,
                  fmt::format("{} instances do not form a mesh of {} x {}", instances,
                              x != nullptr ? std::to_string(mesh.x) : "any",
                              y != nullptr ? std::to_string(mesh.y) : "any"),
                  "instances must be meshX times meshY");
  return {instances, 1};
}

Level read_storage(const std::string& name, const std::string& component_class,
                   const Node* attributes, Reading& reading) {
  Level level;
  level.name = name;
  level.reduces = component_class.find("DRAM") == std::string::npos;
  if (attributes != nullptr) reading.check_keys(*attributes, storage_keys());
  if (const Node* technology = any_of(attributes, {"technology"}))
    if (technology->text == "DRAM") level.reduces = false;
  read_widths(level, attributes, reading);
  read_size(level, attributes, reading);
  read_bandwidths(level, attributes, reading);
  if (const Node* node = any_of(attributes, {"multiple_buffering"}))
    level.multiple_buffering = reading.positive_number(*node, "multiple_buffering");
  if (const Node* node = any_of(attributes, {"energy_per_hop"}))
    level.network_to_child.hop_pj = reading.non_negative_number(*node, "energy_per_hop");
  if (const Node* node = any_of(attributes, {"router_energy"}))
    level.network_to_child.router_pj = reading.non_negative_number(*node, "router_energy");
  const Node* energy = any_of(attributes, {"vector_access_energy"});
  level.energy_source = energy != nullptr ? kGiven : kTable;
  level.vector_access_pj = energy != nullptr
                               ? reading.non_negative_number(*energy, "vector_access_energy")
                               : pat_access_pj(level);
  return level;
}

cost::timeloop::Arithmetic read_arithmetic(const Node* attributes, Reading& reading) {
  cost::timeloop::Arithmetic arithmetic;
  arithmetic.word_bits =
      integer_or(any_of(attributes, {"word_bits", "datawidth", "multiplier_width", "width"}),
                 "word_bits", 16, reading);
  const double ratio = static_cast<double>(arithmetic.word_bits) / 16;
  arithmetic.mac_pj = ratio * ratio;  // PAT: (bits / 16)² pJ
  arithmetic.energy_source = kTable;
  if (const Node* node = any_of(attributes, {"energy_per_op", "mac_energy", "energy"})) {
    arithmetic.mac_pj = reading.non_negative_number(*node, "the energy of a MAC");
    arithmetic.energy_source = kGiven;
  }
  return arithmetic;
}

double pat_access_pj(const Level& level) {
  const auto bits = static_cast<double>(level.word_bits) * static_cast<double>(level.block_size);
  if (!level.reduces) return 200 * bits / 16;
  if (!level.size_words) return 0;
  const auto clusters = static_cast<double>(level.cluster_size);
  const double width = bits * clusters;
  const double rows = static_cast<double>(ceil_div(*level.size_words, level.block_size));
  const double kilobytes = width * rows / 8192;
  return (5 / 99.5 * (kilobytes - 0.5) + 1) * width / 16 / clusters;
}

}  // namespace tileloom::io::timeloop

#include "tileloom/io/yaml/write_architecture.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tileloom/io/yaml/find_architecture.hpp"
#include "tileloom/io/yaml/read_architecture.hpp"
#include "tileloom/support/random.hpp"

namespace tileloom {
namespace {

TEST(WriteArchitecture, a_small_machine_by_hand) {
  Architecture arch;
  arch.name = "two levels";
  arch.source = "a \"test\"";
  arch.clock_hz = 2e8;
  const Energy one{{1}, kGivenEnergy};
  arch.memories.push_back({.name = "DRAM", .read = one, .write = one});
  arch.memories.push_back({.name = "Buffer",
                           .capacity = Bits{1536},
                           .word = Bits{24},
                           .ports = {.read = 2.5},
                           .read = {{0.5}, "a table"},
                           .write = one,
                           .holds = {false, false, true}});
  arch.axes.push_back({.name = "x", .size = 4, .reduce = false, .below = 1});
  arch.axes.push_back({.name = "y", .size = 2, .below = 1});
  arch.compute.mac = arch.compute.other = one;
  EXPECT_EQ(write_architecture(arch),
            "name: \"two levels\"\n"
            "source: \"a \\\"test\\\"\"\n"
            "clock: 200 MHz\n"
            "machine:\n"
            "  - memory: DRAM\n"
            "    energy: 1 pJ\n"
            "  - fanout: {x: 4, y: 2}\n"
            "    reduce: [y]\n"
            "  - memory: Buffer\n"
            "    size: 192 B\n"
            "    word: 24 bit\n"
            "    bandwidth: {read: 2.5 bit/cycle}\n"
            "    holds: [outputs]\n"
            "    energy: {read: {value: 0.5 pJ, source: \"a table\"}, write: 1 pJ}\n"
            "  - compute: mac\n"
            "    mac_energy: 1 pJ\n");
}

TEST(WriteArchitecture, every_shipped_architecture_comes_back) {
  for (const std::string& name : architecture_names(shipped_architecture_folders())) {
    const Result<Architecture> arch = load_architecture(name);
    ASSERT_TRUE(arch);
    const Result<Architecture> again = parse_architecture(write_architecture(*arch), name);
    ASSERT_TRUE(again) << to_string(again.error());
    EXPECT_EQ(*again, *arch) << name;
  }
}

/// Draws parts of every kind, with odd names and figures.
class Draft {
 public:
  explicit Draft(std::uint64_t seed) : random_(seed) {}

  Architecture draw() {
    Architecture arch;
    arch.name = text();
    arch.source = text();
    arch.clock_hz = chance() ? 1e9 : figure() * 1e6 + 1;
    const std::size_t memories = 1 + random_.below(4);
    for (std::size_t m = 0; m < memories; ++m) {
      if (m > 0 && chance()) add_axes(arch);
      arch.memories.push_back(memory(m));
    }
    if (chance()) add_axes(arch);
    share(arch);
    arch.compute = {
        .name = "pe", .mac = energy(), .other = energy(), .cycles_per_operation = 0.25 + figure()};
    if (chance()) arch.compute.other = arch.compute.mac;
    if (chance()) arch.compute.precision = {random_.between(1, 64), random_.between(1, 64), 8};
    if (chance()) arch.compute.accumulator_bits = random_.between(1, 64);
    draw_links(arch);
    arch.launch_cycles = chance() ? random_.between(0, 5000) : 0;
    arch.sync_cycles = chance() ? random_.between(0, 5000) : 0;
    return arch;
  }

 private:
  /// Only machines with cores can say how these reach memory.
  void draw_links(Architecture& arch) {
    for (SpatialAxis& axis : arch.axes) {
      if (!axis.core && chance()) axis.unroll = static_cast<Unroll>(random_.below(4));
    }
    const bool any = std::any_of(arch.axes.begin(), arch.axes.end(),
                                 [](const SpatialAxis& axis) { return axis.core; });
    if (!any) return;
    arch.links.channels = random_.between(1, cores(arch));
    if (chance()) arch.links.remote = 0.75;
    if (chance()) arch.links.port = 0.25 + figure();
    if (chance()) arch.links.exchange = 0.25 + figure();
    if (chance()) arch.links.sync_core_cycles = random_.between(1, 100);
  }

  bool chance() { return random_.below(2) == 0; }
  double figure() { return static_cast<double>(random_.between(0, 1'000'000'000)) / 997.0; }
  std::string text() {
    static const char* const texts[] = {"plain",       "two words",   "null",
                                        "a: \"b\" #c", "1e5",         "- dash",
                                        "tab\there",   "back\\slash", "\xc3\xa9t\xc3\xa9",
                                        "line\nbreak", "'quoted'",    "[list]"};
    return texts[random_.below(std::size(texts))];
  }
  Energy energy() { return {{figure()}, chance() ? std::string(kGivenEnergy) : text()}; }
  std::optional<double> bandwidth() {
    if (chance()) return std::nullopt;
    return figure() + 0.5;
  }
  Memory memory(std::size_t m) {
    Memory memory{.name = "m" + std::to_string(m),
                  .ports = {bandwidth(), bandwidth(), bandwidth()},
                  .read = energy(),
                  .write = energy(),
                  .double_buffered = chance()};
    if (chance()) memory.write = memory.read;
    if (chance()) memory.capacity = Bits{random_.between(1, std::int64_t{1} << 40)};
    if (chance()) memory.word = Bits{random_.between(1, 64)};
    if (chance()) memory.block = random_.between(1, 64);
    if (m > 0) memory.holds = {true, chance(), chance()};
    return memory;
  }
  void add_axes(Architecture& arch) {
    const Energy hop = chance() ? Energy{} : energy();
    for (std::size_t i = 0; i < 1 + random_.below(3); ++i) {
      arch.axes.push_back({.name = "axis" + std::to_string(arch.axes.size()),
                           .size = random_.between(1, 16),
                           .multicast = chance(),
                           .reduce = chance(),
                           .hop = chance() ? hop : energy(),
                           .below = arch.memories.size(),
                           .core = chance()});
    }
  }
  /// All memories inside the first axis are shared along it, so that they stay nested.
  void share(Architecture& arch) {
    if (arch.axes.empty() || chance()) return;
    for (const MemoryId id : ids<MemoryId>(arch.memories.size())) {
      if (arch.axes[AxisId{0}].below <= index(id)) {
        arch.memories[id].shared_along.push_back(AxisId{0});
      }
    }
  }

  Random random_;
};

TEST(WriteArchitecture, five_hundred_random_machines_come_back) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const Architecture arch = Draft(seed).draw();
    ASSERT_TRUE(check(arch).empty()) << to_string(check(arch));
    const std::string text = write_architecture(arch);
    const Result<Architecture> again = parse_architecture(text, "again.yaml");
    ASSERT_TRUE(again) << to_string(again.error()) << text;
    ASSERT_EQ(*again, arch) << "seed " << seed << "\n" << text;
  }
}

}  // namespace
}  // namespace tileloom

// Mistakes in an architecture file and the exact sentences they get.

#include <gtest/gtest.h>

#include <string>

#include "tileloom/io/yaml/find_architecture.hpp"
#include "tileloom/io/yaml/read_architecture.hpp"

namespace tileloom {
namespace {

/// All messages for a text, one per line; empty if there is no mistake.
std::string messages(const std::string& text) {
  const Result<Architecture> arch = parse_architecture(text, "a.yaml");
  return arch ? "" : to_string(arch.error());
}

/// A correct machine in which one line is replaced: line 1 is `name`, 2 `source`, 3 `machine`, 4 to
/// 6 the DRAM, 7 and 8 the compute unit.
std::string with_line(int line, const std::string& replacement) {
  std::vector<std::string> lines = {
      "name: a",         "source: a test",   "machine:",         "  - memory: DRAM",
      "    word: 8 bit", "    energy: 1 pJ", "  - compute: mac", "    mac_energy: 1 pJ"};
  lines.at(static_cast<std::size_t>(line) - 1) = replacement;
  std::string text;
  for (const std::string& content : lines) text += content + "\n";
  return text;
}
std::string message(int line, const std::string& replacement) {
  return messages(with_line(line, replacement));
}

TEST(ArchitectureErrors, the_machine_of_these_tests_is_correct) {
  EXPECT_EQ(message(1, "name: b"), "");
}

// The file as a whole.

TEST(ArchitectureErrors, empty_file) {
  const std::string expected =
      "a.yaml: the file is empty: expected an architecture with 'name', 'source' and 'machine'\n";
  EXPECT_EQ(messages(""), expected);
  EXPECT_EQ(messages("\n\n"), expected);
  EXPECT_EQ(messages("# only a remark\n"), expected);
  EXPECT_EQ(messages("---\n...\n"), expected);
}

TEST(ArchitectureErrors, missing_file) {
  const Result<Architecture> arch = read_architecture("/no/such/file.yaml");
  ASSERT_FALSE(arch);
  EXPECT_EQ(to_string(arch.error()),
            "/no/such/file.yaml: cannot read: No such file or directory: check the path and its "
            "permissions\n");
}

TEST(ArchitectureErrors, not_yaml) {
  EXPECT_EQ(messages("name: [a\nsource: b\n"),
            "a.yaml:2:7: not YAML: end of sequence flow not found: check quotes, brackets, colons "
            "and indentation here and above\n");
  EXPECT_EQ(
      messages("name: a: b\n"),
      "a.yaml:1:8: not YAML: illegal map value: check quotes, brackets, colons and indentation "
      "here and above\n");
}

TEST(ArchitectureErrors, a_quote_that_is_never_closed) {
  EXPECT_EQ(
      message(1, "name: \"a"),
      "a.yaml:1:7: not YAML: a quote is never closed: close it, or double a quote that belongs "
      "to the text\n");
  EXPECT_EQ(
      message(8, "    mac_energy: '1 pJ"),
      "a.yaml:8:17: not YAML: a quote is never closed: close it, or double a quote that belongs "
      "to the text\n");
  EXPECT_EQ(message(1, "name: 'it''s'"), "");
  EXPECT_EQ(message(1, R"(name: "a \"quote\"")"), "");
}

TEST(ArchitectureErrors, of_a_file_that_is_wrong_throughout_the_first_thousand) {
  std::string text = with_line(1, "name: a");
  for (int i = 0; i < 1500; ++i) text += "key" + std::to_string(i) + ": 1\n";
  const Result<Architecture> arch = parse_architecture(text, "a.yaml");
  ASSERT_FALSE(arch);
  ASSERT_EQ(arch.error().size(), 1001U);
  EXPECT_EQ(to_string(arch.error().back()), "a.yaml: 500 more mistakes: mend these first");
}

TEST(ArchitectureErrors, another_kind_of_file) {
  EXPECT_EQ(
      messages("this is a text"),
      "a.yaml:1:1: the architecture is 'this is a text', not a map: write one 'key: value' per "
      "line\n");
  EXPECT_EQ(messages("- a\n- b\n"),
            "a.yaml:1:1: the architecture is a list, not a map: write one 'key: value' per line\n");
}

TEST(ArchitectureErrors, a_tab_as_indentation) {
  EXPECT_EQ(message(5, "\t  word: 8 bit"),
            "a.yaml:5:1: a tab in the indentation: YAML is indented with spaces only\n");
}

TEST(ArchitectureErrors, duplicate_key) {
  EXPECT_EQ(message(5, "    memory: SRAM"),
            "a.yaml:5:5: duplicate key 'memory': it is already on line 4: remove one\n");
}

TEST(ArchitectureErrors, an_alias) {
  EXPECT_EQ(message(6, "    energy: *one"),
            "a.yaml:6:13: not YAML: the referenced anchor is not defined: check quotes, "
            "brackets, colons and indentation here and above\n");
  EXPECT_EQ(messages("name: &x a\nsource: *x\nmachine: [{memory: M, energy: 1 pJ}, {compute: c, "
                     "mac_energy: 1 pJ}]\n"),
            "a.yaml:2:1: 'source' has no value: write one or remove the key\n"
            "a.yaml:2:9: an alias (*name) is not read: write the value out in full\n");
}

TEST(ArchitectureErrors, aliases_that_would_expand_to_a_billion) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int k = 0; k < 10; ++k) bomb += (k > 0 ? ", " : "") + before;
    bomb += "]\n";
  }
  EXPECT_NE(messages(bomb).find("a.yaml:2:10: an alias (*name) is not read"), std::string::npos);
}

TEST(ArchitectureErrors, nested_too_deep) {
  EXPECT_EQ(messages("name: " + std::string(100, '[') + std::string(100, ']') + "\n"),
            "a.yaml:1:38: nested deeper than 32 levels: flatten the file\n");
}

TEST(ArchitectureErrors, longer_than_a_mebibyte) {
  EXPECT_EQ(messages(std::string((1 << 20) + 1, ' ')),
            "a.yaml: the file has 1048577 bytes, more than 1048576: expected an architecture with "
            "'name', 'source' and 'machine'\n");
}

TEST(ArchitectureErrors, a_second_document) {
  EXPECT_EQ(messages(with_line(1, "name: a") + "---\nname: b\n"),
            "a.yaml:10: a second document: keep one document per file\n");
}

// Keys.

TEST(ArchitectureErrors, unknown_key_with_the_nearest_known_one) {
  EXPECT_EQ(message(5, "    wrod: 8 bit"),
            "a.yaml:5:5: unknown key 'wrod' in the memory: did you mean 'word'?\n");
  EXPECT_EQ(messages(with_line(1, "name: a\nclok: 1 GHz")),
            "a.yaml:2:1: unknown key 'clok' in the architecture: did you mean 'clock'?\n");
}

TEST(ArchitectureErrors, unknown_key_without_a_near_one_lists_the_known_ones) {
  EXPECT_EQ(message(5, "    colour: red"),
            "a.yaml:5:5: unknown key 'colour' in the memory: known: memory, word, size, block, "
            "bandwidth, holds, double_buffered, shared_along, kind, energy\n");
}

TEST(ArchitectureErrors, missing_key) {
  EXPECT_EQ(message(6, "    block: 2"),
            "a.yaml:4:5: the memory has no 'energy': add 'energy: 1 pJ'\n");
  EXPECT_EQ(message(2, ""),
            "a.yaml:1:1: the architecture has no 'source': add 'source: where the figures come "
            "from'\n");
  EXPECT_EQ(
      messages("name: a\nsource: b\n"),
      "a.yaml:1:1: the architecture has no 'machine': add 'machine:' and a list of '- memory: "
      "DRAM'\n");
}

TEST(ArchitectureErrors, key_without_a_value) {
  EXPECT_EQ(message(5, "    word:"),
            "a.yaml:5:5: 'word' has no value: write one or remove the key\n");
}

TEST(ArchitectureErrors, wrong_type) {
  EXPECT_EQ(
      messages("name: a\nsource: b\nmachine: {memory: DRAM}\n"),
      "a.yaml:3:10: 'machine' is a map, not a list: write one item per line, each starting with "
      "'- memory:', '- fanout:', '- cores:' or '- compute:'\n");
  EXPECT_EQ(
      message(1, "name: [a, b]"),
      "a.yaml:1:7: 'name' is a list, not a text: write it on the same line after the colon\n");
  EXPECT_EQ(message(5, "    double_buffered: maybe"),
            "a.yaml:5:22: 'double_buffered' is 'maybe': write true or false\n");
  EXPECT_EQ(message(4, "  - DRAM\n  - memory: SRAM"),
            "a.yaml:4:5: an item of the machine is 'DRAM', not a map: write '- memory: NAME', '- "
            "fanout: {x: 4}', '- cores: 4' or '- compute: mac'\n");
}

TEST(ArchitectureErrors, unknown_kind_of_item) {
  EXPECT_EQ(message(4, "  - memry: DRAM"),
            "a.yaml:4:5: unknown kind of item 'memry': did you mean 'memory'?\n");
}

// Numbers.

TEST(ArchitectureErrors, zero_and_negative_sizes) {
  EXPECT_EQ(message(5, "    size: 0 KiB"),
            "a.yaml:5:11: 'size' is '0 KiB': it must be greater than 0\n");
  EXPECT_EQ(message(5, "    size: -4 KiB"),
            "a.yaml:5:11: 'size' is '-4 KiB': it must be greater than 0\n");
  EXPECT_EQ(message(5, "    block: 0"), "a.yaml:5:12: 'block' is 0: it must be at least 1\n");
  EXPECT_EQ(message(5, "    block: -1"), "a.yaml:5:12: 'block' is -1: it must be at least 1\n");
  EXPECT_EQ(
      message(5, "    bandwidth: 0 B/cycle"),
      "a.yaml:5:16: 'bandwidth' is '0 B/cycle': it must be greater than 0; leave it out if it "
      "is unlimited\n");
  EXPECT_EQ(message(6, "    energy: -1 pJ"),
            "a.yaml:6:13: 'energy' is '-1 pJ': an energy is 0 or more\n");
  EXPECT_EQ(message(3, "machine:\n  - fanout: {x: 0}"),
            "a.yaml:4:17: 'x' is 0: it must be at least 1\n");
}

TEST(ArchitectureErrors, not_a_whole_number) {
  EXPECT_EQ(message(5, "    block: 1.5"),
            "a.yaml:5:12: 'block' is '1.5', not a whole number: write digits only, such as 16\n");
  EXPECT_EQ(message(5, "    block: eight"),
            "a.yaml:5:12: 'block' is 'eight', not a whole number: write digits only, such as 16\n");
  EXPECT_EQ(message(5, "    size: 0.3 B"),
            "a.yaml:5:11: 'size' is '0.3 B', not a whole number of bits: write it in a smaller "
            "unit\n");
}

TEST(ArchitectureErrors, number_too_large) {
  EXPECT_EQ(message(5, "    block: 99999999999999999999"),
            "a.yaml:5:12: 'block' is '99999999999999999999', too large: it must be at most "
            "1000000000\n");
  EXPECT_EQ(message(5, "    size: 1e30 KiB"),
            "a.yaml:5:11: 'size' is '1e30 KiB', too large: it must be at most 1024 TiB\n");
  EXPECT_EQ(
      message(5, "    size: 1e999 KiB"),
      "a.yaml:5:11: 'size' is '1e999 KiB', not a number with a unit: write such as '64 KiB'\n");
  EXPECT_EQ(messages("name: a\nsource: b\nmachine:\n  - memory: M\n    energy: 0 pJ\n"
                     "  - fanout: {x: 1000000000, y: 1000000000, z: 1000000000}\n"
                     "  - compute: c\n    mac_energy: 0 pJ\n"),
            "a.yaml: the product of all axes does not fit into 64 bits: use smaller fanouts\n");
}

// Units.

TEST(ArchitectureErrors, a_size_without_or_with_an_unknown_unit) {
  EXPECT_EQ(message(5, "    size: 1024"),
            "a.yaml:5:11: 'size' is '1024' without a unit: write such as '64 KiB'\n");
  EXPECT_EQ(message(5, "    size: 64 KiBs"),
            "a.yaml:5:11: 'size' has the unknown unit 'KiBs': did you mean 'KiB'?\n");
  EXPECT_EQ(message(5, "    size: 64 KB"),
            "a.yaml:5:11: 'size' has the ambiguous unit 'KB': write KiB for powers of 1024, or the "
            "number of B\n");
  EXPECT_EQ(message(5, "    size: big"),
            "a.yaml:5:11: 'size' is 'big', not a number with a unit: write such as '64 KiB'\n");
}

TEST(ArchitectureErrors, a_bandwidth_per_second_needs_a_clock) {
  EXPECT_EQ(
      message(5, "    bandwidth: 10 GB/s"),
      "a.yaml:5:16: 'bandwidth' is per second, but no clock is given: add 'clock: 1 GHz' to the "
      "file or write it per cycle\n");
  EXPECT_EQ(message(5, "    bandwidth: 10 GB"),
            "a.yaml:5:16: 'bandwidth' has the unknown unit 'GB': known: bit/cycle, B/cycle, "
            "KiB/cycle, words/cycle, word/cycle, GB/s, MB/s, GiB/s, TB/s, Gbit/s, Mbit/s\n");
}

TEST(ArchitectureErrors, an_energy_without_unit_or_per_nothing) {
  EXPECT_EQ(message(6, "    energy: 1"),
            "a.yaml:6:13: 'energy' is '1' without a unit: write such as '0.25 pJ'\n");
  EXPECT_EQ(message(6, "    energy: 1 pJ/0 bit"),
            "a.yaml:6:13: 'energy' is '1 pJ/0 bit': an energy is per a positive amount of data\n");
  EXPECT_EQ(
      message(8, "    mac_energy: 1 pJ/bit"),
      "a.yaml:8:17: 'mac_energy' is per amount of data: an operation has one energy: write such "
      "as '0.25 pJ'\n");
  EXPECT_EQ(
      message(3, "machine:\n  - fanout: {x: 2}\n    hop_energy: 1 pJ"),
      "a.yaml:5:17: 'hop_energy' is '1 pJ' without an amount of data: write it per bit, such as "
      "'0.1 pJ/bit'\n");
}

TEST(ArchitectureErrors, only_one_direction_of_an_energy) {
  EXPECT_EQ(message(6, "    energy: {read: 1 pJ}"),
            "a.yaml:6:13: 'energy' has no 'write': add 'write: 0.25 pJ'\n");
}

// The energy table.

TEST(ArchitectureErrors, what_the_energy_table_does_not_have) {
  EXPECT_EQ(
      message(6, "    energy: table"),
      "a.yaml:6:13: 'energy' is 'table', but no technology is given: add 'technology: 45nm' to "
      "the file or write {table: 45nm}\n");
  EXPECT_EQ(message(6, "    energy: {table: 44nm}"),
            "a.yaml:6:21: unknown technology '44nm': did you mean '45nm'?\n");
  EXPECT_EQ(
      message(6, "    size: 4 MiB\n    energy: {table: 45nm}"),
      "a.yaml:7:21: the energy table has sram of 8 KiB to 1 MiB for technology '45nm', not of 4 "
      "MiB: give the energy in pJ or name another technology\n");
  EXPECT_EQ(
      message(6, "    size: 64 B\n    kind: register\n    energy: {table: 45nm}"),
      "a.yaml:8:21: the energy table has no register for technology '45nm': give the energy in "
      "pJ or name another technology\n");
  EXPECT_EQ(
      message(8, "    mac_energy: {table: 45nm}"),
      "a.yaml:8:25: 'mac_energy' cannot be looked up without a size: add 'precision: 8 bit'\n");
}

// Names and places.

TEST(ArchitectureErrors, unknown_names) {
  EXPECT_EQ(message(5, "    kind: srm"),
            "a.yaml:5:11: unknown kind of memory 'srm': did you mean 'sram'?\n");
  EXPECT_EQ(message(5, "    holds: [inputs, weight]"),
            "a.yaml:5:21: unknown tensor 'weight': did you mean 'weights'?\n");
  EXPECT_EQ(message(5, "    shared_along: x"),
            "a.yaml:5:19: unknown axis 'x': the machine has no axes\n");
  EXPECT_EQ(message(3, "machine:\n  - fanout: {x: 2}\n    multicast: [y]"),
            "a.yaml:5:17: unknown axis 'y': did you mean 'x'?\n");
}

TEST(ArchitectureErrors, duplicated_and_unusable_names) {
  EXPECT_EQ(message(4, "  - memory: DRAM\n    energy: 1 pJ\n  - memory: DRAM"),
            "a.yaml:6:5: two memories have the name 'DRAM': rename one\n");
  EXPECT_EQ(message(4, "  - fanout: {x: 2}\n  - fanout: {x: 2}\n  - memory: DRAM"),
            "a.yaml:5:14: two axes have the name 'x': rename one\n");
  EXPECT_EQ(message(4, "  - memory: main memory"),
            "a.yaml:4:5: 'main memory' is no name for a memory: use letters, digits, '_', '-' and "
            "'.', a letter first\n");
}

TEST(ArchitectureErrors, a_machine_without_memory_or_compute) {
  EXPECT_EQ(messages("name: a\nsource: b\nmachine:\n  - compute: c\n    mac_energy: 0 pJ\n"),
            "a.yaml: the machine has no memory: add at least one 'memory'\n");
  EXPECT_EQ(messages("name: a\nsource: b\nmachine:\n  - memory: M\n    energy: 0 pJ\n"),
            "a.yaml:4:3: the machine has no compute unit: end the list with '- compute: mac'\n");
  EXPECT_EQ(
      messages(with_line(1, "name: a") + "  - memory: M\n    energy: 0 pJ\n"),
      "a.yaml:9:5: an item stands after the compute unit: the list goes from outermost in and "
      "ends with the compute unit\n");
}

TEST(ArchitectureErrors, a_tensor_that_no_memory_holds) {
  EXPECT_EQ(message(5, "    holds: [inputs, outputs]"),
            "a.yaml: no memory holds weights: add weights to the 'holds' of a memory\n");
  EXPECT_EQ(message(5, "    holds: []"),
            "a.yaml:4:5: memory 'DRAM' may hold nothing: name at least one of inputs, weights, "
            "outputs\n");
}

TEST(ArchitectureErrors, a_memory_shared_along_an_axis_inside_it_or_less_than_its_parent) {
  EXPECT_EQ(
      message(5, "    energy: 1 pJ\n    shared_along: x\n  - fanout: {x: 2}\n  - memory: S"),
      "a.yaml:4:5: memory 'DRAM' is shared along 'x', which lies inside it: only axes outside a "
      "memory replicate it: leave this one out\n");
  EXPECT_EQ(
      message(4,
              "  - memory: DRAM\n    energy: 1 pJ\n  - fanout: {x: 2}\n  - memory: A\n    energy: "
              "1 pJ\n  - memory: B\n    shared_along: x"),
      "a.yaml:9:5: 'B' is shared along 'x' although 'A' outside it is not: share 'A' along 'x' "
      "too, or neither\n");
}

TEST(ArchitectureErrors, precision_must_be_complete) {
  EXPECT_EQ(message(8, "    mac_energy: 1 pJ\n    precision: {inputs: 8 bit}"),
            "a.yaml:9:16: 'precision' names some of inputs, weights and outputs: name all three or "
            "none\n");
}

TEST(ArchitectureErrors, all_mistakes_are_reported_at_once_in_the_order_of_the_file) {
  EXPECT_EQ(messages("nme: a\nsource: b\nmachine:\n  - memory: M\n    size: 0 B\n    energi: 1 pJ\n"
                     "  - compute: c\n    mac_energy: abc\n"),
            "a.yaml:1:1: the architecture has no 'name': add 'name: my-accelerator'\n"
            "a.yaml:1:1: unknown key 'nme' in the architecture: did you mean 'name'?\n"
            "a.yaml:4:5: the memory has no 'energy': add 'energy: 1 pJ'\n"
            "a.yaml:5:11: 'size' is '0 B': it must be greater than 0\n"
            "a.yaml:6:5: unknown key 'energi' in the memory: did you mean 'energy'?\n"
            "a.yaml:8:17: 'mac_energy' is 'abc', not a number with a unit: write such as '0.25 "
            "pJ'\n");
}

/// A machine of two cores; the item of the cores has one more line.
std::string two_cores(const std::string& line) {
  return messages(
      "name: a\nsource: b\nclock: 1 GHz\nmachine:\n  - memory: DRAM\n    energy: 1 pJ\n"
      "  - cores: 2\n    " +
      line + "\n  - compute: mac\n    lanes: {k: 4}\n    mac_energy: 1 pJ\n");
}

TEST(ArchitectureErrors, the_way_from_cores_to_memory) {
  EXPECT_EQ(two_cores("channels: 2"), "");
  EXPECT_EQ(two_cores("channels: 3"),
            "a.yaml: 3 channels for 2 cores: every channel needs a core near it\n");
  EXPECT_EQ(two_cores("channels: 0"), "a.yaml:8:15: 'channels' is 0: it must be at least 1\n");
  EXPECT_EQ(two_cores("remote: 1.5"),
            "a.yaml: remote accesses reach 1.5 of a channel's bandwidth: the share must be above 0 "
            "and at most 1\n");
  EXPECT_EQ(two_cores("unroll: {core: any}"),
            "a.yaml:8:5: unknown key 'unroll' in the fanout: known: cores, multicast, reduce, "
            "hop_energy, channels, remote, port, exchange\n");
  EXPECT_EQ(two_cores("port: 1 KB/s"),
            "a.yaml:8:11: 'port' has the unknown unit 'KB/s': did you mean 'GB/s'?\n");
}

TEST(ArchitectureErrors, what_lanes_run_over) {
  EXPECT_EQ(message(7, "  - compute: mac\n    lanes: {k: 4}\n    unroll: {c: any}"),
            "a.yaml:9:14: unknown key 'c' in 'unroll': did you mean 'k'?\n");
  EXPECT_EQ(message(7, "  - compute: mac\n    lanes: {k: 4}\n    unroll: {k: channels}"),
            "a.yaml:9:17: unknown kind of rank 'channels': known: any, output_channels, "
            "input_channels, positions\n");
  EXPECT_EQ(message(7, "  - compute: mac\n    lanes: {k: 4}\n    unroll: {k: positions}"), "");
}

}  // namespace
}  // namespace tileloom

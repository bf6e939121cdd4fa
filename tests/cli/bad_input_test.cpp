// Every kind of bad input, end to end: the exact message, exit code 2, and nothing written.

#include <gtest/gtest.h>
#include <stdlib.h>

#include "program.hpp"

namespace {

/// A correct machine, with the text `from` replaced by `to`.
std::string machine(const std::string& from = {}, const std::string& to = {}) {
  std::string text =
      "name: a\n"
      "source: a test\n"
      "machine:\n"
      "  - memory: DRAM\n"
      "    word: 8 bit\n"
      "    energy: 1 pJ\n"
      "  - memory: Buffer\n"
      "    size: 64 KiB\n"
      "    energy: 1 pJ\n"
      "  - compute: mac\n"
      "    mac_energy: 1 pJ\n";
  if (!from.empty()) text.replace(text.find(from), from.size(), to);
  return text;
}

void copy_model(const Folder& folder, const std::string& name) {
  std::filesystem::copy_file(
      std::filesystem::path(TILELOOM_SOURCE_DIR) / "tests/onnx_models" / (name + ".onnx"),
      folder.path() / (name + ".onnx"));
}

/// The file is refused with exactly this message, and nothing but the file is there afterwards.
void expect_refused(const Folder& folder, const std::string& file, const std::string& message) {
  const Output run = folder.tileloom({"inspect", file, "--json", "out/result.json"});
  EXPECT_EQ(run.err, message);
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(run.code, 2);
  EXPECT_EQ(folder.entries(), std::vector<std::string>{file});
}

void expect_machine_refused(const std::string& text, const std::string& message) {
  const Folder folder;
  folder.write("a.yaml", text);
  expect_refused(folder, "a.yaml", message);
}

void expect_model_refused(const std::string& name, const std::string& message) {
  const Folder folder;
  copy_model(folder, name);
  expect_refused(folder, name + ".onnx", message);
}

TEST(BadInput, TheMachineOfTheseTestsIsGood) {
  const Folder folder;
  folder.write("a.yaml", machine());
  EXPECT_EQ(folder.tileloom({"inspect", "a.yaml"}).code, 0);
}

TEST(BadInput, EmptyFile) {
  expect_machine_refused(
      "",
      "a.yaml: the file is empty: expected an architecture with 'name', 'source' and 'machine'\n");
  expect_model_refused("empty_file", "empty_file.onnx: the file is empty: give an ONNX model\n");
}

TEST(BadInput, NotYaml) {
  expect_machine_refused("name: [a\n",
                         "a.yaml:2:1: not YAML: end of sequence flow not found: check quotes, "
                         "brackets, colons and indentation here and above\n");
}

TEST(BadInput, WrongType) {
  expect_machine_refused(
      machine("64 KiB", "[64]"),
      "a.yaml:8:11: 'size' is a list, not a number with a unit: write such as '64 KiB'\n");
}

TEST(BadInput, UnknownKey) {
  expect_machine_refused(machine("size", "sice"),
                         "a.yaml:8:5: unknown key 'sice' in the memory: did you mean 'size'?\n");
}

TEST(BadInput, MissingKeysAreReportedTogether) {
  expect_machine_refused(
      machine("source: a test\n", "").substr(0, machine("source: a test\n", "").rfind("    mac")),
      "a.yaml:1:1: the architecture has no 'source': add 'source: where the figures come from'\n"
      "a.yaml:9:5: the compute unit has no 'mac_energy': add 'mac_energy: 0.25 pJ'\n");
}

TEST(BadInput, NegativeOrZeroSize) {
  expect_machine_refused(machine("64 KiB", "-64 KiB"),
                         "a.yaml:8:11: 'size' is '-64 KiB': it must be greater than 0\n");
  expect_machine_refused(machine("64 KiB", "0 KiB"),
                         "a.yaml:8:11: 'size' is '0 KiB': it must be greater than 0\n");
}

TEST(BadInput, NotAWholeNumber) {
  expect_machine_refused(
      machine("word: 8 bit", "block: 1.5"),
      "a.yaml:5:12: 'block' is '1.5', not a whole number: write digits only, such as 16\n");
}

TEST(BadInput, NumberTooLarge) {
  expect_machine_refused(machine("64 KiB", "99999999999999999999 KiB"),
                         "a.yaml:8:11: 'size' is '99999999999999999999 KiB', too large: it must be "
                         "at most 1024 TiB\n");
}

TEST(BadInput, TruncatedOrCorruptedModel) {
  for (const std::string name : {"truncated_half", "corrupted_length", "text_file"}) {
    expect_model_refused(name, name +
                                   ".onnx: cannot be decoded as ONNX: truncated, corrupted or no "
                                   "model: export or download it again\n");
  }
}

TEST(BadInput, CyclicGraph) {
  expect_model_refused("cyclic",
                       "cyclic.onnx: the graph has a cycle: #0 -> #1 -> #0: a network must not "
                       "feed its results back into itself\n");
}

TEST(BadInput, UnboundSymbolicDimension) {
  expect_model_refused("symbolic_unbound",
                       "symbolic_unbound.onnx: input 'x': dimension 0 is 'batch', which has no "
                       "size: bind it, for example --bind batch=1\n");
}

TEST(BadInput, ABindingThatIsNone) {
  const Folder folder;
  copy_model(folder, "symbolic_unbound");
  const Output run = folder.tileloom({"inspect", "symbolic_unbound.onnx", "--bind", "batch=0"});
  EXPECT_EQ(run.err, "--bind batch=0: the size must be at least 1: give a positive size\n");
  EXPECT_EQ(run.code, 2);
}

TEST(BadInput, AnUnknownOperatorIsKeptAndListed) {
  const Folder folder;
  copy_model(folder, "unknown_operator");
  const Output run = folder.tileloom({"inspect", "unknown_operator.onnx"});
  EXPECT_NE(run.out.find("no rule for operator FluxCapacitor"), std::string::npos) << run.out;
  EXPECT_NE(run.out.find("nodes: 0 mapped, 0 folded, 1 unmapped"), std::string::npos) << run.out;
  EXPECT_EQ(run.code, 0);
}

TEST(BadInput, NoSuchFileAndNoSuchArchitecture) {
  const Folder folder;
  const Output file = folder.tileloom({"inspect", "none.onnx"});
  EXPECT_EQ(file.err,
            "none.onnx: cannot read: No such file or directory: check the path and its "
            "permissions\n");
  EXPECT_EQ(file.code, 2);
  const Output name = folder.tileloom({"inspect", "simbaa"});
  EXPECT_EQ(name.err, "unknown architecture 'simbaa': did you mean 'simba'?\n");
  EXPECT_EQ(name.code, 2);
}

TEST(BadInput, UnwritableOutput) {
  const Folder folder;
  folder.write("a.yaml", machine());
  const Output run = folder.tileloom({"inspect", "a.yaml", "--json", "a.yaml/out.json"});
  EXPECT_EQ(run.err,
            "a.yaml: cannot create folder: Not a directory: choose a folder that can be written\n");
  EXPECT_EQ(run.code, 2);
  EXPECT_EQ(folder.entries(), std::vector<std::string>{"a.yaml"});
}

TEST(BadInput, DiskFull) {
  const Folder folder;
  folder.write("a.yaml", machine());
  const Output run = folder.tileloom({"inspect", "a.yaml", "--json", "/dev/full"});
  EXPECT_EQ(run.err, "/dev/full: cannot write: No space left on device: choose another place\n");
  EXPECT_EQ(run.code, 2);
}

TEST(BadInput, ACacheThatCannotBeWrittenIsRefused) {
  const Folder folder;
  folder.write("p.yaml", "matmul: {M: 2, N: 2, K: 2}\n");
  const std::string why =
      "p.yaml: cannot create folder: Not a directory: choose a folder that can be written\n";
  const Output map = folder.tileloom(
      {"map", "--problem", "p.yaml", "--arch", "unit", "--cache", "p.yaml", "--json", "out.json"});
  EXPECT_EQ(map.err, why);
  EXPECT_EQ(map.code, 2);
  copy_model(folder, "gemm");
  const Output tune = folder.tileloom(
      {"tune-fusion", "gemm.onnx", "--arch", "mlu100", "--cache", "p.yaml", "--json", "out.json"});
  EXPECT_EQ(tune.err, why);
  EXPECT_EQ(tune.code, 2);
  EXPECT_EQ(folder.entries(), (std::vector<std::string>{"gemm.onnx", "p.yaml"}));
}

TEST(BadInput, AUsualCacheThatCannotBeWrittenIsSaidAndNotUsed) {
  const Folder folder;
  folder.write("p.yaml", "matmul: {M: 2, N: 2, K: 2}\n");
  const char* before = std::getenv("XDG_CACHE_HOME");
  const std::string kept = before == nullptr ? "" : before;
  ::setenv("XDG_CACHE_HOME", (folder.path() / "p.yaml").c_str(), 1);
  const Output map = folder.tileloom({"map", "--problem", "p.yaml", "--arch", "unit"});
  ::setenv("XDG_CACHE_HOME", kept.c_str(), 1);  // empty is as good as unset
  EXPECT_EQ(map.code, 0);
  EXPECT_EQ(map.err, "note: answers are not remembered: " + (folder.path() / "p.yaml").string() +
                         "/tileloom: cannot create folder: Not a directory: choose a folder that can "
                         "be written\n");
}

}  // namespace

// The loop tree's text form on any bytes: it answers with a tree that is printed and read back
// unchanged, or with mistakes that name the file and a line. It must neither crash nor hang.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "tileloom/loop_tree/text.hpp"

namespace {

tileloom::Workload workload() {
  tileloom::Workload workload;
  workload.tensors = {{"I", {}}, {"W", {}}, {"a b", {}}};
  workload.operators.push_back({.name = "conv.1", .kind = "Conv", .ranks = {{"K", 64}, {"C", 8}}});
  workload.operators.push_back({.name = "/relu", .kind = "Relu", .ranks = {{"K\n", 64}}});
  return workload;
}

tileloom::Architecture machine() {
  tileloom::Architecture arch;
  arch.memories.push_back({.name = "DRAM"});
  arch.memories.push_back({.name = "Buffer"});
  arch.axes.push_back({.name = "pe", .size = 16, .hop = {}});
  return arch;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const tileloom::Workload kWorkload = workload();
  static const tileloom::Architecture kMachine = machine();
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto tree = tileloom::parse_tree(text, "fuzz", kWorkload, kMachine);
  if (tree) {
    const std::string printed = tileloom::print_tree(kWorkload, kMachine, *tree);
    const auto again = tileloom::parse_tree(printed, "printed", kWorkload, kMachine);
    if (!again || *again != *tree) std::abort();
  } else {
    if (tree.error().empty()) std::abort();
    for (const tileloom::Diagnostic& mistake : tree.error()) {
      if (mistake.where.file != "fuzz" || mistake.what.empty()) std::abort();
    }
  }
  return 0;
}

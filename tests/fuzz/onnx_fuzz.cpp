// Any bytes as an ONNX model: refused with reasons, or a workload the core can rely on.

#include <cstddef>
#include <cstdint>

#include "expect.hpp"
#include "tileloom/io/onnx/import.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const tileloom::Result<tileloom::Workload> workload =
      tileloom::import_onnx_bytes(bytes, "fuzz.onnx", {.bind = {{"batch", 2}}});
  if (!workload) {
    expect_mistakes(workload.error(), "fuzz.onnx");
    return 0;
  }
  expect(check(*workload).empty(), "an imported workload passes its own check");
  expect(macs(*workload) >= 0, "the work is counted");
  for (const tileloom::NodeCoverage& node : workload->coverage) {
    expect(node.macs >= 0 && node.bits_moved >= 0, "a node's shares are counted");
  }
  return 0;
}

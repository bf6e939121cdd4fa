// Any bytes as a table of layers: refused with reasons, or layers that make sound operators.

#include <cstddef>
#include <cstdint>

#include "expect.hpp"
#include "tileloom/io/csv/read_layers.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto layers = tileloom::parse_layers(text, "fuzz.csv");
  if (!layers) {
    expect_mistakes(layers.error(), "fuzz.csv");
    return 0;
  }
  for (const tileloom::TableLayer& layer : *layers) {
    const tileloom::Workload workload = tileloom::one_conv(layer.name, layer.shape, {});
    expect(check(workload).empty(), "an accepted layer passes the check of workloads");
  }
  return 0;
}

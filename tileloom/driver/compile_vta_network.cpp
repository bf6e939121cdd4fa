#include "tileloom/driver/compile_vta_network.hpp"

#include <algorithm>

#include "tileloom/reference/run_integer_network.hpp"
#include "tileloom/target/vta/simulator/simulate.hpp"
#include "tileloom/target/vta/tuning/host.hpp"

namespace tileloom::driver {

using namespace target::vta;

NetworkCheck check_network(const IntegerNetwork& network, const Program& program,
                           const std::vector<std::int8_t>& image) {
  NetworkCheck check;
  const std::vector<std::int8_t> expected = reference::run_integer_network(network, image).back();
  check.elements = static_cast<std::int64_t>(expected.size());
  Image filled = program.image;
  const HostTensor& input = program.tensors.front();
  const HostTensor& output = program.tensors.back();
  std::size_t result_region = 0;
  for (std::size_t r = 0; r < filled.regions.size(); ++r) {
    if (filled.regions[r].name == input.region) {
      filled.regions[r].content = pack(input.map, image);
    }
    if (filled.regions[r].name == output.region) result_region = r;
  }
  for (const Unit start : {Unit::compute, Unit::load, Unit::store}) {
    const RunResult run = simulate(filled, {.start = start});
    check.errors.insert(check.errors.end(), run.report.errors.begin(), run.report.errors.end());
    check.races = check.races || run.report.races;
    for (const std::string& warning : run.report.warnings) {
      if (std::find(check.warnings.begin(), check.warnings.end(), warning) == check.warnings.end()) {
        check.warnings.push_back(warning);
      }
    }
    if (run.regions.empty()) continue;
    std::vector<std::int8_t> result(expected.size(), 0);
    unpack(output.map, run.regions[result_region], result);
    for (std::size_t i = 0; i < result.size(); ++i) check.wrong += result[i] != expected[i] ? 1 : 0;
  }
  return check;
}

}  // namespace tileloom::driver

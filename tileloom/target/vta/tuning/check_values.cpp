#include "tileloom/target/vta/tuning/check_values.hpp"

#include "tileloom/reference/sum_products.hpp"
#include "tileloom/target/vta/simulator/simulate.hpp"
#include "tileloom/target/vta/tuning/compile.hpp"
#include "tileloom/target/vta/tuning/host.hpp"

namespace tileloom::target::vta {
namespace {

using Values = std::vector<std::int8_t>;

Values plain_result(const Operator& op, const Epilogue& epilogue, const Values& a,
                    const Values& b) {
  Values result;
  for (const std::int32_t sum : reference::sum_products(op, a, b)) {
    result.push_back(apply(epilogue, sum));
  }
  return result;
}

}  // namespace

std::vector<std::int8_t> random_values(Random& random, std::int64_t count) {
  Values values(static_cast<std::size_t>(count));
  for (std::int8_t& value : values) value = static_cast<std::int8_t>(random.between(-128, 127));
  return values;
}

bool is_harmless(const std::string& warning) {
  return warning.starts_with("an accumulator is added to again");
}

ValueCheck check_values(const Operator& op, const Config& config, const Embedding& embedding,
                        const Tiling& tiling, const Epilogue& epilogue, Random& random) {
  ValueCheck check;
  const tileloom::Instruction core = gemm_core(config);
  const EmittedProgram program = emit(config, nest_of(op, core, embedding), tiling, epilogue);
  const Values a = random_values(random, elements(op.inputs[0]));
  const Values b = random_values(random, elements(op.inputs[1]));
  const auto map = [&](Part part) {
    return element_map(op, core, embedding, part,
                       program.placement.stored[static_cast<std::size_t>(part)]);
  };
  const Image image =
      image_of(config, program, pack(map(Part::data), embedding.swapped ? b : a),
               pack(map(Part::weights), embedding.swapped ? a : b));
  const Values expected = plain_result(op, epilogue, a, b);
  const ElementMap results = map(Part::result);
  for (const Unit start : {Unit::compute, Unit::load, Unit::store}) {
    const RunResult run = simulate(image, {.start = start});
    check.gemm_steps += run.report.profile.gemm_steps;
    for (const std::string& error : run.report.errors) check.complaints.push_back(error);
    for (const std::string& warning : run.report.warnings) {
      if (!is_harmless(warning)) check.complaints.push_back(warning);
    }
    if (run.regions.empty()) return check;
    Values result(expected.size(), 0);
    unpack(results, run.regions[2], result);
    for (std::size_t i = 0; i < result.size(); ++i) check.wrong += result[i] != expected[i];
  }
  return check;
}

}  // namespace tileloom::target::vta

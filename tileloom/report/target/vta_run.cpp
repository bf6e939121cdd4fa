#include "tileloom/report/target/vta_run.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tileloom/report/target/vta_layers.hpp"
#include "tileloom/support/version.hpp"

namespace tileloom::report {
namespace {

using namespace target::vta;
using Json = nlohmann::ordered_json;

Json profile_json(const Profile& profile) {
  const auto loaded = [&](Memory memory) {
    return profile.loaded_bytes[static_cast<std::size_t>(memory)];
  };
  return {{"uop_load_nbytes", loaded(Memory::micro_op)},
          {"inp_load_nbytes", loaded(Memory::input)},
          {"wgt_load_nbytes", loaded(Memory::weight)},
          {"acc_load_nbytes", loaded(Memory::accumulator) + loaded(Memory::accumulator8)},
          {"out_store_nbytes", profile.stored_bytes},
          {"gemm_counter", profile.gemm_steps},
          {"alu_counter", profile.alu_steps}};
}

Json timing_json(std::int64_t gemm_steps, const Timing& timing) {
  const auto busy = [&](Unit unit) { return timing.busy[static_cast<std::size_t>(unit)].value; };
  return {{"cycles", timing.total.value},
          {"utilisation", static_cast<double>(gemm_steps) /
                              static_cast<double>(std::max<std::int64_t>(1, timing.total.value))},
          {"busy",
           {{"load", busy(Unit::load)},
            {"compute", busy(Unit::compute)},
            {"store", busy(Unit::store)},
            {"read_port", timing.read_port.value}}}};
}

}  // namespace

std::string vta_run_json(const RunReport& report, const Program& program, const Timing* timing) {
  std::string error;
  for (const std::string& sentence : report.errors) {
    error += error.empty() ? sentence : "; " + sentence;
  }
  Json json{{"status", static_cast<int>(report.status)},
            {"meaning", to_string(report.status)},
            {"error", error},
            {"warnings", report.warnings},
            {"races", report.races},
            {"insn",
             {{"load", report.instructions.load},
              {"store", report.instructions.store},
              {"gemm", report.instructions.gemm},
              {"alu", report.instructions.alu},
              {"finish", report.instructions.finish}}},
            {"profile", profile_json(report.profile)},
            {"gemm_same_dst_within_3", report.close_reuse},
            {"expect", Json::array()}};
  if (timing != nullptr) json["timing"] = timing_json(report.profile.gemm_steps, *timing);
  if (timing != nullptr && !program.layers.empty()) {
    json["layers"] = Json::parse(vta_layer_json(program, *timing));
  }
  for (const Comparison& comparison : report.comparisons) {
    Json entry{{"region", comparison.region},
               {"bytes", comparison.bytes},
               {"mismatches", comparison.mismatches}};
    entry["first"] = comparison.first < 0 ? Json(nullptr) : Json(comparison.first);
    json["expect"].push_back(std::move(entry));
  }
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string vta_program_json(const std::string& subject, const std::string& embedding,
                             const Program& program, const Timing& timing) {
  Json regions = Json::array();
  for (const Region& region : program.image.regions) {
    regions.push_back({{"name", region.name}, {"bytes", region.size}});
  }
  Json tensors = Json::array();
  for (const HostTensor& tensor : program.tensors) {
    tensors.push_back({{"name", tensor.name}, {"output", tensor.output}, {"shape", tensor.shape}});
  }
  const std::int64_t steps = gemm_steps(program.image.program);
  Json json{{"schema", "tileloom.vta_program/1"},
            {"tool", std::string("tileloom ") + kVersion},
            {"subject", subject},
            {"shape", shape_text(program.image.config)},
            {"embedding", embedding.empty() ? Json(nullptr) : Json(embedding)},
            {"instructions", program.image.program.size()},
            {"gemm_steps", steps},
            {"regions", std::move(regions)},
            {"tensors", std::move(tensors)},
            {"timing", timing_json(steps, timing)},
            {"layers", Json::parse(vta_layer_json(program, timing))}};
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace tileloom::report

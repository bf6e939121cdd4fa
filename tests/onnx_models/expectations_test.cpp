// Every model of models/ and of this folder gives the multiply-accumulates, output sizes and node
// counts that ONNX's shape inference and reference evaluator gave (expected.json), or is refused.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "tileloom/io/onnx/import.hpp"

namespace tileloom {
namespace {

using Json = nlohmann::json;

const std::string kRoot = TILELOOM_SOURCE_DIR;
const std::string kNetworks = "/models/";
const std::string kSmall = "/tests/onnx_models/";

const std::map<std::string, std::set<std::string>> kKinds = {
    {"conv", {"Conv", "ConvTranspose", "ConvInteger", "QLinearConv", "FusedConv"}},
    {"matmul", {"Gemm", "MatMul", "MatMulInteger", "QLinearMatMul", "Einsum", "Attention"}},
    {"recurrent", {"LSTM", "GRU", "RNN"}}};

/// What one file must give under one binding of its symbolic dimensions.
struct Expectation {
  std::string file;  ///< from the root of the sources
  Json facts;
};

std::ostream& operator<<(std::ostream& out, const Expectation& expectation) {
  return out << expectation.file;
}

Json read_json(const std::string& path) {
  std::ifstream file(path);
  return Json::parse(file);
}

std::vector<Expectation> networks() {
  std::vector<Expectation> all;
  const Json files = read_json(kRoot + kNetworks + "expected.json");
  for (const auto& [file, network] : files.items()) {
    for (const Json& one : network.at("cases")) {
      Json facts = one;
      facts["error"] = nullptr;
      facts["bind"] = one.at("binding");
      facts["nodes"] = network.at("nodes");
      all.push_back({kNetworks + file, facts});
    }
  }
  return all;
}

std::vector<Expectation> small_models() {
  std::vector<Expectation> all;
  const Json files = read_json(kRoot + kSmall + "expected.json");
  for (const auto& [file, facts] : files.items()) all.push_back({kSmall + file, facts});
  return all;
}

std::string test_name(const testing::TestParamInfo<Expectation>& info) {
  const std::string& file = info.param.file;
  std::string name = file.substr(file.rfind('/') + 1);
  name.resize(name.rfind('.'));
  if (info.param.facts.contains("bind")) {
    for (const auto& [symbol, size] : info.param.facts.at("bind").items()) {
      name += "_" + symbol + size.dump();
    }
  }
  return name;
}

std::int64_t macs_of_kind(const Workload& workload, const std::string& kind) {
  std::int64_t sum = 0;
  for (const NodeCoverage& line : workload.coverage) {
    if (kKinds.at(kind).contains(line.type)) sum += line.macs;
  }
  return sum;
}

using Complaints = std::vector<std::string>;

/// Every node is understood, except those that need not be; true if one of the latter is there.
bool check_coverage(const Workload& workload, const Json& facts, Complaints& complaints) {
  std::set<std::string> allowed;
  if (facts.contains("may_be_unmapped")) allowed = facts.at("may_be_unmapped");
  bool partial = false;
  for (const NodeCoverage& line : workload.coverage) {
    partial |= line.status == NodeStatus::unmapped && allowed.contains(line.type);
  }
  for (const NodeCoverage& line : workload.coverage) {
    if (line.status != NodeStatus::unmapped || partial) continue;
    complaints.push_back(fmt::format("{} '{}' is unmapped: {}", line.type, line.node, line.note));
  }
  if (facts.contains("nodes") && workload.coverage.size() != facts.at("nodes")) {
    complaints.push_back(fmt::format("{} nodes are listed, {} exist", workload.coverage.size(),
                                     facts.at("nodes").dump()));
  }
  return partial;
}

void check_macs(const Workload& workload, const Json& facts, Complaints& complaints) {
  for (const auto& [kind, types] : kKinds) {
    const std::int64_t found = macs_of_kind(workload, kind);
    const auto expected = facts.at("macs").at(kind).get<std::int64_t>();
    if (found == expected) continue;
    complaints.push_back(fmt::format("{} MACs of kind {}, expected {}", found, kind, expected));
  }
}

/// An output that is a view of another tensor has its elements, but maybe not its shape.
void check_outputs(const Workload& workload, const Json& facts, Complaints& complaints) {
  for (const Tensor& tensor : workload.tensors) {
    if (!facts.at("outputs").contains(tensor.name)) continue;
    const Json& shape = facts.at("outputs").at(tensor.name);
    if (shape.is_null()) continue;
    const auto sizes = shape.get<std::vector<std::int64_t>>();
    const std::int64_t expected =
        std::accumulate(sizes.begin(), sizes.end(), std::int64_t{1}, std::multiplies<>());
    if (elements(tensor) == expected) continue;
    complaints.push_back(fmt::format("output {} has {} elements, expected {}", tensor.name,
                                     elements(tensor), shape.dump()));
  }
}

/// A refusal says where, what and what to do.
Complaints check_refusal(const Diagnostics& mistakes, const std::string& path) {
  Complaints complaints;
  if (mistakes.empty()) complaints.push_back("refused without a reason");
  for (const Diagnostic& mistake : mistakes) {
    if (mistake.where.file != path) complaints.push_back("no file in: " + to_string(mistake));
    if (mistake.what.empty()) complaints.push_back("says nothing");
    if (mistake.hint.empty()) complaints.push_back("no remedy in: " + to_string(mistake));
  }
  return complaints;
}

Complaints complaints_about(const Expectation& expectation) {
  const Json& facts = expectation.facts;
  const std::string path = kRoot + expectation.file;
  ImportOptions options;
  if (facts.contains("bind")) options.bind = facts.at("bind");
  const Result<Workload> workload = import_onnx(path, options);
  const Json& error = facts.at("error");
  if (!workload && !error.is_null()) return check_refusal(workload.error(), path);
  if (!workload) return {to_string(workload.error())};
  if (error == "any") return {};
  if (!error.is_null()) return {"imported, but has a mistake: " + error.dump()};
  Complaints complaints;
  const bool partial = check_coverage(*workload, facts, complaints);
  if (!partial) check_macs(*workload, facts, complaints);
  check_outputs(*workload, facts, complaints);
  return complaints;
}

class Model : public testing::TestWithParam<Expectation> {};

TEST_P(Model, has_the_work_and_the_sizes_that_onnx_finds_or_is_refused) {
  for (const std::string& complaint : complaints_about(GetParam())) ADD_FAILURE() << complaint;
}

INSTANTIATE_TEST_SUITE_P(network, Model, testing::ValuesIn(networks()), test_name);
INSTANTIATE_TEST_SUITE_P(small, Model, testing::ValuesIn(small_models()), test_name);

}  // namespace
}  // namespace tileloom

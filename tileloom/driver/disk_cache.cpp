#include "tileloom/driver/disk_cache.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "tileloom/driver/cache_file.hpp"
#include "tileloom/mapper/canonical.hpp"
#include "tileloom/support/file.hpp"
#include "tileloom/support/version.hpp"

namespace tileloom::driver {
namespace {

using nlohmann::json;

void append(std::string& text, const Memory& memory) {
  fmt::format_to(std::back_inserter(text), "memory {} {}x{} r{} w{} holds {}{}{} double {} shared",
                 memory.capacity ? memory.capacity->value : -1, memory.word.value, memory.block,
                 memory.read.value.value, memory.write.value.value, memory.holds[0],
                 memory.holds[1], memory.holds[2], memory.double_buffered);
  for (const AxisId axis : memory.shared_along) {
    fmt::format_to(std::back_inserter(text), " {}", index(axis));
  }
  for (const std::optional<double>& port :
       {memory.ports.read, memory.ports.write, memory.ports.shared}) {
    fmt::format_to(std::back_inserter(text), " port {}", port ? *port : -1.0);
  }
  text += "\n";
}

/// The machine without names, in the order the core numbers its parts.
std::string machine_text(const Architecture& arch) {
  std::string text;
  for (const Memory& memory : arch.memories) append(text, memory);
  for (const SpatialAxis& axis : arch.axes) {
    fmt::format_to(std::back_inserter(text), "axis {} below {} multicast {} reduce {} hop {}\n",
                   axis.size, axis.below, axis.multicast, axis.reduce, axis.hop.value.value);
  }
  fmt::format_to(std::back_inserter(text), "compute mac {} other {} cycles {}\n",
                 arch.compute.mac.value.value, arch.compute.other.value.value,
                 arch.compute.cycles_per_operation);
  return text;
}

/// Tensors are written by the position of their first use.
json write_path(const Operator& op, const std::vector<PathNode>& path) {
  const std::vector<const Operand*> all = operands(op);
  json nodes = json::array();
  for (const PathNode& node : path) {
    if (const Loop* loop = std::get_if<Loop>(&node)) {
      nodes.push_back({"L", index(loop->rank), loop->tile,
                       loop->axis ? static_cast<int>(index(*loop->axis)) : -1});
      continue;
    }
    const Store& store = std::get<Store>(node);
    const auto use = std::ranges::find(all, store.tensor, &Operand::tensor);
    nodes.push_back({"S", use - all.begin(), index(store.memory), static_cast<int>(store.keep)});
  }
  return nodes;
}

/// The path, or nothing if an index does not exist in this problem.
std::optional<std::vector<PathNode>> read_path(const mapper::Problem& problem, const json& nodes) {
  const Operator& op = problem.workload.operators[problem.op];
  const std::vector<const Operand*> all = operands(op);
  std::vector<PathNode> path;
  for (const json& node : nodes) {
    const auto a = node.at(1).get<std::size_t>();
    if (node.at(0) == "L") {
      const auto axis = node.at(3).get<int>();
      if (a >= op.ranks.size() || axis >= static_cast<int>(problem.arch.axes.size())) return {};
      Loop loop{problem.op, static_cast<RankId>(a), node.at(2).get<std::int64_t>(), {}};
      if (axis >= 0) loop.axis = static_cast<AxisId>(axis);
      if (loop.tile < 1) return {};
      path.push_back(loop);
    } else {
      const auto memory = node.at(2).get<std::size_t>();
      if (a >= all.size() || memory >= problem.arch.memories.size()) return {};
      path.push_back(Store{all[a]->tensor, static_cast<MemoryId>(memory),
                           node.at(3).get<int>() == 0 ? Keep::overlap : Keep::same});
    }
  }
  return path;
}

json write_number(double value) { return std::isfinite(value) ? json(value) : json(nullptr); }

Proof read_proof(const json& value) {
  for (const Proof proof :
       {Proof::optimal, Proof::feasible, Proof::infeasible, Proof::budget_spent}) {
    if (value == to_string(proof)) return proof;
  }
  throw json::other_error::create(501, "unknown proof", nullptr);
}

mapper::MapResult read_result(const json& entry) {
  mapper::MapResult result;
  result.proof = read_proof(entry.at("proof"));
  result.space = entry.at("space").get<std::string>();
  result.reason = entry.at("reason").get<std::string>();
  result.evaluations = entry.at("evaluations").get<std::int64_t>();
  result.lower_bound = {entry.at("bound").at(0).get<double>(),
                        entry.at("bound").at(1).get<double>()};
  return result;
}

}  // namespace

std::string cache_key(const mapper::Problem& problem, const std::string& mapper_identity,
                      const Budget& budget) {
  return fmt::format("tileloom {}\nmapper {}\nbudget {} seed {}\nobjective {}\n{}{}", kVersion,
                     mapper_identity, budget.evaluations, budget.seed,
                     cost::to_string(problem.objective), machine_text(problem.arch),
                     mapper::problem_text(problem));
}

DiskCache::DiskCache(std::string folder, std::string mapper_identity, Budget budget)
    : folder_(std::move(folder)), mapper_identity_(std::move(mapper_identity)), budget_(budget) {}

std::optional<mapper::MapResult> DiskCache::find(const mapper::Problem& problem) const {
  const std::string key = cache_key(problem, mapper_identity_, budget_);
  const Result<std::string> text = read_file(cache_file(folder_, "", key));
  if (!text) return std::nullopt;
  const json entry = json::parse(*text, nullptr, false);
  if (!entry.is_object()) return std::nullopt;
  try {
    if (entry.at("key").get<std::string>() != key) return std::nullopt;
    mapper::MapResult result = read_result(entry);
    if (entry.at("path").is_null()) return result;
    const auto path = read_path(problem, entry.at("path"));
    if (!path) return std::nullopt;
    result.tree = LoopTree{*path, ComputeLeaf{problem.op}};
    result.evaluation = cost::evaluate(problem.workload.operators[problem.op], problem.arch, *path);
    const bool same = result.evaluation->latency.total.value == entry.at("cycles") &&
                      result.evaluation->energy.value == entry.at("picojoules");
    return same ? std::optional(std::move(result)) : std::nullopt;
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

void DiskCache::keep(const mapper::Problem& problem, const mapper::MapResult& result) const {
  const std::string key = cache_key(problem, mapper_identity_, budget_);
  json entry{
      {"key", key},
      {"proof", to_string(result.proof)},
      {"space", result.space},
      {"reason", result.reason},
      {"evaluations", result.evaluations},
      {"bound", {write_number(result.lower_bound.first), write_number(result.lower_bound.second)}},
      {"path", nullptr}};
  if (result.tree) {
    entry["path"] = write_path(problem.workload.operators[problem.op], result.tree->path);
    entry["cycles"] = result.evaluation->latency.total.value;
    entry["picojoules"] = result.evaluation->energy.value;
  }
  // A cache that cannot be written is no reason to fail: the answer is there.
  (void)write_file(cache_file(folder_, "", key), entry.dump());
}

}  // namespace tileloom::driver

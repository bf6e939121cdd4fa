#include "tileloom/report/inspection/inspect_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "tileloom/support/checked.hpp"
#include "tileloom/workload/axis_text.hpp"

namespace tileloom::report {
namespace {

using Json = nlohmann::ordered_json;

const char* name_of(PointFunction function) {
  switch (function) {
    case PointFunction::copy:
      return "copy";
    case PointFunction::multiply:
      return "multiply";
    case PointFunction::add:
      return "add";
    case PointFunction::subtract:
      return "subtract";
    case PointFunction::divide:
      return "divide";
    case PointFunction::maximum:
      return "maximum";
    case PointFunction::minimum:
      return "minimum";
    case PointFunction::activation:
      return "activation";
  }
  return "";
}

const char* name_of(Reduction reduction) {
  switch (reduction) {
    case Reduction::none:
      return "none";
    case Reduction::sum:
      return "sum";
    case Reduction::max:
      return "max";
  }
  return "";
}

std::int64_t total_bits(const Workload& workload) {
  std::int64_t total = 0;
  for (const NodeCoverage& line : workload.coverage) total = checked_add(total, line.bits_moved);
  return total;
}

std::int64_t count(const Workload& workload, NodeStatus status) {
  return std::ranges::count(workload.coverage, status, &NodeCoverage::status);
}

/// "  C=64 K=128 P=56".
std::string ranks_text(const Operator& op) {
  std::string text;
  for (const Rank& rank : op.ranks)
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", rank.name, rank.extent);
  return text;
}

/// A part of a whole in percent; 0 of 0 is 0.
double percent(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

std::int64_t whole_bytes(std::int64_t bits) { return ceil_div(bits, 8); }

Json operand_json(const Workload& workload, const Operator& op, const Operand& operand) {
  Json axes = Json::array();
  for (const Axis& axis : operand.axes) {
    axes.push_back({{"index", axis_text(op, axis)}, {"extent", axis.extent}});
  }
  return {{"tensor", workload.tensors[operand.tensor].name},
          {"role", to_string(operand.role)},
          {"bits", operand.bits},
          {"partial_bits", operand.partial_bits},
          {"elements", elements(operand)},
          {"axes", std::move(axes)}};
}

Json operator_json(const Workload& workload, const Operator& op) {
  Json ranks = Json::object();
  for (const Rank& rank : op.ranks) ranks[rank.name] = rank.extent;
  Json inputs = Json::array();
  for (const Operand& input : op.inputs) inputs.push_back(operand_json(workload, op, input));
  return {{"name", op.name},
          {"kind", op.kind},
          {"function", name_of(op.function)},
          {"reduction", name_of(op.reduction)},
          {"macs", macs(op)},
          {"points", points(op)},
          {"ranks", std::move(ranks)},
          {"inputs", std::move(inputs)},
          {"output", operand_json(workload, op, op.output)}};
}

Json coverage_json(const Workload& workload, const NodeCoverage& line) {
  Json operators = Json::array();
  for (const OperatorId id : line.operators) operators.push_back(workload.operators[id].name);
  return {{"node", line.node},
          {"type", line.type},
          {"status", to_string(line.status)},
          {"operators", std::move(operators)},
          {"note", line.note},
          {"macs", line.macs},
          {"bits_moved", line.bits_moved}};
}

}  // namespace

std::string model_table(const Workload& workload) {
  std::string text =
      fmt::format("{}: {} nodes, {} operators, {} tensors\n\n", workload.name,
                  workload.coverage.size(), workload.operators.size(), workload.tensors.size());
  const std::int64_t mapped_macs = macs(workload);
  std::int64_t all_macs = 0;
  for (const NodeCoverage& line : workload.coverage) {
    all_macs = checked_add(all_macs, line.macs);
  }
  const std::int64_t all_bits = total_bits(workload);
  text += fmt::format("{:<40} {:<24} {:>16} {:>14}  {}\n", "operator", "kind", "MACs", "points",
                      "ranks");
  for (const Operator& op : workload.operators) {
    text += fmt::format("{:<40} {:<24} {:>16} {:>14}  {}\n", op.name, op.kind, macs(op), points(op),
                        ranks_text(op));
  }
  text += fmt::format("\n{:<40} {:<24} {:<9} {:>7} {:>7}  {}\n", "node", "type", "became", "MACs",
                      "bytes", "note");
  for (const NodeCoverage& line : workload.coverage) {
    text += fmt::format("{:<40} {:<24} {:<9} {:>6.2f}% {:>6.2f}%  {}\n", line.node, line.type,
                        to_string(line.status), percent(line.macs, all_macs),
                        percent(line.bits_moved, all_bits), line.note);
  }
  text += fmt::format(
      "\n{} multiply-accumulates, {} bytes moved at least; nodes: {} mapped, {} folded, {} "
      "unmapped\n",
      mapped_macs, whole_bytes(all_bits), count(workload, NodeStatus::mapped),
      count(workload, NodeStatus::folded), count(workload, NodeStatus::unmapped));
  return text;
}

std::string model_json(const Workload& workload) {
  Json tensors = Json::array();
  for (const Tensor& tensor : workload.tensors) {
    tensors.push_back({{"name", tensor.name},
                       {"shape", tensor.shape},
                       {"bits", tensor.bits},
                       {"kind", to_string(tensor.kind)}});
  }
  Json operators = Json::array();
  for (const Operator& op : workload.operators) operators.push_back(operator_json(workload, op));
  Json coverage = Json::array();
  for (const NodeCoverage& line : workload.coverage) {
    coverage.push_back(coverage_json(workload, line));
  }
  const Json document{{"schema", "tileloom.inspect.model/1"},
                      {"name", workload.name},
                      {"macs", macs(workload)},
                      {"bits_moved", total_bits(workload)},
                      {"nodes",
                       {{"mapped", count(workload, NodeStatus::mapped)},
                        {"folded", count(workload, NodeStatus::folded)},
                        {"unmapped", count(workload, NodeStatus::unmapped)}}},
                      {"operators", std::move(operators)},
                      {"tensors", std::move(tensors)},
                      {"coverage", std::move(coverage)}};
  // Names come from the file: whatever is not UTF-8 is replaced.
  return document.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace tileloom::report

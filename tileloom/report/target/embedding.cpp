#include "tileloom/report/target/embedding.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tileloom/embedder/transformations.hpp"
#include "tileloom/report/format.hpp"
#include "tileloom/report/text_table.hpp"

namespace tileloom::report {
namespace {

using Json = nlohmann::ordered_json;
using embedder::Ranked;

std::vector<Column> columns(const std::string& first, std::size_t least) {
  return {{first, Align::left, 0, least},
          {"lanes", Align::left, 0, 20},
          {"steps"},
          {"utilised"},
          {"data"},
          {"weights"},
          {"result"},
          {"packed at run time", Align::right, 1},
          {"cycles"}};
}

std::string bytes(std::int64_t count) { return format_bits(8.0 * static_cast<double>(count)); }

std::vector<std::string> row(const std::string& first, const Operator& op,
                             const Instruction& instruction, const Ranked& ranked) {
  const Measures& m = ranked.measures;
  return {first,
          to_text(op, instruction, ranked.embedding),
          format_exact(m.steps),
          format_percent(utilisation(op, instruction, ranked.embedding)),
          bytes(m.bytes[0]),
          bytes(m.bytes[1]),
          bytes(m.bytes[2]),
          bytes(m.packing),
          format_exact(m.cycles)};
}

std::string without_embedding(const EmbeddedOperator& embedded) {
  return embedded.result.proof == Proof::infeasible ? "infeasible: " + embedded.result.reason
                                                    : "none found in the budget";
}

/// All of one operator's, and what the first one does.
std::string one_operator(const Instruction& instruction, const EmbeddedOperator& embedded,
                         const TableOptions& options) {
  const std::string name = printable(embedded.op.name);
  if (embedded.ranked.empty()) {
    return fmt::format("{} on {}: {}\n", name, instruction.name, without_embedding(embedded));
  }
  TextTable table{columns("#", 0), {}, 0};
  for (std::size_t i = 0; i < embedded.ranked.size(); ++i) {
    table.rows.push_back(row(fmt::to_string(i + 1), embedded.op, instruction, embedded.ranked[i]));
  }
  std::string text = fmt::format(
      "{} on {}: {} embeddings{}\n\n", name, instruction.name, embedded.result.embeddings.size(),
      embedded.result.proof == Proof::optimal ? ", all of them" : ", budget spent");
  text += render(table, options.width, options.colour);
  const Embedding& best = embedded.ranked.front().embedding;
  text += "\ntransformations of the first\n";
  for (const auto& step : embedder::transformations(embedded.op, instruction, best)) {
    text += fmt::format("  {}\n", embedder::to_text(embedded.op, instruction, best, step));
  }
  return text;
}

Json json_of(const Operator& op, const Instruction& instruction, const Ranked& ranked) {
  Json lanes = Json::array();
  for (std::size_t t = 0; t < ranked.embedding.lanes.size(); ++t) {
    const LaneMap& map = ranked.embedding.lanes[t];
    Json digits = Json::array();
    for (const Digit& digit : map.digits) {
      digits.push_back({{"rank", op.rank(digit.rank).name}, {"lanes", digit.lanes}});
    }
    lanes.push_back({{"dimension", instruction.dims[t].name},
                     {"fused", map.fused},
                     {"digits", std::move(digits)}});
  }
  Json steps = Json::array();
  for (const auto& step : embedder::transformations(op, instruction, ranked.embedding)) {
    steps.push_back(embedder::to_text(op, instruction, ranked.embedding, step));
  }
  const Measures& m = ranked.measures;
  return {{"text", to_text(op, instruction, ranked.embedding)},
          {"swapped", ranked.embedding.swapped},
          {"lanes", std::move(lanes)},
          {"steps", m.steps},
          {"utilisation", utilisation(op, instruction, ranked.embedding)},
          {"bytes", {{"data", m.bytes[0]}, {"weights", m.bytes[1]}, {"result", m.bytes[2]}}},
          {"packed_bytes", m.packing},
          {"cycles", m.cycles},
          {"transformations", std::move(steps)}};
}

}  // namespace

std::string embedding_table(const Instruction& instruction,
                            const std::vector<EmbeddedOperator>& operators,
                            const TableOptions& options) {
  if (operators.size() == 1) return one_operator(instruction, operators.front(), options);
  TextTable table{columns("operator", 12), {}, 0};
  std::string left_out;
  for (const EmbeddedOperator& embedded : operators) {
    const std::string name = printable(embedded.op.name);
    if (embedded.ranked.empty()) {
      left_out += fmt::format("  {}: {}\n", name, without_embedding(embedded));
    } else {
      table.rows.push_back(row(name, embedded.op, instruction, embedded.ranked.front()));
    }
  }
  std::string text = fmt::format("{} of {} operators embed into {}\n\n", table.rows.size(),
                                 operators.size(), instruction.name);
  if (!table.rows.empty()) text += render(table, options.width, options.colour);
  if (!left_out.empty()) text += "\nwithout an embedding\n" + left_out;
  return text;
}

std::string embedding_json(const Instruction& instruction,
                           const std::vector<EmbeddedOperator>& operators) {
  Json list = Json::array();
  for (const EmbeddedOperator& embedded : operators) {
    Json embeddings = Json::array();
    for (const Ranked& ranked : embedded.ranked) {
      embeddings.push_back(json_of(embedded.op, instruction, ranked));
    }
    list.push_back({{"name", embedded.op.name},
                    {"status", to_string(embedded.result.proof)},
                    {"count", embedded.result.embeddings.size()},
                    {"reason", embedded.result.reason},
                    {"embeddings", std::move(embeddings)}});
  }
  const Json document = {{"schema", "tileloom.embedding/1"},
                         {"instruction", instruction.name},
                         {"operators", std::move(list)}};
  return document.dump(2) + "\n";
}

}  // namespace tileloom::report

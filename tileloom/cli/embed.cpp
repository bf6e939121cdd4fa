// embed: every way to compute an operator with a tensor instruction.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>

#include "tileloom/cli/search_options.hpp"
#include "tileloom/cli/terminal.hpp"
#include "tileloom/cli/verb.hpp"
#include "tileloom/cli/vta_machine.hpp"
#include "tileloom/embedding/check.hpp"
#include "tileloom/io/csv/read_deepbench.hpp"
#include "tileloom/io/onnx/import.hpp"
#include "tileloom/io/yaml/read_instruction.hpp"
#include "tileloom/io/yaml/read_problem.hpp"
#include "tileloom/reference/execute_embedding.hpp"
#include "tileloom/report/target/embedding.hpp"
#include "tileloom/support/file.hpp"
#include "tileloom/support/nearest.hpp"
#include "tileloom/target/vta/tuning/compile.hpp"

namespace tileloom::cli {
namespace {

struct EmbedArguments {
  std::string subject;
  std::string target;
  std::string layer;
  std::vector<std::string> bind;
  std::string ranking = "cycles";
  std::string tiles = "padded";
  bool all = false;
  bool no_idle = false;
  bool no_fused = false;
  bool check = false;
  std::string json;
};

std::vector<Operator> operators_of(const Workload& workload) {
  return {workload.operators.begin(), workload.operators.end()};
}

/// A table, a network or a problem, by the name's ending.
Result<std::vector<Operator>> read_operators(const EmbedArguments& arguments) {
  const std::string& path = arguments.subject;
  if (path.ends_with(".csv")) {
    const Result<std::vector<DeepBenchLayer>> layers = read_deepbench(path);
    if (!layers) return tl::unexpected(layers.error());
    std::vector<Operator> all;
    for (const DeepBenchLayer& layer : *layers) {
      all.push_back(workload_of(layer, {}).operators[OperatorId{0}]);
    }
    return all;
  }
  if (path.ends_with(".onnx")) {
    const auto bindings = parse_bindings(arguments.bind);
    if (!bindings) return tl::unexpected(bindings.error());
    const Result<Workload> network = import_onnx(path, {.bind = *bindings});
    if (!network) return tl::unexpected(network.error());
    return operators_of(*network);
  }
  const Result<Workload> problem = read_problem(path);
  if (!problem) return tl::unexpected(problem.error());
  return operators_of(*problem);
}

Result<std::vector<Operator>> chosen(Result<std::vector<Operator>> all, const std::string& name) {
  if (!all || name.empty()) return all;
  std::vector<std::string> names;
  for (const Operator& op : *all) {
    if (op.name == name) return std::vector<Operator>{op};
    names.push_back(op.name);
  }
  return mistake({}, fmt::format("no layer '{}'", name), suggestion(name, names));
}

/// The index of a word among the choices.
Result<std::size_t> choice(const std::string& option, const std::string& word,
                           const std::vector<std::string>& choices) {
  const auto at = std::ranges::find(choices, word);
  if (at != choices.end()) return static_cast<std::size_t>(at - choices.begin());
  return mistake({}, fmt::format("unknown {} '{}'", option, word), suggestion(word, choices));
}

/// A target's instruction, a shipped one or that of a file. The targets' own names stand for their
/// usual instruction.
Result<Instruction> instruction_of(const std::string& target) {
  if (target == "vta") return load_instruction("vta_gemm_1x16x16");
  if (target == "x86_vnni") return load_instruction("vnni_1x16x4");
  if (const Result<std::string> text = names_file(target) ? read_file(target) : std::string();
      text && describes_vta(*text)) {
    const Result<target::vta::Machine> machine = parse_vta(*text, target);
    if (!machine) return tl::unexpected(machine.error());
    Instruction core = target::vta::gemm_core(machine->config);
    core.bytes_per_step = machine->timing.port_bytes;
    return core;
  }
  if (const auto found = target::find_target(target)) {
    if (!*found) return tl::unexpected(found->error());
    return (*found)->instruction;
  }
  return load_instruction(target);
}

template <class T>
void collect(const Result<T>& result, Diagnostics& mistakes) {
  if (!result) mistakes.insert(mistakes.end(), result.error().begin(), result.error().end());
}

report::EmbeddedOperator embed_one(const Operator& op, const Instruction& instruction,
                                   const embedder::EmbedOptions& options, embedder::Ranking ranking,
                                   bool all) {
  report::EmbeddedOperator embedded{op, embedder::embed(op, instruction, options), {}};
  embedded.ranked = embedder::rank(op, instruction, embedded.result.embeddings, ranking);
  if (!all) embedded.ranked = embedder::pareto(embedded.ranked);
  return embedded;
}

/// Executes every embedding that is listed, lane by lane, and says how many compute the operator.
/// False if one does not.
bool executed_right(const report::EmbeddedOperator& embedded, const Instruction& instruction) {
  constexpr std::int64_t kMostPoints = 4'000'000;
  const Operator& op = embedded.op;
  if (embedded.ranked.empty()) return true;
  if (points(op) > kMostPoints) {
    fmt::print("{}: not executed, {} multiply-accumulates exceed {}\n", op.name, points(op),
               kMostPoints);
    return true;
  }
  const reference::TensorValues tensors = reference::sample_values(op);
  const std::vector<double> expected = reference::evaluate_operator(op, tensors);
  std::size_t wrong = 0;
  for (const auto& ranked : embedded.ranked) {
    wrong += reference::execute_embedding(op, instruction, ranked.embedding, tensors) != expected;
  }
  fmt::print("{}: {} of {} embeddings executed, {} wrong\n", op.name, embedded.ranked.size(),
             embedded.result.embeddings.size(), wrong);
  return wrong == 0;
}

int run_embed(const EmbedArguments& arguments) {
  const Result<std::vector<Operator>> operators =
      chosen(read_operators(arguments), arguments.layer);
  const Result<Instruction> instruction = instruction_of(arguments.target);
  const Result<std::size_t> ranking =
      choice("ranking", arguments.ranking, {"cycles", "steps", "bytes", "packing"});
  const Result<std::size_t> tiles = choice("tiles", arguments.tiles, {"padded", "within", "exact"});
  Diagnostics mistakes;
  collect(operators, mistakes);
  collect(instruction, mistakes);
  collect(ranking, mistakes);
  collect(tiles, mistakes);
  if (!mistakes.empty()) return report_mistakes(mistakes);

  const embedder::EmbedOptions options{.tiles = static_cast<embedder::Tiles>(*tiles),
                                       .fused = !arguments.no_fused,
                                       .idle_lanes = !arguments.no_idle};
  std::vector<report::EmbeddedOperator> embedded;
  int code = kOk;
  for (const Operator& op : *operators) {
    embedded.push_back(embed_one(op, *instruction, options,
                                 static_cast<embedder::Ranking>(*ranking), arguments.all));
    const bool asked = operators->size() == 1 || not_embeddable(op).empty();
    if (asked && embedded.back().ranked.empty()) code = kInfeasible;
  }
  std::fputs(report::embedding_table(*instruction, embedded, table_options()).c_str(), stdout);
  for (const report::EmbeddedOperator& one : embedded) {
    if (arguments.check && !executed_right(one, *instruction)) code = kDisagree;
  }
  if (arguments.json.empty()) return code;
  const Result<void> written =
      write_file(arguments.json, report::embedding_json(*instruction, embedded));
  return written ? code : report_mistakes(written.error());
}

}  // namespace

Run add_embed(CLI::App& app) {
  const auto arguments = std::make_shared<EmbedArguments>();
  CLI::App* verb =
      app.add_subcommand("embed", "Every way to compute an operator with a tensor instruction");
  verb->add_option("OP", arguments->subject,
                   "a problem (.yaml), a network (.onnx) or a table of layers (.csv)")
      ->required();
  verb->add_option("--target", arguments->target,
                   "vta, vta:4x16x16, gemm:8x8x64, x86_vnni, a shipped instruction or a file")
      ->required()
      ->type_name("NAME|FILE");
  verb->add_option("--layer", arguments->layer, "only this operator")->type_name("NAME");
  verb->add_option("--bind", arguments->bind, "size of a symbolic dimension: NAME=SIZE");
  verb->add_flag(
      "--all", arguments->all,
      "every embedding; without it those that no other beats in steps, bytes and packing");
  verb->add_option("--ranking", arguments->ranking, "first by: cycles, steps, bytes, packing")
      ->capture_default_str();
  verb->add_option("--tiles", arguments->tiles,
                   "padded, within (no tile larger than its rank), exact (tiles divide)")
      ->capture_default_str();
  verb->add_flag("--no-idle", arguments->no_idle, "no lanes may be left idle");
  verb->add_flag("--no-fused", arguments->no_fused, "no products of ranks in the lanes");
  verb->add_flag("--check", arguments->check,
                 "execute the listed embeddings and compare with the operator's plain result");
  verb->add_option("--json", arguments->json, "also write the answer as JSON")->type_name("FILE");
  verb->footer(
      "Exit code: 0 embedded, 2 bad input, 3 proved that an operator has no embedding. Cycles are "
      "the larger of steps and moving every operand once.");
  return [arguments] { return run_embed(*arguments); };
}

}  // namespace tileloom::cli

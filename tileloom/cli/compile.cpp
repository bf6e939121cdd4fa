// compile: an operator to a program for a target.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "tileloom/cli/compile_network.hpp"
#include "tileloom/cli/subject.hpp"
#include "tileloom/cli/vta_machine.hpp"
#include "tileloom/cli/verb.hpp"
#include "tileloom/driver/compile_vta.hpp"
#include "tileloom/io/npy/npy.hpp"
#include "tileloom/io/vta/program_file.hpp"
#include "tileloom/report/target/vta_run.hpp"
#include "tileloom/support/file.hpp"
#include "tileloom/support/random.hpp"

namespace tileloom::cli {
namespace {

using namespace target::vta;

struct CompileArguments {
  std::string subject;
  std::string layer;
  std::string target = "vta";
  std::string shape;  ///< empty = not given
  std::string weights;
  std::uint64_t seed = 1;
  bool fixed = false;
  std::string out;
  std::string json;  ///< file; empty = none
  Epilogue epilogue;
  CompileNetworkArguments network;  ///< what only whole models have
};

bool whole_network(const CompileArguments& arguments) {
  return arguments.subject.ends_with(".onnx") && arguments.layer.empty();
}

/// Options that were given although the subject has no use for them.
Diagnostics idle_options(const CLI::App& verb, bool network) {
  const std::vector<const char*> idle =
      network ? std::vector{"--weights", "--shift", "--min", "--max", "--fixed"}
              : std::vector{"--batch", "--calibrate", "--check"};
  Diagnostics mistakes;
  for (const char* option : idle) {
    if (verb.count(option) == 0) continue;
    mistakes.push_back({{},
                        fmt::format("{} is for {} only", option,
                                    network ? "single operators" : "whole networks"),
                        network ? "leave it out, or name an operator with --layer"
                                : "leave it out; 'tileloom run' simulates the program"});
  }
  return mistakes;
}

/// The operator that is to be compiled: that of a problem file, or the named one of a model.
Result<Workload> read_operator(const CompileArguments& arguments) {
  SubjectOptions options;
  const bool model = arguments.subject.ends_with(".onnx");
  (model ? options.model : options.problem) = arguments.subject;
  options.layer = arguments.layer;
  options.bind = arguments.network.bind;
  Result<Workload> workload = read_subject(options);
  if (!workload || workload->operators.size() == 1) return workload;
  return mistake({arguments.subject, 0, 0},
                 fmt::format("{} operators", workload->operators.size()),
                 "name one with --layer; 'tileloom inspect' lists them");
}

/// Values of the second input: a file's, or random ones; none of an operator without one.
Result<std::vector<std::int8_t>> weights_for(const CompileArguments& arguments,
                                             const Workload& workload, const Operator& op) {
  if (op.inputs.size() < 2) return std::vector<std::int8_t>{};
  const Tensor& tensor = workload.tensors[op.inputs[1].tensor];
  if (!arguments.weights.empty()) {
    Result<io::Int8Array> array = io::read_npy(arguments.weights);
    if (!array) return tl::unexpected(array.error());
    if (array->shape == tensor.shape) return std::move(array->values);
    return mistake({arguments.weights, 0, 0},
                   fmt::format("shape ({}), but {} has ({})", fmt::join(array->shape, ", "),
                               tensor.name, fmt::join(tensor.shape, ", ")),
                   "give the weights in the operator's shape");
  }
  Random random(arguments.seed);
  std::vector<std::int8_t> values(static_cast<std::size_t>(elements(tensor)));
  for (std::int8_t& value : values) value = static_cast<std::int8_t>(random.between(-128, 127));
  return values;
}

int run(const CompileArguments& arguments) {
  if (whole_network(arguments)) {
    CompileNetworkArguments network = arguments.network;
    network.model = arguments.subject;
    network.target = arguments.target;
    network.shape = arguments.shape;
    network.seed = arguments.seed;
    network.out = arguments.out;
    network.json = arguments.json;
    return compile_network(network);
  }
  const Result<Machine> machine = machine_of(arguments.target, arguments.shape);
  const Result<Workload> workload = read_operator(arguments);
  Diagnostics mistakes;
  if (!machine) mistakes = machine.error();
  if (!workload) mistakes.insert(mistakes.end(), workload.error().begin(), workload.error().end());
  if (!mistakes.empty()) return report_mistakes(mistakes);
  const Operator& op = *workload->operators.begin();
  const auto weights = weights_for(arguments, *workload, op);
  if (!weights) return report_mistakes(weights.error());
  CompileOptions options;
  options.epilogue = arguments.epilogue;
  options.tune.timing = machine->timing;
  const auto compiled =
      driver::compile_vta(op, *workload, machine->config, options, arguments.fixed, *weights);
  if (!compiled) {
    std::fputs(to_string(compiled.error()).c_str(), stderr);
    return kInfeasible;
  }
  Files files{{arguments.out, io::vta::program_bytes(compiled->program)}};
  if (!arguments.json.empty()) {
    files.emplace_back(
        arguments.json,
        report::vta_program_json(
            op.name, compiled->embedding, compiled->program,
            time(machine->config, compiled->program.image.program, machine->timing)));
  }
  if (const Result<void> written = write_files(files); !written) {
    return report_mistakes(written.error());
  }
  const std::int64_t steps = target::vta::gemm_steps(compiled->program.image.program);
  std::printf("%s: %s\n%zu instructions, %lld GEMM steps, %lld cycles\n", op.name.c_str(),
              compiled->embedding.c_str(), compiled->program.image.program.size(),
              static_cast<long long>(steps), static_cast<long long>(compiled->compiled.cycles.value));
  return kOk;
}

}  // namespace

Run add_compile(CLI::App& app) {
  auto arguments = std::make_shared<CompileArguments>();
  CLI::App* verb = app.add_subcommand("compile", "Compile a network or an operator to a program");
  verb->add_option("SUBJECT", arguments->subject, "a model (.onnx) or a problem file (YAML)")->required();
  verb->add_option("--layer", arguments->layer, "only this operator of the model")->type_name("NAME");
  verb->add_option("--calibrate", arguments->network.image,
                   "int8 image by which scales are chosen that the model does not state; a random "
                   "one by default")
      ->type_name("FILE.npy");
  verb->add_flag("--check", arguments->network.check,
                 "simulate a network and compare with a plain integer reference");
  verb->add_option("--batch", arguments->network.batch,
                   "of a network: so many times the images that the model takes at once")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  verb->add_option("--bind", arguments->network.bind, "size of a symbolic dimension: NAME=SIZE");
  verb->add_option("--target", arguments->target, kVtaTarget)->capture_default_str();
  verb->add_option("--shape", arguments->shape, kShapeOption)->default_str(kUsualShape);
  verb->add_option("--weights", arguments->weights, "int8 values of the second input")
      ->type_name("FILE.npy");
  verb->add_option("--seed", arguments->seed, "of random weights, if no file gives them")
      ->capture_default_str();
  verb->add_option("--shift", arguments->epilogue.shift, "results are shifted right by this")
      ->check(CLI::Range(0, 15))
      ->capture_default_str();
  verb->add_option("--min", arguments->epilogue.low, "then limited from below")
      ->check(CLI::Range(-128, 127))
      ->capture_default_str();
  verb->add_option("--max", arguments->epilogue.high, "and from above")
      ->check(CLI::Range(-128, 127))
      ->capture_default_str();
  verb->add_flag("--fixed", arguments->fixed, "the fixed channel-blocked recipe, no embedding");
  verb->add_option("-o,--out", arguments->out, "the program")->required()->type_name("FILE.tlp");
  verb->add_option("--json", arguments->json, "also write sizes, cycles and layers as JSON")
      ->type_name("FILE");
  return [arguments, verb] {
    Diagnostics mistakes = idle_options(*verb, whole_network(*arguments));
    if (arguments->json == arguments->out) {
      mistakes.push_back(
          {{}, "--json and --out name the same file", "write the program to a file of its own"});
    }
    return mistakes.empty() ? run(*arguments) : report_mistakes(mistakes);
  };
}

}  // namespace tileloom::cli

// run: a program image on the functional simulator.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tileloom/cli/verb.hpp"
#include "tileloom/io/npy/npy.hpp"
#include "tileloom/io/vta/program_file.hpp"
#include "tileloom/report/target/vta_layers.hpp"
#include "tileloom/report/target/vta_run.hpp"
#include "tileloom/support/file.hpp"
#include "tileloom/target/vta/simulator/simulate.hpp"
#include "tileloom/target/vta/simulator/timing.hpp"
#include "tileloom/target/vta/tuning/host.hpp"

namespace tileloom::cli {
namespace {

using namespace target::vta;

struct RunArguments {
  std::string program;
  int start_core = 0;
  bool no_races = false;
  std::string report;
  std::string outputs;
  std::vector<std::string> inputs;
  std::string output;
};

/// What the image wants to see of memory, in `folder`.
void add_outputs(const std::string& folder, const Image& image, const RunResult& result,
                 Files& files) {
  if (folder.empty() || result.regions.empty()) return;
  for (const OutputFile& output : image.outputs) {
    files.emplace_back((std::filesystem::path(folder) / output.file).string(),
                       output_bytes(image, result, output));
  }
}

/// Packs each array into the region of the input tensor in its place.
Diagnostics fill_inputs(const std::vector<std::string>& files, Program& program) {
  std::vector<const HostTensor*> tensors;
  for (const HostTensor& tensor : program.tensors) {
    if (!tensor.output) tensors.push_back(&tensor);
  }
  Diagnostics mistakes;
  if (files.size() > tensors.size()) {
    mistakes.push_back({{},
                        fmt::format("{} inputs given, the program has {}", files.size(),
                                    tensors.size()),
                        "give one --input per tensor"});
    return mistakes;
  }
  for (std::size_t i = 0; i < files.size(); ++i) {
    const Result<io::Int8Array> array = io::read_npy(files[i]);
    if (!array) {
      mistakes.insert(mistakes.end(), array.error().begin(), array.error().end());
    } else if (array->shape != tensors[i]->shape) {
      mistakes.push_back({{files[i], 0, 0},
                          fmt::format("shape ({}), but {} has ({})", fmt::join(array->shape, ", "),
                                      tensors[i]->name, fmt::join(tensors[i]->shape, ", ")),
                          "give the tensor in its own shape"});
    } else {
      for (Region& region : program.image.regions) {
        if (region.name == tensors[i]->region) {
          region.content = pack(tensors[i]->map, array->values);
        }
      }
    }
  }
  return mistakes;
}

const HostTensor* first_output(const Program& program) {
  const auto found = std::ranges::find(program.tensors, true, &HostTensor::output);
  return found == program.tensors.end() ? nullptr : &*found;
}

/// The tensor after the run as a NumPy file.
std::string npy_of(const HostTensor& tensor, const Program& program, const RunResult& result) {
  io::Int8Array array{tensor.shape, {}};
  std::size_t count = 1;
  for (std::int64_t size : tensor.shape) count *= static_cast<std::size_t>(size);
  array.values.resize(count);
  const auto region = static_cast<std::size_t>(find_region(program.image, tensor.region) -
                                               program.image.regions.data());
  unpack(tensor.map, result.regions[region], array.values);
  return io::npy_text(array);
}

int run(const RunArguments& arguments) {
  constexpr Unit kStart[] = {Unit::compute, Unit::load, Unit::store};
  Result<Program> program = io::vta::read_program(arguments.program);
  if (!program) return report_mistakes(program.error());
  Diagnostics mistakes = fill_inputs(arguments.inputs, *program);
  const HostTensor* const output = first_output(*program);
  if (!arguments.output.empty() && output == nullptr) {
    mistakes.push_back({{}, "the program has no output tensor", "leave out --output"});
  }
  if (!mistakes.empty()) return report_mistakes(mistakes);
  const Image* const image = &program->image;
  const RunResult result = simulate(
      *image, {.start = kStart[arguments.start_core], .races = !arguments.no_races});
  for (const std::string& error : result.report.errors) {
    std::fprintf(stderr, "%s: %s\n", arguments.program.c_str(), error.c_str());
  }
  for (const std::string& warning : result.report.warnings) {
    std::fprintf(stderr, "%s: warning: %s\n", arguments.program.c_str(), warning.c_str());
  }
  std::optional<Timing> timing;
  if (!result.regions.empty()) timing = time(image->config, image->program, program->timing);
  const std::string json = report::vta_run_json(result.report, *program, timing ? &*timing : nullptr);
  Files files;
  if (!arguments.report.empty()) files.emplace_back(arguments.report, json);
  add_outputs(arguments.outputs, *image, result, files);
  // After a failure there is nothing to see of memory.
  if (!arguments.output.empty() && !result.regions.empty()) {
    files.emplace_back(arguments.output, npy_of(*output, *program, result));
  }
  if (const Result<void> written = write_files(files); !written) {
    return report_mistakes(written.error());
  }
  if (arguments.report.empty()) {
    std::fputs(json.c_str(), stdout);
  } else if (timing && !program->layers.empty()) {
    std::fputs(report::vta_layer_table(*program, *timing).c_str(), stdout);
  }
  return static_cast<int>(result.report.status);
}

}  // namespace

Run add_run(CLI::App& app) {
  auto arguments = std::make_shared<RunArguments>();
  CLI::App* verb = app.add_subcommand("run", "Run a program on the functional simulator");
  verb->add_option("PROGRAM", arguments->program, "a program (.tlp) or an image: its JSON file or folder")
      ->required();
  verb->add_option("--start-core", arguments->start_core,
                   "the unit tried first: 0 compute, 1 load, 2 store")
      ->check(CLI::Range(0, 2));
  verb->add_flag("--no-races", arguments->no_races, "do not look for unordered accesses");
  verb->add_option("--report,--json", arguments->report, "write the report here instead of to stdout")
      ->type_name("FILE.json");
  verb->add_option("--outputs", arguments->outputs, "write the image's outputs into this folder")
      ->type_name("FOLDER");
  verb->add_option("--input", arguments->inputs, "an int8 tensor; once per input")
      ->type_name("FILE.npy");
  verb->add_option("--output", arguments->output, "write the output tensor here")
      ->type_name("FILE.npy");
  verb->footer(
      "Exit code: 0 ok, 1 memory differs from what is expected, 2 invalid image or program,\n"
      "3 deadlock or FINISH unordered, 4 failed while running.");
  return [arguments] { return run(*arguments); };
}

}  // namespace tileloom::cli

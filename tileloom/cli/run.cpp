// run: a program image on the functional simulator.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "tileloom/cli/verb.hpp"
#include "tileloom/io/vta/read_image.hpp"
#include "tileloom/report/vta_run.hpp"
#include "tileloom/support/file.hpp"
#include "tileloom/target/vta/simulate.hpp"
#include "tileloom/target/vta/timing.hpp"

namespace tileloom::cli {
namespace {

using namespace target::vta;

struct RunArguments {
  std::string program;
  int start_core = 0;
  bool no_races = false;
  std::string report;
  std::string outputs;
};

int refuse(const Diagnostics& mistakes) {
  std::fputs(to_string(mistakes).c_str(), stderr);
  return kBadInput;
}

/// Writes what the image wants to see of memory into `folder`.
Result<void> write_outputs(const std::string& folder, const Image& image, const RunResult& result) {
  if (folder.empty() || result.regions.empty()) return {};
  for (const OutputFile& output : image.outputs) {
    const Result<void> written = write_file((std::filesystem::path(folder) / output.file).string(),
                                            output_bytes(image, result, output));
    if (!written) return written;
  }
  return {};
}

int run(const RunArguments& arguments) {
  constexpr Unit kStart[] = {Unit::compute, Unit::load, Unit::store};
  const Result<Image> image = io::vta::read_image(arguments.program);
  if (!image) return refuse(image.error());
  const RunResult result = simulate(
      *image, {.start = kStart[arguments.start_core], .races = !arguments.no_races});
  for (const std::string& error : result.report.errors) {
    std::fprintf(stderr, "%s: %s\n", arguments.program.c_str(), error.c_str());
  }
  std::optional<Timing> timing;
  if (!result.regions.empty()) timing = time(image->config, image->program);
  const std::string json = report::vta_run_json(result.report, timing ? &*timing : nullptr);
  if (arguments.report.empty()) {
    std::fputs(json.c_str(), stdout);
  } else if (const auto written = write_file(arguments.report, json); !written) {
    return refuse(written.error());
  }
  if (const auto written = write_outputs(arguments.outputs, *image, result); !written) {
    return refuse(written.error());
  }
  return static_cast<int>(result.report.status);
}

}  // namespace

Run add_run(CLI::App& app) {
  auto arguments = std::make_shared<RunArguments>();
  CLI::App* verb = app.add_subcommand("run", "Run a program on the functional simulator");
  verb->add_option("PROGRAM", arguments->program, "a program image: its JSON file or its folder")
      ->required();
  verb->add_option("--start-core", arguments->start_core,
                   "the unit tried first: 0 compute, 1 load, 2 store")
      ->check(CLI::Range(0, 2));
  verb->add_flag("--no-races", arguments->no_races, "do not look for unordered accesses");
  verb->add_option("--report", arguments->report, "write the report here instead of to stdout")
      ->type_name("FILE.json");
  verb->add_option("--outputs", arguments->outputs, "write the image's outputs into this folder")
      ->type_name("FOLDER");
  verb->footer(
      "Exit code: 0 ok, 1 memory differs from what is expected, 2 invalid image or program,\n"
      "3 deadlock or FINISH unordered, 4 failed while running.");
  return [arguments] { return run(*arguments); };
}

}  // namespace tileloom::cli

// trace: what each unit of a VTA does in every cycle of a program.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "tileloom/cli/verb.hpp"
#include "tileloom/io/vta/program_file.hpp"
#include "tileloom/report/target/vta_run.hpp"
#include "tileloom/target/vta/simulator/order.hpp"

namespace tileloom::cli {
namespace {

using namespace target::vta;

struct TraceArguments {
  std::string program;
  std::string out;
};

int run(const TraceArguments& arguments) {
  const Result<Program> program = io::vta::read_program(arguments.program);
  if (!program) return report_mistakes(program.error());
  const Image* const image = &program->image;
  Diagnostics mistakes;
  for (const std::string& why : violations(*image)) {
    mistakes.push_back({{arguments.program, 0, 0}, why, {}});
  }
  if (!mistakes.empty()) return report_mistakes(mistakes);
  if (const auto deadlock = order(image->program).deadlock) {
    std::fprintf(stderr, "%s: deadlock; %s\n", arguments.program.c_str(), deadlock->c_str());
    return static_cast<int>(RunStatus::unordered);
  }
  const std::string json = report::vta_trace(*program, time(image->config, image->program, program->timing));
  return write_or_print(arguments.out, json);
}

}  // namespace

Run add_trace(CLI::App& app) {
  auto arguments = std::make_shared<TraceArguments>();
  CLI::App* verb =
      app.add_subcommand("trace", "Show on a time axis what each unit does and waits for");
  verb->add_option("PROGRAM", arguments->program, "a program, as for run")->required();
  verb->add_option("--out", arguments->out, "write to this file instead of standard output")
      ->type_name("FILE.json");
  verb->footer("The file opens in Perfetto (ui.perfetto.dev); a microsecond there is a cycle.");
  return [arguments] { return run(*arguments); };
}

}  // namespace tileloom::cli

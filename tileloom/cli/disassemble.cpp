// disassemble: the instructions of a program image as text.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "tileloom/cli/verb.hpp"
#include "tileloom/io/vta/program_file.hpp"
#include "tileloom/target/vta/isa/assembly.hpp"

namespace tileloom::cli {
namespace {

struct DisassembleArguments {
  std::string program;
  std::string out;
};

int run(const DisassembleArguments& arguments) {
  const auto program = io::vta::read_program(arguments.program);
  if (!program) return report_mistakes(program.error());
  const std::string text = target::vta::disassemble(program->image.program);
  return write_or_print(arguments.out, text);
}

}  // namespace

Run add_disassemble(CLI::App& app) {
  auto arguments = std::make_shared<DisassembleArguments>();
  CLI::App* verb = app.add_subcommand("disassemble", "Print the instructions of a program");
  verb->add_option("PROGRAM", arguments->program, "a program, as for run")
      ->required();
  verb->add_option("--out", arguments->out, "write to this file instead of standard output");
  return [arguments] { return run(*arguments); };
}

}  // namespace tileloom::cli

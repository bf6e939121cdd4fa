#include "tileloom/cli/compile_network.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "tileloom/cli/search_options.hpp"
#include "tileloom/cli/verb.hpp"
#include "tileloom/cli/vta_machine.hpp"
#include "tileloom/driver/compile_vta_network.hpp"
#include "tileloom/io/npy/npy.hpp"
#include "tileloom/io/onnx/integer_network.hpp"
#include "tileloom/io/vta/program_file.hpp"
#include "tileloom/report/target/vta_layers.hpp"
#include "tileloom/report/target/vta_run.hpp"
#include "tileloom/support/file.hpp"
#include "tileloom/support/random.hpp"

namespace tileloom::cli {
namespace {

using namespace target::vta;

/// The options of an import, or everything that is wrong with the arguments.
Result<IntegerImportOptions> import_options(const CompileNetworkArguments& arguments) {
  IntegerImportOptions options;
  options.seed = arguments.seed;
  Diagnostics mistakes;
  const auto bindings = parse_bindings(arguments.bind);
  if (bindings) {
    options.bind = *bindings;
  } else {
    mistakes = bindings.error();
  }
  if (!arguments.image.empty()) {
    Result<io::Int8Array> image = io::read_npy(arguments.image);
    if (image) {
      options.image = std::move(image->values);
    } else {
      mistakes.insert(mistakes.end(), image.error().begin(), image.error().end());
    }
  }
  if (!mistakes.empty()) return tl::unexpected(std::move(mistakes));
  return options;
}

void print_program(const Program& program, const Timing& timing) {
  std::fputs(report::vta_layer_table(program, timing).c_str(), stdout);
  std::int64_t bytes = 0;
  for (const Region& region : program.image.regions) bytes += region.size;
  fmt::print("{} instructions, {} bytes of DRAM in {} regions\n", program.image.program.size(),
             bytes, program.image.regions.size());
}

/// Runs the program on the given image, or on a random one.
int check(const IntegerNetwork& network, const Program& program, std::vector<std::int8_t> image,
          std::uint64_t seed) {
  if (image.empty()) {
    Random random(seed + 1);  // not the image that the scales were chosen for
    image.resize(static_cast<std::size_t>(elements(network.tensors.front().shape)));
    for (std::int8_t& value : image) value = static_cast<std::int8_t>(random.between(-128, 127));
  }
  const driver::NetworkCheck found = driver::check_network(network, program, image);
  for (const std::string& error : found.errors) fmt::print(stderr, "{}\n", error);
  for (const std::string& warning : found.warnings) fmt::print(stderr, "warning: {}\n", warning);
  if (!found.errors.empty()) return kDisagree;
  const bool good = found.wrong == 0 && !found.races;
  fmt::print("simulated three times, each unit first: {} of {} elements differ from the integer "
             "reference, {}\n",
             found.wrong, 3 * found.elements, found.races ? "races" : "no race");
  return good ? kOk : kDisagree;
}

}  // namespace

int compile_network(const CompileNetworkArguments& arguments) {
  const Result<Machine> machine = machine_of(arguments.target, arguments.shape);
  const Result<IntegerImportOptions> options = import_options(arguments);
  Diagnostics mistakes;
  if (!machine) mistakes = machine.error();
  if (!options) mistakes.insert(mistakes.end(), options.error().begin(), options.error().end());
  if (!mistakes.empty()) return report_mistakes(mistakes);
  Result<ImportedNetwork> imported = import_integer_network(arguments.model, *options);
  if (!imported) return report_mistakes(imported.error());
  // Scales were chosen for one image, or as many as the model has.
  imported->network = batched(std::move(imported->network), arguments.batch);
  for (const std::string& note : imported->notes) fmt::print(stderr, "note: {}\n", note);
  NetworkOptions network;
  network.tune.timing = machine->timing;
  const auto program = target::vta::compile_network(imported->network, machine->config, network);
  if (!program) {
    for (const std::string& reason : program.error()) {
      fmt::print(stderr, "{}: {}\n", arguments.model, reason);
    }
    return kInfeasible;
  }
  const Timing timing = time(machine->config, program->image.program, machine->timing);
  Files files{{arguments.out, io::vta::program_bytes(*program)}};
  if (!arguments.json.empty()) {
    files.emplace_back(arguments.json,
                       report::vta_program_json(arguments.model, {}, *program, timing));
  }
  if (const Result<void> written = write_files(files); !written) {
    return report_mistakes(written.error());
  }
  print_program(*program, timing);
  if (!arguments.check) return kOk;
  std::vector<std::int8_t> image;  // random, if there are more than were given
  if (arguments.batch == 1) image = options->image;
  return check(imported->network, *program, std::move(image), arguments.seed);
}

}  // namespace tileloom::cli

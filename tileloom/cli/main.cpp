#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <new>
#include <string>
#include <vector>

#include "tileloom/cli/verb.hpp"
#include "tileloom/cli/verbs.hpp"
#include "tileloom/support/checked.hpp"
#include "tileloom/support/nearest.hpp"
#include "tileloom/support/version.hpp"

int main(int argc, char** argv) {
  using namespace tileloom;
  CLI::App app(
      "Tileloom: schedules neural networks on accelerators, and says how good the schedule is");
  app.name("tileloom");
  app.set_version_flag("--version", std::string("tileloom ") + kVersion);
  app.require_subcommand(1);

  std::map<std::string, cli::Run> runs;
  for (const cli::Verb& verb : cli::verbs()) runs[verb.name] = verb.add(app);
  const std::string verb = argc > 1 ? argv[1] : "-";
  if (!verb.starts_with('-') && !runs.contains(verb)) {
    std::vector<std::string> known;
    for (const auto& [name, run] : runs) known.push_back(name);
    return cli::report_mistakes(
        {{{}, "unknown command '" + verb + "'", suggestion(verb, known)}});
  }
  try {
    app.parse(argc, argv);
    return runs.at(app.get_subcommands().front()->get_name())();
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? cli::kOk : cli::kBadInput;
  } catch (const OverflowError& error) {
    std::fprintf(stderr, "tileloom: %s\n", error.what());
    return cli::kBadInput;
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "tileloom: out of memory: use a smaller problem\n");
    return cli::kBadInput;
  }
}

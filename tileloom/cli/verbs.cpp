#include "tileloom/cli/verbs.hpp"

#include <cstdio>

#include "tileloom/support/file.hpp"

namespace tileloom::cli {

Run add_export(CLI::App& app);
Run add_import(CLI::App& app);
Run add_schedule(CLI::App& app);
Run add_map(CLI::App& app);
Run add_compare(CLI::App& app);
Run add_co_search(CLI::App& app);
Run add_explore_fusion(CLI::App& app);
Run add_evaluate(CLI::App& app);
Run add_explain(CLI::App& app);
Run add_check(CLI::App& app);
Run add_inspect(CLI::App& app);
Run add_list(CLI::App& app);
Run add_validate(CLI::App& app);
Run add_run(CLI::App& app);
Run add_disassemble(CLI::App& app);
Run add_trace(CLI::App& app);
Run add_embed(CLI::App& app);
Run add_bench_embedding(CLI::App& app);
Run add_compile(CLI::App& app);
Run add_tune_fusion(CLI::App& app);

std::span<const Verb> verbs() {
  static constexpr Verb all[] = {
      {"schedule", add_schedule},
      {"map", add_map},
      {"compare", add_compare},
      {"co-search", add_co_search},
      {"evaluate", add_evaluate},
      {"explain", add_explain},
      {"check", add_check},
      {"inspect", add_inspect},
      {"list", add_list},
      {"validate", add_validate},
      {"import", add_import},
      {"export", add_export},
      {"embed", add_embed},
      {"bench-embedding", add_bench_embedding},
      {"compile", add_compile},
      {"tune-fusion", add_tune_fusion},
      {"run", add_run},
      {"disassemble", add_disassemble},
      {"trace", add_trace},
      {"explore-fusion", add_explore_fusion},
  };
  return all;
}

int report_mistakes(const Diagnostics& mistakes) {
  std::fputs(to_string(mistakes).c_str(), stderr);
  return kBadInput;
}

int write_or_print(const std::string& file, const std::string& text) {
  if (file.empty()) {
    std::fputs(text.c_str(), stdout);
    return kOk;
  }
  const Result<void> written = write_file(file, text);
  return written ? kOk : report_mistakes(written.error());
}

}  // namespace tileloom::cli

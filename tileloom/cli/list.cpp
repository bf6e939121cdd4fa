// list: what comes with the program - architectures, models, mappers, objectives, energy figures.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tileloom/arch/energy_table.hpp"
#include "tileloom/cli/verb.hpp"
#include "tileloom/io/yaml/find_architecture.hpp"
#include "tileloom/mapper/registry.hpp"
#include "tileloom/support/data_folders.hpp"
#include "tileloom/support/file.hpp"

namespace tileloom::cli {
namespace {

using Json = nlohmann::ordered_json;

struct ListArguments {
  std::string what = "all";
  std::string json;
};

/// One thing that can be named on the command line.
struct Entry {
  std::string name;
  std::string about;
};

struct Section {
  const char* title;
  std::vector<Entry> entries;
};

/// Up to the end of the first sentence, at most 100 characters. A full stop behind a single letter
/// is that of a name ("H. Liao").
std::string first_words(const std::string& text) {
  std::size_t end = text.find(". ");
  while (end != std::string::npos && end > 1 &&
         !std::isalnum(static_cast<unsigned char>(text[end - 2]))) {
    end = text.find(". ", end + 1);
  }
  const std::string head = text.substr(0, end);
  return head.size() <= 100 ? head : head.substr(0, 97) + "...";
}

Result<Section> architectures() {
  Section section{"architectures", {}};
  for (const std::string& name : architecture_names(shipped_architecture_folders())) {
    const Result<Architecture> arch = load_architecture(name);
    if (!arch) return tl::unexpected(arch.error());
    section.entries.push_back(
        {name, fmt::format("{} lanes, {} memories; {}", lanes(*arch), arch->memories.size(),
                           first_words(arch->source))});
  }
  return section;
}

Section energies() {
  Section section{"energies", {}};
  const auto shown = [](const TableEntry& entry) {
    const std::string size =
        entry.capacity_bits == 0
            ? "any size"
            : (entry.kind == EnergyKind::mac ? fmt::format("{} bit", entry.capacity_bits)
                                             : fmt::format("{} B", entry.capacity_bits / 8));
    const std::string access =
        entry.access_bits == 0 ? "" : fmt::format(" per {} bit", entry.access_bits);
    const std::string energy =
        entry.read_pj == entry.write_pj
            ? fmt::format("{} pJ", entry.read_pj)
            : fmt::format("read {} pJ, write {} pJ", entry.read_pj, entry.write_pj);
    return fmt::format("{} of {}: {}{}; {}", to_string(entry.kind), size, energy, access,
                       entry.source);
  };
  for (const TableEntry& entry : energy_table()) {
    section.entries.push_back({std::string(entry.technology), shown(entry)});
  }
  section.entries.push_back({"pat", "Timeloop's public PAT formula for any size"});
  return section;
}

Section models() {
  Section section{"models", {}};
  for (const std::string& folder : data_folders("models")) {
    std::error_code error;
    for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end;
         it.increment(error)) {
      if (it->path().extension() != ".onnx") continue;
      section.entries.push_back({it->path().stem().string(), it->path().string()});
    }
  }
  std::ranges::stable_sort(section.entries, {}, &Entry::name);
  const auto repeated =
      std::unique(section.entries.begin(), section.entries.end(),
                  [](const Entry& a, const Entry& b) { return a.name == b.name; });
  section.entries.erase(repeated, section.entries.end());
  return section;
}

Section mapper_section() {
  Section section{"mappers", {}};
  for (const mapper::MapperEntry& entry : mapper::mappers()) {
    section.entries.push_back({entry.name, entry.about});
  }
  return section;
}

Section objectives() {
  return {
      "objectives",
      {{"latency", "cycles"},
       {"energy", "picojoules"},
       {"edp", "energy x delay: cycles x picojoules"},
       {"latency,energy", "any two with a comma: the second decides between equals of the first"},
       {"pareto",
        "all best compromises of energy and latency (map with mapper exact, schedule --fusion "
        "exact)"}}};
}

void print(const Section& section, bool titled) {
  if (titled) fmt::print("{}\n", section.title);
  for (const Entry& entry : section.entries) {
    fmt::print("{}{:<24} {}\n", titled ? "  " : "", entry.name, entry.about);
  }
}

int list(const ListArguments& arguments) {
  const auto fail = [](const Diagnostics& mistakes) {
    std::fputs(to_string(mistakes).c_str(), stderr);
    return kBadInput;
  };
  const Result<Section> machines = architectures();
  if (!machines) return fail(machines.error());
  const std::vector<Section> sections = {*machines, models(), mapper_section(), objectives(),
                                         energies()};
  Json document{{"schema", "tileloom.list/1"}};
  const bool all = arguments.what == "all";
  for (const Section& section : sections) {
    if (!all && arguments.what != section.title) continue;
    print(section, all);
    Json& entries = document[section.title] = Json::array();
    for (const Entry& entry : section.entries) {
      entries.push_back({{"name", entry.name}, {"about", entry.about}});
    }
  }
  if (arguments.json.empty()) return kOk;
  const Result<void> written = write_file(
      arguments.json, document.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
  return written ? kOk : fail(written.error());
}

}  // namespace

Run add_list(CLI::App& app) {
  CLI::App* verb = app.add_subcommand("list", "Print what comes with the program");
  const auto arguments = std::make_shared<ListArguments>();
  verb->add_option("WHAT", arguments->what,
                   "architectures, models, mappers, objectives, energies or all")
      ->check(
          CLI::IsMember({"all", "architectures", "models", "mappers", "objectives", "energies"}));
  verb->add_option("--json", arguments->json, "also write it to this file");
  return [arguments] { return list(*arguments); };
}

}  // namespace tileloom::cli

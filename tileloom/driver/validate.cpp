#include "tileloom/driver/validate.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "tileloom/driver/replay.hpp"
#include "tileloom/driver/replay_defines.hpp"
#include "tileloom/io/json_text.hpp"
#include "tileloom/support/file.hpp"
#include "tileloom/support/nearest.hpp"

namespace tileloom::driver {
namespace {

using nlohmann::json;
using report::QuantityAgreement;
using report::ValidationReport;

/// Where a figure stands: its full path, and the quantity it is one instance of.
struct Place {
  std::string path;
  std::string quantity;
  bool holds_names = false;  ///< members of this object are called by the user's names, not by ours

  Place member(const std::string& key) const {
    return {path.empty() ? key : path + "." + key,
            holds_names ? quantity : (quantity.empty() ? key : quantity + "." + key),
            !holds_names && (key == "levels" || key == "dataspaces")};
  }
};

double relative_deviation(double expected, double got) {
  if (got == expected) return 0;
  if (expected == 0) return std::numeric_limits<double>::infinity();
  return std::abs(got - expected) / std::abs(expected);
}

class Comparison {
 public:
  Comparison(ValidationReport& report, const Definition& definition)
      : report_(report), definition_(definition) {}

  void add(const Replayed& replayed) {
    current_ = &replayed;
    cases_.insert(replayed.case_id);
    ++report_.results;
    compare({}, replayed.expected, replayed.got);
  }

  void close() {
    report_.cases = static_cast<std::int64_t>(cases_.size());
    for (auto& [name, quantity] : quantities_) report_.quantities.push_back(quantity);
  }

 private:
  void compare(const Place& place, const json& expected, const json& got) {
    if (expected.is_object() && got.is_object()) {
      for (const auto& [key, value] : expected.items()) {
        const auto found = got.find(key);
        compare(place.member(key), value, found == got.end() ? json() : *found);
      }
    } else if (expected.is_array() && got.is_array() && expected.size() == got.size()) {
      for (std::size_t i = 0; i < expected.size(); ++i)
        compare({place.path + "[" + std::to_string(i) + "]", place.quantity}, expected[i], got[i]);
    } else if (expected.is_null()) {
      report_.open_figures.push_back(
          {current_->case_id, current_->setting, place.path, got.dump()});
    } else {
      compare_figure(place, expected, got);
    }
  }

  void compare_figure(const Place& place, const json& expected, const json& got) {
    QuantityAgreement& quantity = quantities_[place.quantity];
    quantity.quantity = place.quantity;
    ++quantity.compared;
    bool agrees = expected == got;
    if (expected.is_number() && got.is_number()) {
      const auto e = expected.get<double>();
      const auto g = got.get<double>();
      const Tolerance allowed = definition_.tolerance(place.quantity);
      agrees = agrees || std::abs(g - e) <= allowed.absolute + allowed.relative * std::abs(e);
      quantity.worst_relative = std::max(quantity.worst_relative, relative_deviation(e, g));
    }
    if (agrees) {
      ++quantity.agreed;
      return;
    }
    ++report_.disagreements;
    if (report_.first_disagreements.size() < report::kListedDisagreements)
      report_.first_disagreements.push_back({current_->case_id, current_->setting, place.path,
                                             expected.dump(),
                                             got.is_null() ? "nothing" : got.dump()});
  }

  ValidationReport& report_;
  const Definition& definition_;
  const Replayed* current_ = nullptr;
  std::map<std::string, QuantityAgreement> quantities_;
  std::set<std::string> cases_;
};

constexpr const char* kNoMaestro =
    "profile 'maestro' is not replayed, because its counts are unsound: edges of nested tiles lose "
    "cycles, reads can fall below the size of a tensor, tiles larger than their parent are accepted";
constexpr const char* kInstead =
    "evaluate the mapping with 'tileloom evaluate', whose counts are those of executing it";

/// The definition the file asks for.
Result<const Definition*> definition_of(const io::JsonText& file) {
  io::Reading reading(file);
  io::Node profile = reading.root();
  std::string name(defines_profile_of(file.root));
  if (name.empty() || file.root.contains("profile")) {
    profile = reading.member(reading.root(), "profile");
    name = reading.string(profile);
  }
  if (!reading.mistakes().empty()) return tl::unexpected(reading.mistakes());
  std::vector<std::string> known;
  for (const Definition& definition : definitions()) {
    if (definition.profile == name) return &definition;
    known.emplace_back(definition.profile);
  }
  if (name == "maestro") return mistake(io::locate(file, profile.pointer), kNoMaestro, kInstead);
  return mistake(io::locate(file, profile.pointer), "unknown profile '" + name + "'",
                 suggestion(name, known));
}

}  // namespace

Result<report::ValidationReport> validate(const std::string& path) {
  const Result<std::string> text = read_file(path);
  if (!text) return tl::unexpected(text.error());
  return validate_text(path, *text);
}

Result<report::ValidationReport> validate_text(const std::string& path, const std::string& text) {
  const Result<io::JsonText> file = io::parse_json(path, text);
  if (!file) return tl::unexpected(file.error());
  const Result<const Definition*> definition = definition_of(*file);
  if (!definition) return tl::unexpected(definition.error());

  ValidationReport report;
  report.file = path;
  report.profile = std::string((*definition)->profile);
  Comparison comparison(report, **definition);
  Diagnostics mistakes =
      (*definition)->replay(*file, [&](const Replayed& replayed) { comparison.add(replayed); });
  if (!mistakes.empty()) return tl::unexpected(std::move(mistakes));
  comparison.close();
  return report;
}

}  // namespace tileloom::driver

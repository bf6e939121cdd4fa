#pragma once
// How far our figures agree with a file of published or measured ones.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace tileloom::report {

/// How one quantity fared over all cases and settings.
struct QuantityAgreement {
  std::string quantity;  ///< keys without names of levels and dataspaces: "levels.dataspaces.reads"
  std::int64_t compared = 0;
  std::int64_t agreed = 0;
  double worst_relative = 0;  ///< largest |got − expected| / |expected| (infinite for expected 0)
};

/// A figure that lies outside its tolerance.
struct Disagreement {
  std::string case_id;
  std::string setting;
  std::string place;  ///< the full path: "levels.Buffer.dataspaces.W.reads"
  std::string expected;
  std::string got;
};

/// A figure the reference leaves open (null): ours is reported, nothing is compared.
struct OpenFigure {
  std::string case_id;
  std::string setting;
  std::string place;
  std::string got;
};

struct ValidationReport {
  std::string file;
  std::string profile;
  std::int64_t cases = 0;
  std::int64_t results = 0;  ///< cases times settings
  std::vector<QuantityAgreement> quantities;
  std::int64_t disagreements = 0;
  std::vector<Disagreement> first_disagreements;  ///< at most kListedDisagreements
  std::vector<OpenFigure> open_figures;
};

inline constexpr std::size_t kListedDisagreements = 10;

/// One line per quantity, the first disagreements, the figures left open; ends in a newline.
std::string validation_table(const ValidationReport& report);

/// All reports as one JSON document: {"schema": "tileloom.validation/1", "agree",
/// "files": [{"file", "profile", "cases", "results", "agree", "quantities": [{"quantity",
/// "compared", "agreed", "worst_relative_deviation" (null = infinite)}], "disagreements",
/// "first_disagreements", "open_figures"}]}.
std::string validation_json(std::span<const ValidationReport> reports);

}  // namespace tileloom::report

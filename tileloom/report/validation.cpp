#include "tileloom/report/validation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace tileloom::report {
namespace {

using Json = nlohmann::ordered_json;

std::string deviation_text(double worst) {
  if (worst == 0) return "0";
  return std::isinf(worst) ? "not 0" : fmt::format("{:.2g}", worst);
}

Json to_json(const ValidationReport& report) {
  Json quantities = Json::array();
  for (const QuantityAgreement& q : report.quantities) {
    Json entry = {{"quantity", q.quantity}, {"compared", q.compared}, {"agreed", q.agreed}};
    entry["worst_relative_deviation"] =
        std::isinf(q.worst_relative) ? Json() : Json(q.worst_relative);
    quantities.push_back(std::move(entry));
  }
  Json disagreements = Json::array();
  for (const Disagreement& d : report.first_disagreements)
    disagreements.push_back({{"case", d.case_id},
                             {"setting", d.setting},
                             {"place", d.place},
                             {"expected", d.expected},
                             {"got", d.got}});
  Json open = Json::array();
  for (const OpenFigure& f : report.open_figures)
    open.push_back(
        {{"case", f.case_id}, {"setting", f.setting}, {"place", f.place}, {"got", f.got}});
  return {{"file", report.file},
          {"profile", report.profile},
          {"cases", report.cases},
          {"results", report.results},
          {"agree", report.disagreements == 0},
          {"quantities", std::move(quantities)},
          {"disagreements", report.disagreements},
          {"first_disagreements", std::move(disagreements)},
          {"open_figures", std::move(open)}};
}

}  // namespace

std::string validation_table(const ValidationReport& report) {
  std::size_t width = std::string("quantity").size();
  for (const QuantityAgreement& q : report.quantities) width = std::max(width, q.quantity.size());
  std::string text = fmt::format("{}: profile {}, {} cases, {} results\n\n", report.file,
                                 report.profile, report.cases, report.results);
  text += fmt::format("{:<{}}  {:>8}  {:>8}  worst relative deviation\n", "quantity", width,
                      "compared", "agree");
  for (const QuantityAgreement& q : report.quantities)
    text += fmt::format("{:<{}}  {:>8}  {:>8}  {}\n", q.quantity, width, q.compared, q.agreed,
                        deviation_text(q.worst_relative));
  for (const OpenFigure& f : report.open_figures)
    text += fmt::format("open: {} [{}] {}: we say {}\n", f.case_id, f.setting, f.place, f.got);
  for (const Disagreement& d : report.first_disagreements)
    text += fmt::format("disagrees: {} [{}] {}: expected {}, got {}\n", d.case_id, d.setting,
                        d.place, d.expected, d.got);
  if (report.disagreements == 0) return text + "\nEvery figure agrees.\n";
  return text + fmt::format("\n{} figures disagree{}.\n", report.disagreements,
                            report.disagreements > std::ssize(report.first_disagreements)
                                ? fmt::format(", the first {} are listed",
                                              report.first_disagreements.size())
                                : "");
}

std::string validation_json(std::span<const ValidationReport> reports) {
  Json files = Json::array();
  bool agree = true;
  for (const ValidationReport& report : reports) {
    agree = agree && report.disagreements == 0;
    files.push_back(to_json(report));
  }
  const Json document = {
      {"schema", "tileloom.validation/1"}, {"agree", agree}, {"files", std::move(files)}};
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace tileloom::report

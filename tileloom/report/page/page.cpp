#include "tileloom/report/page/page.hpp"

#include "tileloom/report/page/page_template.hpp"
#include "tileloom/report/schedule/json.hpp"

namespace tileloom::report {
namespace {

/// '<' occurs in JSON only inside strings, where \u003c means the same: neither "</script>" nor
/// "<!--" can occur in the result.
std::string without_markup(const std::string& json) {
  std::string safe;
  safe.reserve(json.size());
  for (const char c : json) {
    if (c == '<') {
      safe += "\\u003c";
    } else {
      safe += c;
    }
  }
  return safe;
}

}  // namespace

std::string page_of(const std::string& json) {
  static constexpr std::string_view kPlace = "__TILELOOM_REPORT__";
  std::string page = page_template();
  page.replace(page.find(kPlace), kPlace.size(), without_markup(json));
  return page;
}

std::string schedule_page(const Workload& workload, const Architecture& arch,
                          const scheduler::Schedule& schedule) {
  return page_of(schedule_json_compact(workload, arch, schedule));
}

std::string mapping_page(const Workload& workload, const Architecture& arch,
                         const scheduler::Schedule& schedule) {
  return page_of(mapping_json_compact(workload, arch, schedule));
}

}  // namespace tileloom::report

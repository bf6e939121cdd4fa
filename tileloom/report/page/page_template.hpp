#pragma once
#include <string>

namespace tileloom::report {

/// The page without its report (tileloom/report/page/template.html), where
/// `__TILELOOM_REPORT__` stands for the JSON.
std::string page_template();

}  // namespace tileloom::report

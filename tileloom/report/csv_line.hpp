#pragma once
#include <string>
#include <vector>

namespace tileloom::report {

/// One line of RFC 4180: fields with a comma, a quote or a line break stand in quotes; ends in
/// CRLF.
std::string csv_line(const std::vector<std::string>& fields);

}  // namespace tileloom::report

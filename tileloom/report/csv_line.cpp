#include "tileloom/report/csv_line.hpp"

namespace tileloom::report {
namespace {

std::string field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

}  // namespace

std::string csv_line(const std::vector<std::string>& fields) {
  std::string text;
  for (const std::string& one : fields) {
    if (&one != &fields.front()) text += ',';
    text += field(one);
  }
  return text + "\r\n";
}

}  // namespace tileloom::report

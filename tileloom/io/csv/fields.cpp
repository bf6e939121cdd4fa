#include "tileloom/io/csv/fields.hpp"

#include <algorithm>

namespace tileloom {
namespace {

/// The first comma from `start` on that stands outside quotes, or the end of the line.
std::size_t next_comma(const std::string& line, std::size_t start) {
  bool quoted = false;
  for (std::size_t i = start; i < line.size(); ++i) {
    if (line[i] == '"') quoted = !quoted;
    if (line[i] == ',' && !quoted) return i;
  }
  return line.size();
}

Field field_of(const std::string& line, std::size_t start, std::size_t end) {
  const auto blank = [&](std::size_t i) {
    return line[i] == ' ' || line[i] == '\t' || line[i] == '\r';
  };
  while (start < end && blank(start)) ++start;
  std::size_t stop = end;
  while (stop > start && blank(stop - 1)) --stop;
  Field field{line.substr(start, stop - start), static_cast<int>(start) + 1};
  std::erase(field.text, '"');
  return field;
}

}  // namespace

std::vector<Field> split_fields(const std::string& line) {
  std::vector<Field> fields;
  for (std::size_t start = 0;;) {
    const std::size_t comma = next_comma(line, start);
    fields.push_back(field_of(line, start, comma));
    if (comma == line.size()) return fields;
    start = comma + 1;
  }
}

}  // namespace tileloom

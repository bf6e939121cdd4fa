#pragma once
// A line of comma-separated text.

#include <string>
#include <vector>

namespace tileloom {

/// What stands between two commas, without the blanks around it and without quotes.
struct Field {
  std::string text;
  int column = 1;  ///< of its first character
};

/// Fields of a line; one in quotes may hold commas.
std::vector<Field> split_fields(const std::string& line);

}  // namespace tileloom

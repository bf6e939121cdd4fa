#pragma once

#include <string>
#include <vector>

/// The words between the commas of a command-line argument; "" is one empty word.
inline std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> words{""};
  for (const char c : text) {
    if (c == ',') {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  return words;
}

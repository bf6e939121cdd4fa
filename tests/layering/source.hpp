#pragma once
#include <string>
#include <vector>

/// One file under tileloom/, as the rules see it.
struct Source {
  std::string path;                   ///< from the repository's root: "tileloom/cost/evaluate.cpp"
  std::vector<std::string> lines;     ///< as written
  std::vector<std::string> code;      ///< the same lines without comments and literals
  std::vector<std::string> includes;  ///< project files: "tileloom/cost/counts.hpp"
};

Source scan(const std::string& path, const std::string& text);

/// Every .hpp and .cpp under tileloom/ but the unit tests, sorted by path.
std::vector<Source> library_sources();

/// The content of a file of the repository.
std::string repository_file(const std::string& path);

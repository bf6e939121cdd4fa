// A reader finds every equation of docs/cost_model.md in one file of cost/.

#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "source.hpp"

namespace {

using Numbers = std::multiset<std::string>;

Numbers numbers_in(const std::string& text) {
  static const std::regex number(R"re(\(([A-Z][0-9]+)\))re");
  Numbers numbers;
  for (std::sregex_iterator it(text.begin(), text.end(), number), end; it != end; ++it) {
    numbers.insert((*it)[1]);
  }
  return numbers;
}

/// The equations stated ("**(C1)** …") and the file each is said to be computed in ("| (C1) |
/// `cost/x` |").
struct Document {
  Numbers stated;
  std::multimap<std::string, std::string> computed_in;
};

Document read_document() {
  static const std::regex statement(R"re(^\*\*\(([A-Z][0-9]+)\)\*\*)re");
  static const std::regex row(R"re(^\|([^|]*)\| `(cost/[a-z_]+)` \|$)re");
  Document document;
  std::istringstream lines(repository_file("docs/cost_model.md"));
  std::smatch match;
  for (std::string line; std::getline(lines, line);) {
    if (std::regex_search(line, match, statement)) document.stated.insert(match[1]);
    if (!std::regex_search(line, match, row)) continue;
    for (const std::string& number : numbers_in(match[1])) {
      document.computed_in.emplace(number, match[2]);
    }
  }
  return document;
}

/// Numbers cited in the comments of cost/, by file without its extension.
std::map<std::string, Numbers> citations() {
  std::map<std::string, Numbers> cited;
  for (const Source& source : library_sources()) {
    if (!source.path.starts_with("tileloom/cost/")) continue;
    const std::string stem = source.path.substr(9, source.path.size() - 9 - 4);
    for (const std::string& line : source.lines) {
      const std::size_t comment = line.find("//");
      if (comment != std::string::npos) cited[stem].merge(numbers_in(line.substr(comment)));
    }
  }
  return cited;
}

TEST(Equations, EachIsStatedOnceAndComputedInOneFileThatCitesIt) {
  const Document document = read_document();
  const std::map<std::string, Numbers> cited = citations();
  EXPECT_GE(document.stated.size(), 18U);
  for (const std::string& number : document.stated) {
    EXPECT_EQ(document.stated.count(number), 1U) << "(" << number << ") is stated twice";
    ASSERT_EQ(document.computed_in.count(number), 1U)
        << "(" << number << ") needs one row in \"Where each equation is computed\"";
    const std::string file = document.computed_in.find(number)->second;
    ASSERT_TRUE(cited.contains(file)) << file << " cites nothing";
    EXPECT_TRUE(cited.at(file).contains(number)) << file << " does not cite (" << number << ")";
  }
}

TEST(Equations, TheCodeCitesOnlyEquationsThatExist) {
  const Document document = read_document();
  for (const auto& [file, numbers] : citations()) {
    if (file.starts_with("cost/profiles/")) continue;  // a peer's conventions, not this document's
    for (const std::string& number : numbers) {
      EXPECT_TRUE(document.stated.contains(number)) << file << " cites (" << number << ")";
    }
  }
}

}  // namespace

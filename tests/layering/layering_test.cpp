#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <set>
#include <string>
#include <utility>

#include "source.hpp"

namespace {

/// The floors of docs/architecture.md: a folder may include folders on lower floors only.
const std::map<std::string, int> kFloors = {
    {"support", 0},   {"solver", 1}, {"workload", 1},  {"arch", 1},   {"loop_tree", 2},
    {"embedding", 2}, {"cost", 3},   {"reference", 3}, {"mapper", 4}, {"scheduler", 5},
    {"embedder", 5},  {"io", 6},     {"report", 6},    {"target", 6}, {"driver", 7},
    {"cli", 8},       {"python", 8}};

/// Neighbours on one floor that may look at each other, in this direction only.
const std::set<std::pair<std::string, std::string>> kNeighbours = {
    {"arch", "workload"},   // a memory says which roles of tensors it may hold
    {"reference", "cost"},  // both answer with the same counts, so that they can be compared
    {"io", "target"},       // program images are read and written as any other file
    {"report", "target"},   // runs of programs are reported as any other result
};

/// Folders whose subfolders are leaves: one method, format or machine each.
const std::set<std::string> kBranches = {"mapper", "scheduler", "cost/profiles", "io", "target"};

/// Leaves that may look at another, in this direction only.
const std::set<std::pair<std::string, std::string>> kSuccessors = {
    // A later edition of the same model, stated as its differences from the earlier one.
    {"cost/profiles/zigzag385", "cost/profiles/defines2022"},
};

std::string folder_of(const std::string& path) {  // "tileloom/cost/x.hpp" → "cost"
  const std::size_t begin = path.find('/') + 1;
  return path.substr(begin, path.find('/', begin) - begin);
}

/// The leaf a file belongs to ("mapper/exact"), or empty.
std::string leaf_of(const std::string& path) {
  for (const std::string& branch : kBranches) {
    const std::string prefix = "tileloom/" + branch + "/";
    if (!path.starts_with(prefix)) continue;
    const std::size_t end = path.find('/', prefix.size());
    if (end != std::string::npos) return path.substr(9, end - 9);
  }
  return {};
}

/// Why `file` may not include `included`, or empty.
std::string objection(const std::string& file, const std::string& included) {
  const std::string from = folder_of(file);
  const std::string to = folder_of(included);
  if (!kFloors.contains(from)) return "folder " + from + " has no floor";
  if (!kFloors.contains(to)) return "folder " + to + " has no floor";
  const int difference = kFloors.at(from) - kFloors.at(to);
  if (difference < 0) return from + " is below " + to;
  if (difference == 0 && from != to && !kNeighbours.contains({from, to})) {
    return from + " and " + to + " share a floor";
  }
  const std::string leaf = leaf_of(file);
  const std::string other = leaf_of(included);
  if (!leaf.empty() && !other.empty() && leaf != other && from == to &&
      !kSuccessors.contains({leaf, other})) {
    return "leaf " + leaf + " includes leaf " + other;
  }
  return {};
}

TEST(Layering, NoFileIncludesUpwardsOrSideways) {
  for (const Source& source : library_sources()) {
    for (const std::string& included : source.includes) {
      const std::string why = objection(source.path, included);
      EXPECT_EQ(why, "") << source.path << " includes " << included << ": " << why;
    }
  }
}

TEST(Layering, TheRuleSeesUpwardAndSidewaysIncludes) {
  EXPECT_EQ(objection("tileloom/cost/counts.cpp", "tileloom/mapper/mapper.hpp"),
            "cost is below mapper");
  EXPECT_EQ(objection("tileloom/mapper/exact/search.cpp", "tileloom/mapper/random/draw.hpp"),
            "leaf mapper/exact includes leaf mapper/random");
  EXPECT_EQ(objection("tileloom/report/schedule/json.cpp", "tileloom/io/yaml/arch.hpp"),
            "report and io share a floor");
  EXPECT_EQ(
      objection("tileloom/cost/profiles/timeloop/a.cpp", "tileloom/cost/profiles/zigzag385/b.hpp"),
      "leaf cost/profiles/timeloop includes leaf cost/profiles/zigzag385");
  EXPECT_EQ(objection("tileloom/utils/x.hpp", "tileloom/support/id.hpp"),
            "folder utils has no floor");
  EXPECT_EQ(objection("tileloom/mapper/registry.cpp", "tileloom/mapper/exact/exact.hpp"), "");
  EXPECT_EQ(objection("tileloom/cli/map.cpp", "tileloom/io/yaml/arch.hpp"), "");
}

/// What makes an answer depend on anything but its inputs, or takes the program away from its user.
const std::regex kHidden(
    R"re(\b(std\s*::\s*(cout|cerr|clog|cin|random_device)|(getenv|secure_getenv|exit|_exit|quick_exit|abort|printf|puts|system|rand|srand|clock|gettimeofday|clock_gettime)\s*\(|(system_clock|steady_clock|high_resolution_clock)\b))re");

TEST(Layering, NothingBelowTheCommandLineHasHiddenInputsOrExits) {
  for (const Source& source : library_sources()) {
    if (folder_of(source.path) == "cli") continue;
    for (std::size_t i = 0; i < source.code.size(); ++i) {
      EXPECT_FALSE(std::regex_search(source.code[i], kHidden))
          << source.path << ":" << i + 1 << ": " << source.lines[i];
    }
  }
}

TEST(Layering, TheRuleSeesCodeAndNotCommentsOrStrings) {
  const auto hidden = [](const std::string& line) {
    return std::regex_search(scan("x", line).code.at(0), kHidden);
  };
  EXPECT_TRUE(hidden("  if (n > 1'000) std::cout << n;"));
  EXPECT_TRUE(hidden("  exit(1);"));
  EXPECT_TRUE(hidden("  return std::getenv(\"HOME\");"));
  EXPECT_TRUE(hidden("  auto now = std::chrono::steady_clock::now();"));
  EXPECT_FALSE(hidden("  // the caller decides on exit(1)"));
  EXPECT_FALSE(hidden("  fail(\"never exit(1)\", '\"');"));
  EXPECT_FALSE(hidden("  fail(R\"js(say \"hi\"; exit(1);)js\");"));
  EXPECT_TRUE(hidden("  fail(R\"js(say \"hi\")js\"); exit(1);"));
  EXPECT_FALSE(hidden("  snprintf(buffer, 8, \"\");"));
}

/// clang 14 rejects what libstdc++ 12 builds on std::ranges::view_interface.
const std::regex kViews(
    R"re(\b(views::|ranges::(subrange|unique|remove|remove_if|partition|rotate|search|equal_range)\b))re");

TEST(Layering, NoFileUsesRangesThatClang14CannotCompile) {
  for (const Source& source : library_sources()) {
    for (std::size_t i = 0; i < source.code.size(); ++i) {
      EXPECT_FALSE(std::regex_search(source.code[i], kViews))
          << source.path << ":" << i + 1 << ": use the iterator form: " << source.lines[i];
    }
  }
}

TEST(Layering, NoFileIsLongerThanAReaderCanHold) {
  constexpr std::size_t kLines = 450;  // the aim is 400
  for (const Source& source : library_sources()) {
    EXPECT_LE(source.lines.size(), kLines) << source.path << " should be split by concept";
  }
}

// As a folder inside another project the outermost source and build folders are that project's.
TEST(Layering, CMakeNamesTheProjectsOwnFolders) {
  for (const char* file : {"CMakeLists.txt", "tileloom/CMakeLists.txt", "cmake/install.cmake",
                           "tileloom/report/page/embed.cmake"}) {
    const std::string text = repository_file(file);
    ASSERT_FALSE(text.empty()) << file;
    for (const char* foreign : {"CMAKE_SOURCE_DIR", "CMAKE_BINARY_DIR"}) {
      EXPECT_EQ(text.find(foreign), std::string::npos) << file << " uses " << foreign;
    }
  }
}

}  // namespace

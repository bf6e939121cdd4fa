#include "tileloom/report/page/page.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tileloom/report/page/page_template.hpp"
#include "tileloom/report/schedule/example_schedule_test.hpp"
#include "tileloom/support/file.hpp"

namespace tileloom::report {
namespace {

const std::string kWeb = std::string(TILELOOM_SOURCE_DIR) + "/web/";

std::string page_of(const Example& example) {
  return schedule_page(example.workload, example.arch, example.schedule);
}

/// What stands between the tags of the element that holds the report.
std::string report_in(const std::string& page) {
  const std::string tag = "id=\"tileloom-data\">";
  const std::size_t begin = page.find(tag) + tag.size();
  return page.substr(begin, page.find("</script>", begin) - begin);
}

/// FNV-1a (64 bit) over name and content of every source of the page, as web/vite.config.ts does.
std::string source_hash() {
  std::vector<std::string> names{"index.html", "package.json", "package-lock.json", "tsconfig.json",
                                 "vite.config.ts"};
  for (const auto& file : std::filesystem::directory_iterator(kWeb + "src")) {
    names.push_back("src/" + file.path().filename().string());
  }
  std::ranges::sort(names);
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const std::string& name : names) {
    for (const char byte : name + "\n" + read_file(kWeb + name).value()) {
      hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
    }
  }
  return fmt::format("{:016x}", hash);
}

TEST(Page, TheProgramCarriesTheCommittedTemplate) {
  const std::string path = std::string(TILELOOM_SOURCE_DIR) + "/tileloom/report/page/template.html";
  EXPECT_TRUE(page_template() == read_file(path).value());
}

TEST(Page, TheTemplateWasBuiltFromTheseSources) {
  EXPECT_NE(page_template().find("name=\"tileloom-sources\" content=\"" + source_hash() + "\""),
            std::string::npos)
      << "run scripts/web: tileloom/report/page/template.html is older than web/";
}

TEST(Page, TheTemplateIsSmallAsciiAndAsksTheNetworkForNothing) {
  const std::string text = page_template();
  EXPECT_LT(text.size(), 500'000U);
  EXPECT_TRUE(std::ranges::all_of(text, [](char c) { return c > 0; }));
  for (const char* outside : {" src=", "<link", "@import", "url(", "fetch(", "import("}) {
    EXPECT_EQ(text.find(outside), std::string::npos) << outside;
  }
  EXPECT_NE(text.find("default-src 'none'"), std::string::npos);
}

TEST(Page, TheTemplateKeepsTheLicenceOfItsChartLibrary) {
  EXPECT_NE(page_template().find("Chart.js v"), std::string::npos);
  EXPECT_NE(page_template().find("Released under the MIT License"), std::string::npos);
}

TEST(Page, HoldsTheReport) {
  const auto report = nlohmann::json::parse(report_in(page_of(example())));
  EXPECT_EQ(report["schema"], "tileloom.schedule/1");
  EXPECT_EQ(report["totals"]["cycles"], 296);
}

TEST(Page, ANameCannotEndTheElementItStandsIn) {
  Example evil = example();
  const std::string name = "</script><script>alert(1)</script><!--";
  evil.workload.operators[OperatorId{0}].name = name;
  evil.schedule.model = name;
  const std::string page = page_of(evil);
  EXPECT_EQ(page.find("alert(1)</script"), std::string::npos);
  EXPECT_EQ(report_in(page).find('<'), std::string::npos);
  EXPECT_EQ(nlohmann::json::parse(report_in(page))["layers"][0]["name"], name);
}

TEST(Page, ANameThatLooksLikeThePlaceOfTheReportIsJustAName) {
  Example odd = example();
  odd.schedule.model = "__TILELOOM_REPORT__";
  EXPECT_EQ(nlohmann::json::parse(report_in(page_of(odd)))["model"], "__TILELOOM_REPORT__");
}

// fc1: 8 fills of I, then 32 updates of O of which the first 4 find no partial sum.
TEST(Page, SaysWhatCausesTheCountsOfALayerButNotOfItsCopies) {
  const auto layers = nlohmann::json::parse(report_in(page_of(example())))["layers"];
  EXPECT_EQ(layers[0]["causes"][5][1]["count"], "update reads");
  EXPECT_EQ(layers[0]["causes"][5][1]["total"], 28);
  EXPECT_TRUE(layers[1]["causes"].is_null());
  EXPECT_TRUE(layers[3]["causes"].is_null());
}

}  // namespace
}  // namespace tileloom::report

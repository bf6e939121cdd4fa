#include "tileloom/report/text_table.hpp"

#include <gtest/gtest.h>

namespace tileloom::report {
namespace {

TextTable table() {
  TextTable table;
  table.columns = {{.title = "name", .align = Align::left, .least = 5},
                   {.title = "cost"},
                   {.title = "note", .align = Align::left, .dispensable = 1}};
  table.rows = {{"convolution", "7", "ok"}, {"total", "12345", ""}};
  table.footer = 1;
  return table;
}

TEST(TextTable, AlignsColumnsAndSetsTheFooterOff) {
  EXPECT_EQ(render(table(), 0),
            "name          cost  note\n"
            "------------------------\n"
            "convolution      7  ok\n"
            "------------------------\n"
            "total        12345\n");
}

TEST(TextTable, ShortensNamesBeforeItLeavesColumnsOut) {
  EXPECT_EQ(render(table(), 20),
            "name      cost  note\n"
            "--------------------\n"
            "co~tion      7  ok\n"
            "--------------------\n"
            "total    12345\n");
}

TEST(TextTable, LeavesOutTheMostDispensableColumnWhereNothingElseHelps) {
  EXPECT_EQ(render(table(), 13),
            "name     cost\n"
            "-------------\n"
            "c~tion      7\n"
            "-------------\n"
            "total   12345\n");
}

TEST(TextTable, AWidthNothingFitsIntoStillShowsWhatMayNotBeLeftOut) {
  EXPECT_EQ(render(table(), 1),
            "name    cost\n"
            "------------\n"
            "c~ion      7\n"
            "------------\n"
            "total  12345\n");
}

}  // namespace
}  // namespace tileloom::report

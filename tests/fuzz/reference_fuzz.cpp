// A reference file of any bytes: a report, or mistakes with a remedy. It must neither crash nor
// hang.

#include <cstdint>
#include <string>

#include "expect.hpp"
#include "tileloom/driver/validate.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto report = tileloom::driver::validate_text("fuzz", text);
  if (!report) {
    expect_mistakes(report.error(), "fuzz");
    return 0;
  }
  expect(!tileloom::report::validation_table(*report).empty(), "a report is printed");
  expect(!tileloom::report::validation_json({&*report, 1}).empty(), "a report is written");
  return 0;
}

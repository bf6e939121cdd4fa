#pragma once
// What every reader promises on any bytes at all.

#include <cstdio>
#include <cstdlib>
#include <string>

#include "tileloom/support/diagnostic.hpp"

/// Ends the process in a way every fuzzer takes for a crash.
inline void expect(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

/// A refusal names at least one mistake, each with a fact, a remedy and a place in `file` or in a
/// file inside it.
inline void expect_mistakes_in(const tileloom::Diagnostics& mistakes, const std::string& file) {
  expect(!mistakes.empty(), "a refusal has a reason");
  for (const tileloom::Diagnostic& mistake : mistakes) {
    expect(!mistake.what.empty(), "a mistake states a fact");
    expect(!mistake.hint.empty(), "a mistake has a remedy");
    expect(mistake.where.file.starts_with(file), "a mistake names its file");
    expect(mistake.where.line >= 0 && mistake.where.column >= 0, "a place counts from 1");
  }
}

/// The same, where the file holds no others.
inline void expect_mistakes(const tileloom::Diagnostics& mistakes, const std::string& file) {
  expect_mistakes_in(mistakes, file);
  for (const tileloom::Diagnostic& mistake : mistakes) {
    expect(mistake.where.file == file, "a mistake names its file");
  }
}

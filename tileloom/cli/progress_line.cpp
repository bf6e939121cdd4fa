#include "tileloom/cli/progress_line.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

namespace tileloom::cli {

ProgressLine::ProgressLine(bool always, std::string unit)
    : unit_(std::move(unit)),
      shown_(always || ::isatty(STDERR_FILENO) != 0),
      overwrite_(::isatty(STDERR_FILENO) != 0),
      start_(std::chrono::steady_clock::now()),
      next_(start_ + std::chrono::milliseconds(200)) {}

ProgressLine::~ProgressLine() {
  if (shown_ && overwrite_) std::fputs("\r\033[K", stderr);
}

void ProgressLine::show(const scheduler::NetworkProgress& progress) {
  const auto now = std::chrono::steady_clock::now();
  if (!shown_ || now < next_) return;
  next_ = now + std::chrono::milliseconds(overwrite_ ? 100 : 1000);
  const double seconds = std::chrono::duration<double>(now - start_).count();
  std::string line =
      fmt::format("{}/{} {}, {:.1f} s", progress.solved, progress.distinct, unit_, seconds);
  if (progress.solved > 0 && progress.solved < progress.distinct) {
    const auto left = static_cast<double>(progress.distinct - progress.solved);
    line +=
        fmt::format(", about {:.0f} s left", seconds * left / static_cast<double>(progress.solved));
  }
  line += fmt::format("  {}", progress.layer.substr(0, 40));
  if (progress.search.incumbent) {
    line += fmt::format(": best {:.4g}, bound {:.4g} after {} evaluations",
                        progress.search.incumbent->first, progress.search.lower_bound.first,
                        progress.search.evaluations);
  }
  std::fputs((overwrite_ ? "\r\033[K" + line : line + "\n").c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace tileloom::cli

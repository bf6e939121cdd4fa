#pragma once
// Lines of emitted code.

#include <fmt/format.h>

#include <cstdint>
#include <iterator>
#include <string>
#include <utility>

namespace tileloom::x86_vnni {

/// Lines with indentation.
class Text {
 public:
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    text_.append(2 * depth_, ' ');
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
    text_.push_back('\n');
  }
  void open(const std::string& head) {
    line("{} {{", head);
    ++depth_;
  }
  void close() {
    --depth_;
    line("}}");
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
  std::size_t depth_ = 0;
};

/// A loop of `trips` trips.
inline std::string for_head(const std::string& variable, std::int64_t trips) {
  return fmt::format("for (long {0} = 0; {0} < {1}; ++{0})", variable, trips);
}

}  // namespace tileloom::x86_vnni

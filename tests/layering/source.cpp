#include "source.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <stdexcept>

namespace fs = std::filesystem;

namespace {

/// Blanks comments and the inside of string and character literals, keeping line breaks.
std::string without_comments_and_literals(const std::string& text) {
  enum class In { code, line_comment, block_comment, string, character };
  In in = In::code;
  std::string code = text;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    const char here = text[i];
    if (here == '\n') {
      if (in == In::line_comment) in = In::code;
      continue;
    }
    switch (in) {
      case In::code:
        if (here == 'R' && next == '"') {
          const std::size_t open = text.find('(', i);
          const std::string close = ')' + text.substr(i + 2, open - i - 2) + '"';
          const std::size_t end = std::min(text.find(close, open), text.size() - close.size());
          for (; i < end + close.size(); ++i) {
            if (text[i] != '\n') code[i] = ' ';
          }
          --i;
          continue;
        }
        if (here == '/' && next == '/') in = In::line_comment;
        if (here == '/' && next == '*') in = In::block_comment;
        if (here == '"') in = In::string;
        // 1'000'000 separates digits; elsewhere a quote opens a literal.
        if (here == '\'' && !(i > 0 && std::isxdigit(static_cast<unsigned char>(text[i - 1])))) {
          in = In::character;
        }
        if (in != In::code) code[i] = ' ';
        continue;
      case In::block_comment:
        code[i] = ' ';
        if (here == '*' && next == '/') {
          code[++i] = ' ';
          in = In::code;
        }
        continue;
      case In::string:
      case In::character:
        code[i] = ' ';
        if (here == '\\' && next != '\n')
          code[++i] = ' ';
        else if (here == (in == In::string ? '"' : '\''))
          in = In::code;
        continue;
      case In::line_comment:
        code[i] = ' ';
        continue;
    }
  }
  return code;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

}  // namespace

Source scan(const std::string& path, const std::string& text) {
  static const std::regex include(R"re(^\s*#\s*include\s+"(tileloom/[^"]+)")re");
  Source source{path, lines_of(text), lines_of(without_comments_and_literals(text)), {}};
  for (const std::string& line : source.lines) {
    std::smatch match;
    if (std::regex_search(line, match, include)) source.includes.push_back(match[1]);
  }
  return source;
}

std::string repository_file(const std::string& path) {
  std::ifstream in(fs::path(TILELOOM_SOURCE_DIR) / path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<Source> library_sources() {
  std::vector<Source> sources;
  const fs::path root = TILELOOM_SOURCE_DIR;
  for (const auto& entry : fs::recursive_directory_iterator(root / "tileloom")) {
    const std::string extension = entry.path().extension().string();
    if (extension != ".hpp" && extension != ".cpp") continue;
    if (entry.path().stem().string().ends_with("_test")) continue;
    const std::string path = fs::relative(entry.path(), root).generic_string();
    sources.push_back(scan(path, repository_file(path)));
  }
  std::sort(sources.begin(), sources.end(),
            [](const Source& a, const Source& b) { return a.path < b.path; });
  return sources;
}

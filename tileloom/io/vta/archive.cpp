#include "tileloom/io/vta/archive.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace tileloom::io::vta {
namespace {

constexpr std::size_t kBlock = 512;

/// Places of the header's fields (POSIX.1-1988, ustar).
constexpr std::size_t kSizeAt = 124;
constexpr std::size_t kSumAt = 148;
constexpr std::size_t kTypeAt = 156;
constexpr std::size_t kMagicAt = 257;

/// Sum of the header's bytes with the sum itself taken as blanks.
unsigned sum_of(const std::string& header) {
  unsigned sum = 0;
  for (std::size_t i = 0; i < kBlock; ++i) {
    const bool own = i >= kSumAt && i < kSumAt + 8;
    sum += own ? 32U : static_cast<unsigned char>(header[i]);
  }
  return sum;
}

std::string header_of(const std::string& name, std::size_t size) {
  std::string header(kBlock, '\0');
  const auto put = [&](std::size_t at, const std::string& text) {
    std::copy(text.begin(), text.end(), header.begin() + static_cast<std::ptrdiff_t>(at));
  };
  put(0, name.substr(0, 100));
  put(100, "0000644");
  put(108, "0000000");
  put(116, "0000000");
  put(kSizeAt, fmt::format("{:011o}", size));
  put(136, "00000000000");
  header[kTypeAt] = '0';
  put(kMagicAt, "ustar");
  put(kMagicAt + 6, "00");
  put(kSumAt, fmt::format("{:06o}", sum_of(header)));
  header[kSumAt + 7] = ' ';
  return header;
}

std::optional<std::size_t> octal(const std::string& header, std::size_t at, std::size_t width) {
  std::size_t value = 0;
  bool any = false;
  for (std::size_t i = at; i < at + width; ++i) {
    const char c = header[i];
    if (c == ' ' && !any) continue;
    if (c == ' ' || c == '\0') break;
    if (c < '0' || c > '7') return std::nullopt;
    value = value * 8 + static_cast<std::size_t>(c - '0');
    any = true;
  }
  return any ? std::optional(value) : std::nullopt;
}

}  // namespace

std::string to_archive(const Files& files) {
  std::string bytes;
  for (const auto& [name, content] : files) {
    bytes += header_of(name, content.size());
    bytes += content;
    bytes.resize((bytes.size() + kBlock - 1) / kBlock * kBlock, '\0');
  }
  return bytes.append(2 * kBlock, '\0');
}

Result<Files> from_archive(const std::string& bytes, const std::string& path) {
  Files files;
  for (std::size_t at = 0; at < bytes.size();) {
    if (bytes.size() - at < kBlock) {
      if (at > 0) break;
      return mistake({path, 0, 0},
                     fmt::format("no program, or one cut short: it ends after {} bytes", bytes.size()),
                     "expected what 'tileloom compile' writes, or a folder with image.json");
    }
    const std::string header = bytes.substr(at, kBlock);
    if (std::all_of(header.begin(), header.end(), [](char c) { return c == '\0'; })) {
      return files;
    }
    const auto size = octal(header, kSizeAt, 12);
    if (header.compare(kMagicAt, 5, "ustar") != 0 || !size ||
        octal(header, kSumAt, 8) != sum_of(header)) {
      return mistake({path, 0, 0}, fmt::format("no program: no archive header at byte {}", at),
                     "expected what 'tileloom compile' writes, or a folder with image.json");
    }
    at += kBlock;
    const std::string name = header.substr(0, std::min<std::size_t>(header.find('\0'), 100));
    if (bytes.size() - at < *size) {
      return mistake({path, 0, 0},
                     fmt::format("the program is truncated: {} has {} of {} bytes", name,
                                 bytes.size() - at, *size),
                     "write or copy it again");
    }
    if (header[kTypeAt] == '0' || header[kTypeAt] == '\0') {
      files.emplace_back(name, bytes.substr(at, *size));
    }
    at += (*size + kBlock - 1) / kBlock * kBlock;
  }
  return mistake({path, 0, 0}, "the program is truncated: its end is missing",
                 "write or copy it again");
}

}  // namespace tileloom::io::vta

#include "tileloom/cli/output_folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

namespace tileloom::cli {

namespace {

tl::unexpected<Diagnostics> unusable(const std::string& path, const std::string& what) {
  return mistake({path}, what, "choose a folder that can be written");
}

}  // namespace

Result<void> make_folder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return unusable(path, fmt::format("cannot create folder: {}", error.message()));
  if (::access(path.c_str(), W_OK | X_OK) == 0) return {};
  return unusable(path, fmt::format("cannot write: {}", std::strerror(errno)));
}

Result<OutputFolder> OutputFolder::open(const std::string& path) {
  const Result<void> made = make_folder(path);
  if (!made) return tl::unexpected(made.error());
  const int lock = ::open((path + "/.tileloom.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (lock < 0) return unusable(path, fmt::format("cannot write: {}", std::strerror(errno)));
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    ::close(lock);
    return mistake({path}, "another run is writing to this folder",
                   "wait until it has ended or choose another folder");
  }
  return OutputFolder(path, lock);
}

OutputFolder::OutputFolder(OutputFolder&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

Result<std::optional<OutputFolder>> OutputFolder::open_if_named(const std::string& path) {
  if (path.empty()) return std::nullopt;
  return open(path).map(
      [](OutputFolder&& folder) { return std::optional<OutputFolder>(std::move(folder)); });
}

OutputFolder::~OutputFolder() {
  if (lock_ >= 0) ::close(lock_);
}

void OutputFolder::add(Files named, Files& files) const {
  for (auto& [name, content] : named) files.emplace_back(path_ + "/" + name, std::move(content));
}

std::string file_name_part(const std::string& name) {
  std::string part;
  for (const char c : name.substr(0, 100)) {
    const bool keep = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-';
    part += keep ? c : '_';
  }
  return part;
}

}  // namespace tileloom::cli

#include "tileloom/support/file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace tileloom {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kChunk = std::size_t{1} << 20;

/// Distinguishes temporary files of one process; the process id distinguishes processes.
std::string temporary_name(const std::string& path) {
  static std::atomic<unsigned> next{0};
  return fmt::format("{}.tmp-{}-{}", path, ::getpid(), next.fetch_add(1));
}

tl::unexpected<Diagnostics> io_mistake(const std::string& path, const char* action, int error,
                                       std::string hint) {
  return mistake({path}, fmt::format("cannot {}: {}", action, std::strerror(error)),
                 std::move(hint));
}

/// Writes everything; 0 or the reason it failed.
int write_all(int fd, const std::string& content) {
  std::size_t done = 0;
  while (done < content.size()) {
    const ssize_t put = ::write(fd, content.data() + done, content.size() - done);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return errno;
    done += static_cast<std::size_t>(put);
  }
  return 0;
}

/// Devices, pipes and descriptors are written into: they must never be replaced by a file.
bool is_written_in_place(const fs::path& path) {
  const std::string text = path.string();
  if (text.starts_with("/dev/") || text.starts_with("/proc/")) return true;
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  return fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status);
}

Result<void> write_in_place(const std::string& path, const std::string& content) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return io_mistake(path, "write", errno, "choose a folder that can be written");
  const int reason = write_all(fd, content);
  ::close(fd);
  if (reason != 0) return io_mistake(path, "write", reason, "choose another place");
  return {};
}

/// Under a temporary name first, so that `path` is whole at every moment.
Result<void> replace(const std::string& path, const std::string& content) {
  const std::string temporary = temporary_name(path);
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (fd < 0) return io_mistake(path, "write", errno, "choose a folder that can be written");
  int reason = write_all(fd, content);
  if (reason == 0 && ::fsync(fd) != 0 && errno != EINVAL && errno != EROFS) reason = errno;
  if (::close(fd) != 0 && reason == 0) reason = errno;
  if (reason != 0) {
    ::unlink(temporary.c_str());
    return io_mistake(path, "write", reason,
                      "nothing was changed; free some space or choose another folder");
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    reason = errno;
    ::unlink(temporary.c_str());
    return io_mistake(path, "write", reason, "choose a path that is not a folder");
  }
  return {};
}

}  // namespace

Result<std::string> read_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return io_mistake(path, "read", errno, "check the path and its permissions");
  std::string content;
  for (;;) {
    const std::size_t size = content.size();
    content.resize(size + kChunk);
    const ssize_t got = ::read(fd, content.data() + size, kChunk);
    content.resize(size + static_cast<std::size_t>(got > 0 ? got : 0));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      const int error = errno;
      ::close(fd);
      return io_mistake(path, "read", error, "check the path and its permissions");
    }
    if (got == 0) break;
  }
  ::close(fd);
  return content;
}

Result<void> write_file(const std::string& path, const std::string& content) {
  if (is_written_in_place(path)) return write_in_place(path, content);
  const fs::path folder = fs::path(path).parent_path();
  std::error_code error;
  if (!folder.empty()) fs::create_directories(folder, error);
  if (error)
    return io_mistake(folder.string(), "create folder", error.value(),
                      "choose a folder that can be written");
  if (!fs::is_symlink(path, error)) return replace(path, content);
  const fs::path target = fs::weakly_canonical(path, error);
  return replace(error ? path : target.string(), content);
}

}  // namespace tileloom

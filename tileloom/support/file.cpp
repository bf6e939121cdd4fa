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
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code error;
  if (!folder.empty()) std::filesystem::create_directories(folder, error);
  if (error)
    return io_mistake(folder.string(), "create folder", error.value(),
                      "choose a folder that can be written");

  const std::string temporary = temporary_name(path);
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (fd < 0) return io_mistake(path, "write", errno, "choose a folder that can be written");
  const auto fail = [&](int reason) {
    ::close(fd);
    ::unlink(temporary.c_str());
    return io_mistake(path, "write", reason,
                      "nothing was changed; free some space or choose another folder");
  };
  std::size_t done = 0;
  while (done < content.size()) {
    const ssize_t put = ::write(fd, content.data() + done, content.size() - done);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return fail(errno);
    done += static_cast<std::size_t>(put);
  }
  if (::fsync(fd) != 0 && errno != EINVAL && errno != EROFS) return fail(errno);
  ::close(fd);
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    const int reason = errno;
    ::unlink(temporary.c_str());
    return io_mistake(path, "write", reason, "choose a path that is not a folder");
  }
  return {};
}

}  // namespace tileloom

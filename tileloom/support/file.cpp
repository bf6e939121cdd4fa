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

/// Files on their way: whole under temporary names beside their places, or devices.
/// What has not been put in its place is taken back at the end, folders made for it included.
class Staging {
 public:
  Staging() = default;
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;
  ~Staging() {
    for (const Replacement& file : files_) ::unlink(file.temporary.c_str());
    if (done_) return;
    std::error_code ignored;
    for (auto folder = made_.rbegin(); folder != made_.rend(); ++folder) fs::remove(*folder, ignored);
  }

  /// `content` must live as long as this.
  Result<void> add(const std::string& path, const std::string& content) {
    if (is_written_in_place(path)) {
      devices_.push_back({path, &content});
      return {};
    }
    if (const Result<void> made = make_folders(fs::path(path).parent_path()); !made) return made;
    std::error_code error;
    fs::path target = path;
    if (fs::is_symlink(path, error)) target = fs::weakly_canonical(path, error);
    return add_file(path, error ? path : target.string(), content);
  }

  /// Devices first: what is written there cannot be taken back, but they can be full. One after
  /// the other: the reader of a pipe may wait for the end of the one before.
  Result<void> put_in_place() {
    for (const Device& device : devices_) {
      if (const Result<void> written = write_in_place(device.path, *device.content); !written)
        return written;
    }
    done_ = true;
    while (!files_.empty()) {
      const Replacement& file = files_.back();
      if (::rename(file.temporary.c_str(), file.target.c_str()) != 0)
        return io_mistake(file.path, "write", errno, "choose another path");
      files_.pop_back();
    }
    return {};
  }

 private:
  struct Device {
    std::string path;
    const std::string* content;
  };
  struct Replacement {
    std::string path;  ///< as it was given
    std::string target;
    std::string temporary;
    const std::string* content;
  };

  Result<void> make_folders(const fs::path& folder) {
    std::error_code error;
    std::vector<fs::path> missing;  // innermost first
    for (fs::path at = folder; !at.empty() && !fs::exists(at, error); at = at.parent_path())
      missing.push_back(at);
    made_.insert(made_.end(), missing.rbegin(), missing.rend());
    if (!folder.empty()) fs::create_directories(folder, error);
    if (!error) return {};
    return io_mistake(folder.string(), "create folder", error.value(),
                      "choose a folder that can be written");
  }

  Result<void> add_file(const std::string& path, const std::string& target,
                        const std::string& content) {
    std::error_code error;
    if (fs::is_directory(target, error))
      return io_mistake(path, "write", EISDIR, "choose a path that is not a folder");
    for (const Replacement& other : files_) {
      if (fs::weakly_canonical(other.target, error) != fs::weakly_canonical(target, error)) continue;
      if (*other.content == content) return {};
      return mistake({path}, "two files are to be written here", "give each a path of its own");
    }
    const std::string temporary = temporary_name(target);
    const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0) return io_mistake(path, "write", errno, "choose a folder that can be written");
    files_.push_back({path, target, temporary, &content});
    int reason = write_all(fd, content);
    if (reason == 0 && ::fsync(fd) != 0 && errno != EINVAL && errno != EROFS) reason = errno;
    if (::close(fd) != 0 && reason == 0) reason = errno;
    if (reason == 0) return {};
    return io_mistake(path, "write", reason,
                      "nothing was changed; free some space or choose another folder");
  }

  std::vector<Device> devices_;
  std::vector<Replacement> files_;
  std::vector<fs::path> made_;  ///< outermost first
  bool done_ = false;
};

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
  Staging staging;
  if (const Result<void> added = staging.add(path, content); !added) return added;
  return staging.put_in_place();
}

Result<void> write_files(const Files& files) {
  Staging staging;
  for (const auto& [path, content] : files) {
    if (const Result<void> added = staging.add(path, content); !added) return added;
  }
  return staging.put_in_place();
}

}  // namespace tileloom

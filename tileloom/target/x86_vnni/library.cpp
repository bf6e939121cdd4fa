#include "tileloom/target/x86_vnni/library.hpp"

#include <dlfcn.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <vector>

#include "tileloom/support/file.hpp"

extern char** environ;

namespace tileloom::x86_vnni {
namespace {

namespace fs = std::filesystem;

/// A new folder, removed with everything in it at the end.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::error_code error;
    std::string name = (fs::temp_directory_path(error) / "tileloom-XXXXXX").string();
    if (!error && mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code error;
    if (!path_.empty()) fs::remove_all(path_, error);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// Runs a program found in PATH with its messages going to a file; its exit code, or -1.
int run(const std::vector<std::string>& words, const std::string& messages) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 2, messages.c_str(), 0x241, 0600);  // new, for writing
  pid_t child = 0;
  const int failed =
      posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  int status = 0;
  if (failed != 0 || waitpid(child, &status, 0) != child) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

std::string missing_instruction() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512f")) return {};
#endif
  return "this processor has no AVX-512 VNNI: the code can be emitted here, but not run";
}

void Library::Close::operator()(void* handle) const { dlclose(handle); }

Result<Library> Library::build(const std::string& source, const std::string& compiler) {
  const TemporaryFolder folder;
  if (folder.path().empty()) {
    return mistake({}, "cannot create a temporary folder", "check TMPDIR and its permissions");
  }
  const std::string from = folder.path() + "/kernel.cpp";
  const std::string to = folder.path() + "/kernel.so";
  const std::string messages = folder.path() + "/messages";
  if (const Result<void> written = write_file(from, source); !written) {
    return tl::unexpected(written.error());
  }
  const int code = run({compiler, "-O2", "-std=c++17", "-mavx512f", "-mavx512bw", "-mavx512vnni",
                        "-fPIC", "-shared", "-o", to, from},
                       messages);
  if (code != 0) {
    const std::string said = read_file(messages).value_or("");
    return mistake({},
                   fmt::format("'{}' could not compile the emitted code: {}", compiler,
                               said.substr(0, said.find('\n'))),
                   "name a C++ compiler for x86-64 that knows AVX-512 VNNI");
  }
  Library library;
  library.handle_.reset(dlopen(to.c_str(), RTLD_NOW | RTLD_LOCAL));
  if (!library.handle_)
    return mistake({}, fmt::format("cannot load the emitted code: {}", dlerror()));
  return library;
}

Library::Kernel Library::kernel(const std::string& name) const {
  return reinterpret_cast<Kernel>(symbol(name));
}

void* Library::symbol(const std::string& name) const { return dlsym(handle_.get(), name.c_str()); }

}  // namespace tileloom::x86_vnni

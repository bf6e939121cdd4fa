#include "tileloom/target/x86_vnni/library.hpp"

#include <dlfcn.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

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

/// AVX-512 VNNI, with its form for 256 bits or without.
bool has_avx512([[maybe_unused]] bool short_form) {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512f") &&
         (!short_form || __builtin_cpu_supports("avx512vl"));
#else
  return false;
#endif
}

/// AVX-VNNI: leaf 7, subleaf 1, EAX bit 4 (Intel architecture instruction set reference, CPUID).
bool has_avx_vnni() {
#if defined(__x86_64__)
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __builtin_cpu_supports("avx2") && __get_cpuid_count(7, 1, &a, &b, &c, &d) != 0 &&
         (a >> 4 & 1U) != 0;
#else
  return false;
#endif
}

/// What the compiler is told of the processor.
std::vector<std::string> extension_options(std::int64_t lanes) {
  if (lanes == 16) return {"-mavx512f", "-mavx512bw", "-mavx512vnni"};
  if (has_avx_vnni()) return {"-mavx2", "-mavxvnni"};
  return {"-mavx2", "-mavx512vl", "-mavx512vnni"};
}

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

std::string missing_instruction(std::int64_t lanes) {
  if (lanes == 16) {
    if (has_avx512(false)) return {};
    return "this processor has no AVX-512 VNNI: the code can be emitted here, but not run";
  }
  if (has_avx_vnni() || has_avx512(true)) return {};
  return "this processor has neither AVX-VNNI nor AVX-512 VNNI: the code can be emitted here, but "
         "not run";
}

std::string best_instruction() {
  return !missing_instruction(16).empty() && missing_instruction(8).empty() ? "vnni_1x8x4"
                                                                            : "vnni_1x16x4";
}

void Library::Close::operator()(void* handle) const { dlclose(handle); }

Result<Library> Library::build(const std::string& source, const std::string& compiler,
                               std::int64_t lanes) {
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
  std::vector<std::string> command = {compiler, "-O2", "-std=c++17"};
  for (std::string& option : extension_options(lanes)) command.push_back(std::move(option));
  for (const std::string& word :
       {std::string("-fPIC"), std::string("-shared"), std::string("-o"), to, from}) {
    command.push_back(word);
  }
  const int code = run(command, messages);
  if (code != 0) {
    const std::string said = read_file(messages).value_or("");
    return mistake({},
                   fmt::format("'{}' could not compile the emitted code: {}", compiler,
                               said.substr(0, said.find('\n'))),
                   lanes == 8 && has_avx_vnni()
                       ? "name a C++ compiler for x86-64 that knows AVX-VNNI"
                       : "name a C++ compiler for x86-64 that knows AVX-512 VNNI");
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

#include "program.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace fs = std::filesystem;

namespace {

std::string content_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void redirect(int descriptor, const fs::path& file) {
  const int target = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (target < 0 || ::dup2(target, descriptor) < 0) ::_exit(126);
  ::close(target);
}

fs::path unique_folder() {
  std::string pattern = (fs::temp_directory_path() / "tileloom-test-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make " + pattern);
  return pattern;
}

}  // namespace

namespace {

/// A run of the program, its streams in files.
class Process {
 public:
  Process(const fs::path& folder, const std::vector<std::string>& arguments)
      : streams_(unique_folder()) {
    std::vector<std::string> words = {TILELOOM_BINARY};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    child_ = ::fork();
    if (child_ != 0) return;
    redirect(STDOUT_FILENO, streams_ / "out");
    redirect(STDERR_FILENO, streams_ / "err");
    if (::chdir(folder.c_str()) != 0) ::_exit(126);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }

  /// Waits until it has said something, at most a minute.
  void await_words() const {
    for (int i = 0; i < 6000 && content_of(streams_ / "err").empty(); ++i) ::usleep(10'000);
  }
  void interrupt() const { EXPECT_EQ(::kill(child_, SIGINT), 0); }

  Output end() {
    int status = 0;
    EXPECT_EQ(::waitpid(child_, &status, 0), child_);
    Output output{WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
                  content_of(streams_ / "out"), content_of(streams_ / "err")};
    fs::remove_all(streams_);
    return output;
  }

 private:
  fs::path streams_;
  pid_t child_ = 0;
};

}  // namespace

Output tileloom_in(const fs::path& folder, const std::vector<std::string>& arguments) {
  return Process(folder, arguments).end();
}

Output tileloom_interrupted(const fs::path& folder, const std::vector<std::string>& arguments) {
  Process process(folder, arguments);
  process.await_words();
  process.interrupt();
  return process.end();
}

Folder::Folder() : path_(unique_folder()) {}
Folder::~Folder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void Folder::write(const std::string& name, const std::string& content) const {
  fs::create_directories((path_ / name).parent_path());
  std::ofstream(path_ / name, std::ios::binary) << content;
}

std::string Folder::read(const std::string& name) const { return content_of(path_ / name); }

std::vector<std::string> Folder::entries() const {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(path_)) {
    names.push_back(fs::relative(entry.path(), path_).string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

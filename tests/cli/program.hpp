#pragma once
#include <filesystem>
#include <string>
#include <vector>

/// What a run of the program left behind.
struct Output {
  int code = 0;  ///< exit code; 128 + n if signal n ended it
  std::string out;
  std::string err;
};

/// Runs `tileloom` with these arguments in `folder`; nothing is interpreted by a shell.
Output tileloom_in(const std::filesystem::path& folder, const std::vector<std::string>& arguments);

/// The same, but sends it a Ctrl-C as soon as it has written something to stderr.
Output tileloom_interrupted(const std::filesystem::path& folder,
                            const std::vector<std::string>& arguments);

/// An empty folder of this test's own, removed at its end.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  Output tileloom(const std::vector<std::string>& arguments) const {
    return tileloom_in(path_, arguments);
  }
  void write(const std::string& name, const std::string& content) const;
  std::string read(const std::string& name) const;
  bool has(const std::string& name) const { return std::filesystem::exists(path_ / name); }
  /// Names of everything inside, sorted: shows that a failed run left nothing behind.
  std::vector<std::string> entries() const;

 private:
  std::filesystem::path path_;
};

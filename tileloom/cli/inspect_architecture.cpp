#include "tileloom/cli/inspect_architecture.hpp"

#include <cstdio>
#include <filesystem>

#include "tileloom/cli/verb.hpp"
#include "tileloom/io/yaml/find_architecture.hpp"
#include "tileloom/report/inspection/inspect_architecture.hpp"
#include "tileloom/support/file.hpp"

namespace tileloom::cli {
namespace {

}  // namespace

bool names_architecture(const std::string& subject) {
  const std::filesystem::path path(subject);
  const std::string extension = path.extension().string();
  if (extension == ".yaml" || extension == ".yml") return true;
  std::error_code error;
  return extension.empty() && !path.has_parent_path() && !std::filesystem::exists(path, error);
}

int inspect_architecture(const std::string& name_or_path, const std::string& json_file) {
  const Result<Architecture> arch = load_architecture(name_or_path);
  if (!arch) return report_mistakes(arch.error());
  std::fputs(report::architecture_table(*arch).c_str(), stdout);
  if (json_file.empty()) return kOk;
  const Result<void> written = write_file(json_file, report::architecture_json(*arch));
  return written ? kOk : report_mistakes(written.error());
}

}  // namespace tileloom::cli

#pragma once
// The machine that --target and --shape name.

#include <filesystem>
#include <string>

#include "tileloom/io/yaml/read_vta.hpp"
#include "tileloom/support/diagnostic.hpp"
#include "tileloom/target/registry.hpp"

namespace tileloom::cli {

inline constexpr const char* kVtaTarget =
    "the machine: vta, vta:BATCHxBLOCK_INxBLOCK_OUT,inp=SIZE,wgt=SIZE,acc=SIZE,uop=SIZE, or a file "
    "(docs/architecture_format.md, VTA machines)";

/// True if the words are meant as a file.
/// `vta` and what follows its colon are never one: a file so called may be an earlier output.
inline bool names_file(const std::string& words) {
  if (words == "vta" || words.starts_with("vta:")) return false;
  std::error_code error;
  return words.ends_with(".yaml") || words.ends_with(".yml") ||
         std::filesystem::is_regular_file(words, error);
}

/// What no --shape means.
inline constexpr const char* kUsualShape = "1x16x16";
inline constexpr const char* kShapeOption =
    "GEMM core: BATCHxBLOCK_INxBLOCK_OUT; not beside a file, which names its own";

/// @param shape  of the GEMM core, where the target names none; empty = the usual one
inline Result<target::vta::Machine> machine_of(const std::string& target,
                                               const std::string& shape) {
  if (names_file(target)) {
    if (shape.empty()) return read_vta(target);
    return mistake({}, "--shape does not go with a --target that is a file",
                   "leave it out: the file names its GEMM core");
  }
  const Result<target::vta::Config> usual =
      target::vta::config_of_shape(shape.empty() ? kUsualShape : shape);
  if (!usual) return tl::unexpected(usual.error());
  const Result<target::vta::Config> config = target::vta_machine(target, *usual);
  if (!config) return tl::unexpected(config.error());
  return target::vta::Machine{*config, {}};
}

}  // namespace tileloom::cli

#pragma once
// The machine that --target and --shape name.

#include <filesystem>
#include <string>

#include "tileloom/io/yaml/read_vta.hpp"
#include "tileloom/target/registry.hpp"

namespace tileloom::cli {

inline constexpr const char* kVtaTarget =
    "the machine: vta, vta:BATCHxBLOCK_INxBLOCK_OUT,inp=SIZE,wgt=SIZE,acc=SIZE,uop=SIZE, or a file "
    "(docs/architecture_format.md, VTA machines)";

/// True if the words are meant as a file.
inline bool names_file(const std::string& words) {
  std::error_code error;
  return words.ends_with(".yaml") || words.ends_with(".yml") ||
         std::filesystem::is_regular_file(words, error);
}

/// @param shape  of the GEMM core, where the target names none
inline Result<target::vta::Machine> machine_of(const std::string& target,
                                               const std::string& shape) {
  if (names_file(target)) return read_vta(target);
  const Result<target::vta::Config> usual = target::vta::config_of_shape(shape);
  if (!usual) return tl::unexpected(usual.error());
  const Result<target::vta::Config> config = target::vta_machine(target, *usual);
  if (!config) return tl::unexpected(config.error());
  return target::vta::Machine{*config, {}};
}

}  // namespace tileloom::cli

#pragma once
// Reads an ONNX model into a Workload. docs/onnx.md says what becomes of each operator.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "tileloom/support/diagnostic.hpp"
#include "tileloom/workload/workload.hpp"

namespace tileloom {

struct ImportOptions {
  /// Sizes of symbolic dimensions by name ("batch"), or of unnamed ones by "tensor:axis" ("x:0").
  std::map<std::string, std::int64_t> bind;
  /// Element-wise nodes that follow a computing operator and are its only reader (bias, batch
  /// normalisation, activation, quantisation) become part of it instead of operators of their own.
  bool fold_epilogues = true;
};

/// The model at `path`. Only shapes and element types matter: weights may be absent (external data
/// files are never opened). Every node of the file has its line in `Workload::coverage`, in the
/// order of the file; nodes taken from a branch of an If follow at the end.
Result<Workload> import_onnx(const std::string& path, const ImportOptions& options = {});

/// The same for the bytes of a file; `name` is the file name in mistakes.
Result<Workload> import_onnx_bytes(std::string_view bytes, const std::string& name,
                                   const ImportOptions& options = {});

}  // namespace tileloom

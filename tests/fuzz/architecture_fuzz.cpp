// The architecture reader on any bytes: it answers with an architecture or with mistakes that name
// the file. It must neither crash nor hang, and what it accepts has no flaws.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "tileloom/arch/flaw.hpp"
#include "tileloom/io/yaml/read_architecture.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto arch = tileloom::parse_architecture(text, "fuzz.yaml");
  if (arch) {
    if (!tileloom::flaws(*arch).empty()) std::abort();
  } else {
    if (arch.error().empty()) std::abort();
    for (const tileloom::Diagnostic& mistake : arch.error()) {
      if (mistake.where.file != "fuzz.yaml" || mistake.what.empty()) std::abort();
    }
  }
  return 0;
}

#pragma once
// Emitted code compiled by the system's compiler and loaded into this process.

#include <cstdint>
#include <memory>
#include <string>

#include "tileloom/support/diagnostic.hpp"

namespace tileloom::x86_vnni {

/// Empty if the processor has vpdpbusd on so many lanes (16: AVX-512 VNNI; 8: AVX-VNNI, or AVX-512
/// VNNI with VL); else a sentence for the user.
std::string missing_instruction(std::int64_t lanes = 16);

/// The instruction file for this processor: "vnni_1x16x4", or "vnni_1x8x4" where only that runs.
std::string best_instruction();

/// A shared object; its functions live as long as it does.
class Library {
 public:
  /// Compiles with `compiler` (such as "c++") in a folder of its own, which is removed again.
  /// @param lanes  of the registers that the code uses, 16 or 8
  static Result<Library> build(const std::string& source, const std::string& compiler,
                               std::int64_t lanes = 16);

  using Kernel = void (*)(const unsigned char* data, const signed char* weights, int* result,
                          unsigned char* scratch);
  /// Null if there is none of that name.
  Kernel kernel(const std::string& name) const;
  void* symbol(const std::string& name) const;

 private:
  struct Close {
    void operator()(void* handle) const;
  };
  std::unique_ptr<void, Close> handle_;
};

}  // namespace tileloom::x86_vnni

#pragma once
// Emitted code compiled by the system's compiler and loaded into this process.

#include <memory>
#include <string>

#include "tileloom/support/diagnostic.hpp"

namespace tileloom::x86_vnni {

/// Empty if the processor has the instruction; else a sentence for the user.
std::string missing_instruction();

/// A shared object; its functions live as long as it does.
class Library {
 public:
  /// Compiles with `compiler` (such as "c++") in a folder of its own, which is removed again.
  static Result<Library> build(const std::string& source, const std::string& compiler);

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

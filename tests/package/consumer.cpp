#include "tileloom/io/onnx/import.hpp"
#include "tileloom/io/yaml/read_architecture.hpp"

// Reads an architecture; an empty model must be refused. Links everything the library uses inside.
int main(int, char** argv) {
  const auto arch = tileloom::read_architecture(argv[1]);
  return arch && lanes(*arch) == 16 && !tileloom::import_onnx_bytes("", "empty.onnx") ? 0 : 1;
}

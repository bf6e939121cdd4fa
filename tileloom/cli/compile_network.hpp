#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace tileloom::cli {

struct CompileNetworkArguments {
  std::string model;
  std::string target;
  std::string shape;  ///< of the GEMM core, where the target names none; empty = not given
  std::string image;  ///< .npy, or empty
  std::uint64_t seed = 1;
  std::int64_t batch = 1;  ///< times as many images as the model has
  bool check = false;
  std::string out;
  std::string json;  ///< file; empty = none
  std::vector<std::string> bind;
};

/// A whole model to one program; prints the layers.
int compile_network(const CompileNetworkArguments& arguments);

}  // namespace tileloom::cli

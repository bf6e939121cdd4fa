#pragma once
// The code of a region's layers, emitted and compiled once: rows of results from rows of inputs.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tileloom/embedding/instruction.hpp"
#include "tileloom/target/x86_vnni/image_rows.hpp"
#include "tileloom/target/x86_vnni/library.hpp"

namespace tileloom::x86_vnni {

/// A convolution ready to run.
struct Ready {
  std::int64_t rows_at_once = 1;     ///< that the larger kernel makes
  std::vector<std::int8_t> weights;  ///< random, [K, R, S, C / groups]
  std::vector<std::int8_t> packed_one, packed_more;
  Library::Kernel one = nullptr, more = nullptr;
  int shift = 0;  ///< that makes a byte of a sum
};

class LayerKernels {
 public:
  static Result<LayerKernels> build(const Region& region,
                                    const PerId<TensorId, PaddedImage>& images,
                                    const Instruction& vnni, const std::string& compiler);

  /// Rows of the layer's output; `inputs` hold what they need.
  void run(OperatorId id, const Layer& layer, const std::vector<ImageRows*>& inputs,
           ImageRows& output, Interval rows, std::vector<int>& sums) const;

  const Ready& ready(OperatorId id) const { return ready_[id]; }

 private:
  using ToBytes = void (*)(const int*, unsigned char*, long, int);
  using Windows = void (*)(const unsigned char*, unsigned char*, int*, long, long, const long*);
  using Depthwise = void (*)(const unsigned char*, const signed char*, unsigned char*, int*, long,
                             long, const long*, int);
  using Add = void (*)(const unsigned char*, const unsigned char*, unsigned char*, long);

  void convolve(const Ready& made, const Layer& layer, ImageRows& input, ImageRows& output,
                Interval rows, std::vector<int>& sums) const;

  PerId<OperatorId, Ready> ready_;
  std::optional<Library> library_;
  ToBytes to_bytes_ = nullptr;
  Windows row_maximum_ = nullptr, row_average_ = nullptr;
  Depthwise row_depthwise_ = nullptr;
  Add row_sum_ = nullptr;
};

}  // namespace tileloom::x86_vnni

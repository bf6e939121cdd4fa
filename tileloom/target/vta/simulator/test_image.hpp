#pragma once
// Small images of our own for tests.

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tileloom/support/little_endian.hpp"
#include "tileloom/target/vta/isa/assembly.hpp"
#include "tileloom/target/vta/isa/encode.hpp"
#include "tileloom/target/vta/isa/image.hpp"

namespace tileloom::target::vta {

inline std::string bytes_of(const std::vector<MicroOp>& uops, const Config& config = {}) {
  std::string bytes;
  for (const MicroOp& uop : uops) append_little_endian(bytes, encode(config, uop));
  return bytes;
}

inline std::string bytes_of(const std::vector<std::int32_t>& values) {
  std::string bytes;
  for (const std::int32_t value : values) append_little_endian(bytes, value);
  return bytes;
}

/// Regions of 4 KiB each: uop at 0x1000 (element 0x400), inp at 0x2000 (0x200), wgt at 0x3000
/// (0x30), acc at 0x4000 (0x100), out at 0x5000 (0x500).
inline Image small_image(const std::string& text, const std::vector<MicroOp>& uops) {
  Image image;
  const auto program = assemble(text, "program", Config{});
  EXPECT_TRUE(program) << to_string(program.error());
  if (program) image.program = *program;
  image.regions = {{"uop", 0x1000, 0x1000, bytes_of(uops), 0},
                   {"inp", 0x2000, 0x1000, {}, 0},
                   {"wgt", 0x3000, 0x1000, {}, 0},
                   {"acc", 0x4000, 0x1000, {}, 0},
                   {"out", 0x5000, 0x1000, {}, std::nullopt}};
  return image;
}

/// Two tiles of a product with double-buffered weights: element n of `out` becomes inp[n] · W_nᵀ.
inline std::string two_tiles() {
  return "load uop sram=0 dram=0x400 x=2 stride=2\n"
         "load inp sram=0 dram=0x200 x=2 stride=2\n"
         "load wgt sram=0 dram=0x30 x=1 stride=1 push_next\n"
         "gemm reset uop=0..1 iter=1x2 dst=0/1\n"
         "gemm uop=0..1 pop_prev push_prev push_next\n"
         "store out sram=0 dram=0x500 x=1 stride=1 pop_prev push_prev\n"
         "load wgt sram=0 dram=0x31 x=1 stride=1 pop_next push_next\n"
         "gemm uop=1..2 pop_prev pop_next push_next\n"
         "store out sram=1 dram=0x501 x=1 stride=1 pop_prev push_prev\n"
         "finish pop_next\n";
}

inline Image two_tiles_image() {
  Image image = small_image(two_tiles(), {{0, 0, 0}, {1, 1, 0}});
  std::string& inputs = image.regions[1].content;
  std::string& weights = image.regions[2].content;
  for (int i = 0; i < 32; ++i) inputs += static_cast<char>(i * 7 - 90);
  for (int i = 0; i < 512; ++i) weights += static_cast<char>(i * 37 % 251 - 125);
  return image;
}

}  // namespace tileloom::target::vta

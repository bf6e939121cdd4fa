#include "tileloom/target/x86_vnni/emit.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tileloom/target/x86_vnni/emit_beside.hpp"

namespace tileloom::x86_vnni {
namespace {

/// What the code uses of one width of registers.
struct Vectors {
  const char* type;
  const char* mask;
  const char* zero;
  const char* load;
  const char* fill;
  const char* dot;
  const char* stream;
  const char* store;
  const char* store_some;  ///< arguments: place, mask, value
};
const Vectors& vectors(const Plan& plan) {
  static constexpr Vectors k512 = {"__m512i",
                                   "__mmask16",
                                   "_mm512_setzero_si512",
                                   "_mm512_loadu_si512",
                                   "_mm512_set1_epi32",
                                   "_mm512_dpbusd_epi32",
                                   "_mm512_stream_si512",
                                   "_mm512_storeu_si512",
                                   "_mm512_mask_storeu_epi32"};
  static constexpr Vectors k256 = {"__m256i",
                                   "__m256i",
                                   "_mm256_setzero_si256",
                                   "_mm256_loadu_si256",
                                   "_mm256_set1_epi32",
                                   "TILELOOM_DOT",
                                   "_mm256_stream_si256",
                                   "_mm256_storeu_si256",
                                   "_mm256_maskstore_epi32"};
  return plan.lanes == 16 ? k512 : k256;
}

/// A mask of the first lanes.
std::string mask_of(const Plan& plan, std::int64_t lanes) {
  if (plan.lanes == 16) return fmt::format("(__mmask16)0x{:x}", (1 << lanes) - 1);
  std::string text = "_mm256_setr_epi32(";
  for (std::int64_t i = 0; i < 8; ++i) {
    text += fmt::format("{}{}", i == 0 ? "" : ", ", i < lanes ? -1 : 0);
  }
  return text + ")";
}

std::string tile_name(std::int64_t pixels, std::int64_t blocks) {
  return fmt::format("tile_{}x{}", pixels, blocks);
}

/// One step of the innermost sum: weights once per block, data once per pixel.
void emit_step(Text& text, const Plan& plan, std::int64_t pixels, std::int64_t blocks) {
  const Vectors& v = vectors(plan);
  const std::int64_t move = plan.pixels.empty() ? 0 : plan.pixels.back().data;
  for (std::int64_t b = 0; b < blocks; ++b) {
    text.line("const {0} w{1} = {2}((const {0}*)(w + {3}));", v.type, b, v.load,
              4 * plan.lanes * b);
  }
  for (std::int64_t p = 0; p < pixels; ++p) {
    text.line("const {} d{} = four(e + {});", v.type, p, move * p);
    for (std::int64_t b = 0; b < blocks; ++b) {
      text.line("a{0}_{1} = {2}(a{0}_{1}, d{0}, w{1});", p, b, v.dot);
    }
  }
  text.line("w += {};", 4 * plan.lanes * blocks);
}

/// A tile of pixels × blocks of channels, from its first byte of data to its results.
void emit_tile(Text& text, const Plan& plan, std::int64_t pixels, std::int64_t blocks) {
  const Vectors& v = vectors(plan);
  text.open(fmt::format(
      "static inline void {}(const unsigned char* d, const signed char* w, int* o, {} last)",
      tile_name(pixels, blocks), v.mask));
  text.line("(void)last;");
  for (std::int64_t p = 0; p < pixels; ++p) {
    for (std::int64_t b = 0; b < blocks; ++b) {
      text.line("{} a{}_{} = {}();", v.type, p, b, v.zero);
    }
  }
  std::string at = "d";
  for (std::size_t s = 0; s < plan.sums.size(); ++s) {
    text.open(for_head(fmt::format("s{}", s), plan.sums[s].trips));
    at += fmt::format(" + s{} * {}", s, plan.sums[s].data);
  }
  text.line("const unsigned char* e = {};", at);
  emit_step(text, plan, pixels, blocks);
  for (std::size_t s = 0; s < plan.sums.size(); ++s) text.close();
  const std::int64_t move = plan.pixels.empty() ? 0 : plan.pixels.back().result;
  for (std::int64_t p = 0; p < pixels; ++p) {
    for (std::int64_t b = 0; b < blocks; ++b) {
      const std::int64_t to = move * p + plan.channels.result * b;
      if (plan.streamed) {
        text.line("{}(({}*)(o + {}), a{}_{});", v.stream, v.type, to, p, b);
      } else if (b + 1 == blocks) {
        text.line("{}(o + {}, last, a{}_{});", v.store_some, to, p, b);
      } else {
        text.line("{}(({}*)(o + {}), a{}_{});", v.store, v.type, to, p, b);
      }
    }
  }
  text.close();
}

/// Copies the data into an array with zeros around it.
void emit_copy(Text& text, const Plan& plan) {
  std::int64_t inner = 1;  // axes inside the last padded one move as one run
  std::size_t axes = plan.data.size();
  while (axes > 0 && plan.data[axes - 1].before == 0 && plan.data[axes - 1].after == 0) {
    inner *= plan.data[--axes].extent;
  }
  text.line("__builtin_memset(scratch, 0, {});", data_bytes(plan) + 64);
  std::string from = "data";
  std::string to = "scratch";
  std::int64_t from_stride = inner;
  std::int64_t to_stride = inner;
  std::vector<std::string> heads;
  std::int64_t run = inner;
  std::int64_t first = 0;
  for (std::size_t a = axes; a-- > 0;) {
    const PaddedAxis& axis = plan.data[a];
    first += axis.before * to_stride;
    if (a + 1 == axes) {
      run = inner * axis.extent;  // the innermost padded axis is copied whole
    } else {
      heads.push_back(for_head(fmt::format("i{}", a), axis.extent));
      from += fmt::format(" + i{} * {}", a, from_stride);
      to += fmt::format(" + i{} * {}", a, to_stride);
    }
    from_stride *= axis.extent;
    to_stride *= axis.before + axis.extent + axis.after;
  }
  for (std::size_t i = heads.size(); i-- > 0;) text.open(heads[i]);
  text.line("__builtin_memcpy({} + {}, {}, {});", to, first, from, run);
  for (std::size_t i = 0; i < heads.size(); ++i) text.close();
}

/// Calls of one row of pixels: full tiles, then what is left.
void emit_row(Text& text, const Plan& plan, std::int64_t blocks, const std::string& last) {
  const std::int64_t count = plan.pixels.empty() ? 1 : plan.pixels.back().trips;
  const KernelLoop move = plan.pixels.empty() ? KernelLoop{} : plan.pixels.back();
  const std::int64_t full = count / plan.tile_pixels;
  if (full > 0) {
    text.open(for_head("x", full));
    text.line("{}(e + x * {}, w, o + x * {}, {});", tile_name(plan.tile_pixels, blocks),
              move.data * plan.tile_pixels, move.result * plan.tile_pixels, last);
    text.close();
  }
  if (const std::int64_t rest = count % plan.tile_pixels; rest > 0) {
    text.line("{}(e + {}, w, o + {}, {});", tile_name(rest, blocks),
              move.data * plan.tile_pixels * full, move.result * plan.tile_pixels * full, last);
  }
}

std::int64_t steps_per_block(const Plan& plan) {
  std::int64_t steps = 1;
  for (const KernelLoop& sum : plan.sums) steps *= sum.trips;
  return steps;
}

/// Rows of pixels around what `inside` emits; names the row's first data and result.
template <class Inside>
void emit_rows(Text& text, const Plan& plan, const Inside& inside) {
  std::string data = "d";
  std::string result = "r";
  const std::size_t outer = plan.pixels.empty() ? 0 : plan.pixels.size() - 1;
  for (std::size_t i = 0; i < outer; ++i) {
    text.open(for_head(fmt::format("p{}", i), plan.pixels[i].trips));
    data += fmt::format(" + p{} * {}", i, plan.pixels[i].data);
    result += fmt::format(" + p{} * {}", i, plan.pixels[i].result);
  }
  text.line("const unsigned char* e = {};", data);
  text.line("int* row = {};", result);
  inside();
  for (std::size_t i = 0; i < outer; ++i) text.close();
}

/// Blocks of channels `from` ≤ block < `to`, `blocks` at a time, around what `inside` emits.
template <class Inside>
void emit_channels(Text& text, const Plan& plan, std::int64_t from, std::int64_t to,
                   std::int64_t blocks, const Inside& inside) {
  if (from >= to) return;
  const std::int64_t lanes = plan.channel_count - plan.lanes * (plan.channels.trips - 1);
  text.open(fmt::format("for (long k = {}; k < {}; k += {})", from, to, blocks));
  text.line("const {} last = k + {} == {} ? {} : {};", vectors(plan).mask, blocks,
            plan.channels.trips, mask_of(plan, lanes), mask_of(plan, plan.lanes));
  text.line("(void)last;");
  text.line("const signed char* w = v + k * {};", 4 * plan.lanes * steps_per_block(plan));
  inside(blocks);
  text.close();
}

/// All channels: whole tiles, then the blocks that are left.
template <class Inside>
void emit_all_channels(Text& text, const Plan& plan, const Inside& inside) {
  const std::int64_t whole = plan.channels.trips / plan.tile_blocks * plan.tile_blocks;
  emit_channels(text, plan, 0, whole, plan.tile_blocks, inside);
  emit_channels(text, plan, whole, plan.channels.trips, plan.channels.trips - whole, inside);
}

void emit_group(Text& text, const Plan& plan) {
  const auto row = [&](std::int64_t blocks) {
    text.line("int* o = row + k * {};", plan.channels.result);
    emit_row(text, plan, blocks, "last");
  };
  if (plan.channels_inside) {
    emit_rows(text, plan, [&] { emit_all_channels(text, plan, row); });
  } else {
    emit_all_channels(text, plan,
                      [&](std::int64_t blocks) { emit_rows(text, plan, [&] { row(blocks); }); });
  }
}

void emit_tiles(Text& text, const Plan& plan) {
  const std::int64_t count = plan.pixels.empty() ? 1 : plan.pixels.back().trips;
  for (const std::int64_t blocks : {plan.tile_blocks, plan.channels.trips % plan.tile_blocks}) {
    if (blocks == 0) continue;
    if (count >= plan.tile_pixels) emit_tile(text, plan, plan.tile_pixels, blocks);
    if (count % plan.tile_pixels > 0) emit_tile(text, plan, count % plan.tile_pixels, blocks);
  }
}

}  // namespace

std::string emit(const Plan& plan, const std::string& name) {
  Text text;
  text.line("#include <immintrin.h>");
  // gcc 12 otherwise keeps copies of the accumulators on the stack, at less than half the speed.
  text.line("#if defined(__GNUC__) && !defined(__clang__)");
  text.line("#pragma GCC optimize(\"no-tree-coalesce-vars\")");
  text.line("#endif");
  text.line("#if defined(__AVXVNNI__)");
  text.line("#define TILELOOM_DOT _mm256_dpbusd_avx_epi32");
  text.line("#else");
  text.line("#define TILELOOM_DOT _mm256_dpbusd_epi32");
  text.line("#endif");
  text.open(fmt::format("static inline {} four(const unsigned char* d)", vectors(plan).type));
  text.line("int bytes;");
  text.line("__builtin_memcpy(&bytes, d, 4);");
  text.line("return {}(bytes);", vectors(plan).fill);
  text.close();
  emit_tiles(text, plan);
  if (plan.beside) emit_beside_function(text, *plan.beside);
  text.open(
      fmt::format("extern \"C\" void {}(const unsigned char* data, const signed char* weights, "
                  "int* result, unsigned char* scratch)",
                  name));
  if (plan.zeroed) text.line("__builtin_memset(result, 0, {});", 4 * plan.results);
  if (plan.beside) {
    emit_beside(text, *plan.beside);
  } else if (plan.copied) {
    emit_copy(text, plan);
  }
  std::string data = plan.copied ? "scratch" : "data";
  text.line("(void)scratch;");
  std::string at = fmt::format("{} + {}", data, plan.first);
  std::string result = fmt::format("result + {}", plan.first_result);
  std::string index = "0";
  for (std::size_t g = 0; g < plan.groups.size(); ++g) {
    text.open(for_head(fmt::format("g{}", g), plan.groups[g].trips));
    at += fmt::format(" + g{} * {}", g, plan.groups[g].data);
    result += fmt::format(" + g{} * {}", g, plan.groups[g].result);
    index = fmt::format("({}) * {} + g{}", index, plan.groups[g].trips, g);
  }
  text.line("const unsigned char* d = {};", at);
  text.line("int* r = {};", result);
  text.line("const signed char* v = weights + ({}) * {};", index,
            4 * plan.lanes * steps_per_block(plan) * plan.channels.trips);
  emit_group(text, plan);
  for (std::size_t g = 0; g < plan.groups.size(); ++g) text.close();
  if (plan.streamed) text.line("_mm_sfence();");
  text.close();
  return text.take();
}

}  // namespace tileloom::x86_vnni

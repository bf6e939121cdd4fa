#include "tileloom/target/x86_vnni/emit_beside.hpp"

namespace tileloom::x86_vnni {
namespace {

/// Bytes of one column in the copy.
std::int64_t column_bytes(const RowsBeside& copy) { return copy.filter * copy.channels; }

/// Eight rows are transposed in registers.
bool in_registers(const RowsBeside& copy) { return copy.channels == 1 && copy.filter <= 8; }

/// Rows without a place in the data are zeros.
void emit_row_addresses(Text& text, const RowsBeside& copy) {
  const std::int64_t row = copy.columns * copy.channels;
  text.line("const unsigned char* from[{}];", copy.filter);
  text.open(for_head("r", copy.filter));
  text.line("const long y = p * {} + r * {} + ({});", copy.stride, copy.dilation, copy.offset);
  text.line("from[r] = y < 0 || y >= {0} ? zeros : data + (n * {0} + y) * {1};", copy.rows, row);
  text.close();
}

}  // namespace

void emit_beside_function(Text& text, const RowsBeside& copy) {
  if (!in_registers(copy)) return;
  text.open(
      "static inline void beside(const unsigned char* const* rows, unsigned char* to, long "
      "columns)");
  text.line("long x = 0;");
  text.open("for (; x + 16 <= columns; x += 16)");
  for (std::int64_t r = 0; r < 8; ++r) {
    if (r < copy.filter) {
      text.line("const __m128i a{0} = _mm_loadu_si128((const __m128i*)(rows[{0}] + x));", r);
    } else {
      text.line("const __m128i a{} = _mm_setzero_si128();", r);
    }
  }
  // b: 2 rows of 8 columns; c: 4 rows of 4 columns, from the first and from the last four rows.
  for (std::int64_t r = 0; r < 8; r += 2) {
    text.line("const __m128i b{0} = _mm_unpacklo_epi8(a{0}, a{1});", r, r + 1);
    text.line("const __m128i b{1} = _mm_unpackhi_epi8(a{0}, a{1});", r, r + 1);
  }
  for (std::int64_t half = 0; half < 2; ++half) {
    for (std::int64_t rows = 0; rows < 8; rows += 4) {
      const std::int64_t first = rows + half, second = rows + half + 2;
      text.line("const __m128i c{}_{} = _mm_unpacklo_epi16(b{}, b{});", 2 * half, rows, first,
                second);
      text.line("const __m128i c{}_{} = _mm_unpackhi_epi16(b{}, b{});", 2 * half + 1, rows, first,
                second);
    }
  }
  // Eight bytes a column, of which those too many are overwritten by the next column.
  for (std::int64_t four = 0; four < 4; ++four) {
    for (const char* half : {"lo", "hi"}) {
      const std::int64_t column = 4 * four + (half[0] == 'h' ? 2 : 0);
      text.line("const __m128i d{} = _mm_unpack{}_epi32(c{}_0, c{}_4);", column, half, four, four);
      text.line("_mm_storel_epi64((__m128i*)(to + (x + {}) * {}), d{});", column, copy.filter,
                column);
      text.line("_mm_storeh_pd((double*)(to + (x + {}) * {}), _mm_castsi128_pd(d{}));", column + 1,
                copy.filter, column);
    }
  }
  text.close();
  text.open("for (; x < columns; ++x)");
  text.line("for (long r = 0; r < {0}; ++r) to[x * {0} + r] = rows[r][x];", copy.filter);
  text.close();
  text.close();
}

void emit_beside(Text& text, const RowsBeside& copy) {
  const std::int64_t column = column_bytes(copy);
  const std::int64_t row = (copy.before + copy.columns + copy.after) * column;
  text.line("static const unsigned char zeros[{}] = {{0}};", copy.columns * copy.channels);
  text.open(for_head("n", copy.images));
  text.open(for_head("p", copy.results));
  text.line("unsigned char* to = scratch + (n * {} + p) * {};", copy.results, row);
  emit_row_addresses(text, copy);
  text.line("__builtin_memset(to, 0, {});", copy.before * column);
  text.line("to += {};", copy.before * column);
  if (in_registers(copy)) {
    text.line("beside(from, to, {});", copy.columns);
  } else {
    text.open(for_head("x", copy.columns));
    text.open(for_head("r", copy.filter));
    text.line("for (long c = 0; c < {0}; ++c) to[(x * {1} + r) * {0} + c] = from[r][x * {0} + c];",
              copy.channels, copy.filter);
    text.close();
    text.close();
  }
  text.line("__builtin_memset(to + {}, 0, {});", copy.columns * column, copy.after * column);
  text.close();
  text.close();
  text.line("__builtin_memset(scratch + {}, 0, 64);", copy.images * copy.results * row);
}

}  // namespace tileloom::x86_vnni

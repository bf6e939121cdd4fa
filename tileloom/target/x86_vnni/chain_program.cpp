#include "tileloom/target/x86_vnni/chain_program.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <thread>

#include "tileloom/support/checked.hpp"
#include "tileloom/support/random.hpp"
#include "tileloom/target/x86_vnni/channels_last.hpp"
#include "tileloom/target/x86_vnni/choose.hpp"
#include "tileloom/target/x86_vnni/emit.hpp"
#include "tileloom/target/x86_vnni/library.hpp"
#include "tileloom/workload/receptive_field.hpp"

namespace tileloom::x86_vnni {
namespace {

/// What stands in the library beside the kernels: sums to bytes, and the maximum over windows of
/// one row of results.
constexpr const char* kHelpers = R"(
#include <immintrin.h>
extern "C" void to_bytes(const int* sums, unsigned char* bytes, long count, int shift) {
  const __m512i zero = _mm512_setzero_si512();
  for (long i = 0; i < count; i += 16) {
    const __mmask16 mask = count - i < 16 ? (__mmask16)((1 << (count - i)) - 1) : (__mmask16)0xffff;
    const __m512i v = _mm512_srai_epi32(_mm512_maskz_loadu_epi32(mask, sums + i), (unsigned)shift);
    _mm512_mask_cvtusepi32_storeu_epi8(bytes + i, mask, _mm512_max_epi32(v, zero));
  }
}
extern "C" void row_maximum(const unsigned char* data, unsigned char* result, long columns,
                            long channels, const long* window) {
  for (long q = 0; q < columns; ++q, result += channels) {
    for (long c = 0; c < channels; ++c) result[c] = 0;
    for (long r = 0; r < window[0]; ++r)
      for (long s = 0; s < window[1]; ++s) {
        const unsigned char* from = data + r * window[2] + (q * window[3] + s * window[4]) * channels;
        for (long c = 0; c < channels; ++c) result[c] = from[c] > result[c] ? from[c] : result[c];
      }
  }
}
)";

using ToBytes = void (*)(const int*, unsigned char*, long, int);
using RowMaximum = void (*)(const unsigned char*, unsigned char*, long, long, const long*);

}  // namespace

/// Rows of one layer's input with zeros on both sides: [rows][before + width + after][channels].
struct Rows {
  std::vector<std::uint8_t> bytes;
  std::int64_t before = 0;  ///< bytes of zeros before each row
  std::int64_t width = 0;   ///< bytes of a row between the zeros
  std::int64_t pitch = 0;   ///< bytes from row to row

  std::uint8_t* row(std::int64_t i) { return bytes.data() + i * pitch; }
};

/// One layer, ready to run.
struct Ready {
  std::int64_t rows_at_once = 1;  ///< that the larger kernel makes
  std::vector<std::int8_t> weights, packed_one, packed_more;
  Library::Kernel one = nullptr, more = nullptr;
  int shift = 0;
};

namespace {

std::int64_t before_rows(const ChainLayer& layer) { return layer.shape.axes[0].pad_before; }

/// An empty input of `layer` with room for so many rows.
Rows make_rows(const ChainLayer& layer, std::int64_t count) {
  const ConvAxis& columns = layer.shape.axes[1];
  const std::int64_t channels = layer.shape.in_channels;
  const std::int64_t reach =
      (columns.output - 1) * columns.stride + (columns.filter - 1) * columns.dilation + 1;
  const std::int64_t all = std::max(reach, columns.pad_before + input_size(columns));
  Rows rows{{}, columns.pad_before * channels, input_size(columns) * channels, all * channels};
  rows.bytes.assign(static_cast<std::size_t>(rows.pitch * count + 64), 0);
  return rows;
}

/// The convolution of `count` rows whose padding is already there.
Operator rows_operator(const ChainLayer& layer, std::int64_t count) {
  ConvShape shape = layer.shape;
  const ConvAxis& columns = layer.shape.axes[1];
  const Rows rows = make_rows(layer, 0);
  shape.axes[0].output = count;
  shape.axes[0].pad_before = shape.axes[0].pad_after = shape.axes[0].input = 0;
  shape.axes[1].pad_before = shape.axes[1].pad_after = 0;
  shape.axes[1].input = rows.pitch / layer.shape.in_channels;
  shape.axes[1].output = columns.output;
  return channels_last(one_conv("rows", shape, {}).operators[OperatorId{0}]);
}

std::int64_t sum_length(const ChainLayer& layer) {
  return layer.shape.in_channels / layer.shape.groups * layer.shape.axes[0].filter *
         layer.shape.axes[1].filter;
}

}  // namespace

struct ChainProgram::State {
  ConvChain chain;
  std::vector<Ready> ready;
  std::vector<Rows> inputs;  ///< of every layer, all rows and padding; then the last one's output
  std::optional<Library> library;
  ToBytes to_bytes = nullptr;
  RowMaximum row_maximum = nullptr;

  Result<void> compile(const Instruction& vnni, const std::string& compiler);
  void allocate();
  void layer_rows(std::size_t layer, std::uint8_t* from, std::int64_t from_pitch, Interval rows,
                  Rows& into, std::int64_t into_first, std::vector<int>& sums) const;
  void part(const ChainBlock& block, std::int64_t number);
  std::vector<Interval> rows_of(const ChainBlock& block, std::int64_t number) const;
};

Result<void> ChainProgram::State::compile(const Instruction& vnni, const std::string& compiler) {
  Random random(5);
  std::string source = kHelpers;
  ready.resize(chain.layers.size());
  for (std::size_t l = 0; l < chain.layers.size(); ++l) {
    const ChainLayer& layer = chain.layers[l];
    Ready& made = ready[l];
    if (layer.maximum) continue;
    const std::int64_t columns = layer.shape.axes[1].output;
    made.rows_at_once = std::min(output_rows(layer), ceil_div(std::int64_t{28}, columns));
    made.shift =
        7 + static_cast<int>(std::bit_width(static_cast<std::uint64_t>(sum_length(layer)))) / 2;
    for (const std::int64_t count : {std::int64_t{1}, made.rows_at_once}) {
      const Operator op = rows_operator(layer, count);
      auto chosen = choose(op, vnni);
      if (!chosen) {
        return mistake({}, fmt::format("{} has no code here: {}", layer.name, chosen.error()),
                       "only layers that the instruction can compute are measured");
      }
      chosen->plan.streamed = false;
      if (made.weights.empty()) {
        for (std::int64_t i = 0; i < elements(op.inputs[1]); ++i) {
          made.weights.push_back(static_cast<std::int8_t>(random.below(256)));
        }
      }
      const bool one = count == 1;
      (one ? made.packed_one : made.packed_more) =
          pack_weights(op, vnni, chosen->embedding, chosen->plan, made.weights);
      source += fmt::format("namespace n{0}_{1} {{\n{2}}}\n", l, one ? 1 : 2,
                            emit(chosen->plan, fmt::format("kernel{}_{}", l, one ? 1 : 2)));
      if (count == made.rows_at_once) break;
    }
  }
  // The includes of each kernel are already there, at the beginning.
  for (std::size_t at; (at = source.find("#include <immintrin.h>\n", 32)) != std::string::npos;) {
    source.erase(at, 23);
  }
  Result<Library> built = Library::build(source, compiler);
  if (!built) return tl::unexpected(built.error());
  library.emplace(std::move(*built));
  for (std::size_t l = 0; l < ready.size(); ++l) {
    ready[l].one = library->kernel(fmt::format("kernel{}_1", l));
    ready[l].more = library->kernel(fmt::format("kernel{}_2", l));
  }
  to_bytes = reinterpret_cast<ToBytes>(library->symbol("to_bytes"));
  row_maximum = reinterpret_cast<RowMaximum>(library->symbol("row_maximum"));
  return {};
}

void ChainProgram::State::allocate() {
  Random random(6);
  for (const ChainLayer& layer : chain.layers) {
    const Interval all = rows_needed(layer, {0, output_rows(layer)});
    inputs.push_back(
        make_rows(layer, std::max(all.length(), before_rows(layer) + input_rows(layer))));
  }
  const ChainLayer& last = chain.layers.back();
  const std::int64_t width = last.shape.axes[1].output * last.shape.out_channels;
  Rows result{{}, 0, width, width};
  result.bytes.assign(static_cast<std::size_t>(width * output_rows(last) + 64), 0);
  inputs.push_back(std::move(result));
  for (std::int64_t r = 0; r < input_rows(chain.layers[0]); ++r) {
    std::uint8_t* row = inputs[0].row(before_rows(chain.layers[0]) + r) + inputs[0].before;
    for (std::int64_t i = 0; i < inputs[0].width; ++i) {
      row[i] = static_cast<std::uint8_t>(random.below(256));
    }
  }
}

/// Rows of a layer from the input rows at `from`; the first goes to row `into_first` of `into`.
void ChainProgram::State::layer_rows(std::size_t l, std::uint8_t* from, std::int64_t from_pitch,
                                     Interval rows, Rows& into, std::int64_t into_first,
                                     std::vector<int>& sums) const {
  const ChainLayer& layer = chain.layers[l];
  const Ready& made = ready[l];
  const ConvAxis& window = layer.shape.axes[0];
  const ConvAxis& across = layer.shape.axes[1];
  const std::int64_t width = across.output * layer.shape.out_channels;
  for (std::int64_t r = 0; r < rows.length();) {
    const std::uint8_t* data = from + r * window.stride * from_pitch;
    std::uint8_t* result = into.row(into_first + r) + into.before;
    if (layer.maximum) {
      const long shape[] = {window.filter, across.filter, window.dilation * from_pitch,
                            across.stride, across.dilation};
      row_maximum(data, result, across.output, layer.shape.out_channels, shape);
      ++r;
      continue;
    }
    const bool more = made.more != nullptr && rows.length() - r >= made.rows_at_once;
    const std::int64_t count = more ? made.rows_at_once : 1;
    sums.resize(std::max(sums.size(), static_cast<std::size_t>(count * width)));
    if (more) {
      made.more(data, made.packed_more.data(), sums.data(), nullptr);
    } else {
      made.one(data, made.packed_one.data(), sums.data(), nullptr);
    }
    for (std::int64_t i = 0; i < count; ++i) {
      to_bytes(sums.data() + i * width, result + i * into.pitch, width, made.shift);
    }
    r += count;
  }
}

/// Rows that a part computes of every layer of the block.
std::vector<Interval> ChainProgram::State::rows_of(const ChainBlock& block,
                                                   std::int64_t number) const {
  std::vector<Interval> rows(block.last - block.first);
  rows.back() =
      even_part(output_rows(chain.layers[block.last - 1]), block.cores * block.tiles, number);
  for (std::size_t i = rows.size() - 1; i-- > 0;) {
    const ChainLayer& next = chain.layers[block.first + i + 1];
    const Interval needed = rows_needed(next, rows[i + 1]);
    rows[i] = {std::max<std::int64_t>(0, needed.begin), std::min(needed.end, input_rows(next))};
  }
  return rows;
}

void ChainProgram::State::part(const ChainBlock& block, std::int64_t number) {
  const std::vector<Interval> rows = rows_of(block, number);
  if (rows.back().length() == 0) return;
  std::vector<int> sums;
  Rows before;  // what the layer before made, from row `first` of its own on
  std::int64_t first = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::size_t l = block.first + i;
    const bool whole = i == 0;
    Rows& from = whole ? inputs[l] : before;
    const Interval needed = rows_needed(chain.layers[l], rows[i]);
    // Row 0 of the whole input is the first row of padding; of a part, the first that is needed.
    const std::int64_t start =
        whole ? needed.begin + before_rows(chain.layers[l]) : needed.begin - first;
    std::uint8_t* data = from.row(start);
    if (i + 1 == rows.size()) {
      const bool end = l + 1 == chain.layers.size();
      const std::int64_t into = rows[i].begin + (end ? 0 : before_rows(chain.layers[l + 1]));
      layer_rows(l, data, from.pitch, rows[i], inputs[l + 1], into, sums);
      return;
    }
    const Interval next = rows_needed(chain.layers[l + 1], rows[i + 1]);
    Rows made = make_rows(chain.layers[l + 1], next.length());
    layer_rows(l, data, from.pitch, rows[i], made, rows[i].begin - next.begin, sums);
    first = next.begin;
    before = std::move(made);
  }
}

Result<ChainProgram> ChainProgram::build(ConvChain chain, const Instruction& vnni,
                                         const std::string& compiler) {
  if (const std::string why = missing_instruction(); !why.empty()) {
    return mistake({}, why, "measure on an x86-64 machine with that instruction");
  }
  if (chain.layers.empty()) {
    return mistake({}, fmt::format("nothing can be measured: {} is no convolution", chain.end),
                   "only a chain of convolutions and maxima at the beginning is");
  }
  auto state = std::make_unique<State>();
  state->chain = std::move(chain);
  if (const Result<void> done = state->compile(vnni, compiler); !done) {
    return tl::unexpected(done.error());
  }
  state->allocate();
  return ChainProgram(std::move(state));
}

void ChainProgram::run(const ChainBlock& block) {
  const auto core = [&](std::int64_t c) {
    for (std::int64_t t = 0; t < block.tiles; ++t) state_->part(block, c * block.tiles + t);
  };
  std::vector<std::thread> others;
  for (std::int64_t c = 1; c < block.cores; ++c) others.emplace_back(core, c);
  core(0);
  for (std::thread& other : others) other.join();
}

void ChainProgram::forget() {
  for (std::size_t l = 1; l < state_->inputs.size(); ++l) {
    std::ranges::fill(state_->inputs[l].bytes, std::uint8_t{0});
  }
}

std::int64_t ChainProgram::working_set(const ChainBlock& block) const {
  std::int64_t weights = 0, most = 0;
  for (std::size_t l = block.first; l < block.last; ++l) {
    weights += static_cast<std::int64_t>(state_->ready[l].packed_one.size());
  }
  for (std::int64_t p = 0; p < block.cores * block.tiles; ++p) {
    const std::vector<Interval> rows = state_->rows_of(block, p);
    for (std::size_t i = 1; i < rows.size(); ++i) {
      const ChainLayer& layer = state_->chain.layers[block.first + i];
      most = std::max(most, rows_needed(layer, rows[i]).length() * make_rows(layer, 0).pitch);
    }
  }
  return weights + 2 * most;
}

ChainProgram::ChainProgram(std::unique_ptr<State> state) : state_(std::move(state)) {}
ChainProgram::ChainProgram(ChainProgram&&) noexcept = default;
ChainProgram& ChainProgram::operator=(ChainProgram&&) noexcept = default;
ChainProgram::~ChainProgram() = default;

const ConvChain& ChainProgram::chain() const { return state_->chain; }
const std::vector<std::int8_t>& ChainProgram::weights(std::size_t layer) const {
  return state_->ready[layer].weights;
}
int ChainProgram::shift(std::size_t layer) const { return state_->ready[layer].shift; }

std::vector<std::uint8_t> ChainProgram::output(std::size_t layer) const {
  const std::size_t l = layer + 1;
  const bool end = l == state_->chain.layers.size();
  const std::int64_t above = end ? 0 : before_rows(state_->chain.layers[l]);
  Rows& from = state_->inputs[l];
  std::vector<std::uint8_t> found;
  for (std::int64_t r = 0; r < output_rows(state_->chain.layers[layer]); ++r) {
    const std::uint8_t* row = from.row(above + r) + from.before;
    found.insert(found.end(), row, row + from.width);
  }
  return found;
}

std::vector<std::uint8_t> ChainProgram::image() const {
  const ChainLayer& first = state_->chain.layers[0];
  std::vector<std::uint8_t> found;
  for (std::int64_t r = 0; r < input_rows(first); ++r) {
    const std::uint8_t* row =
        state_->inputs[0].row(before_rows(first) + r) + state_->inputs[0].before;
    found.insert(found.end(), row, row + state_->inputs[0].width);
  }
  return found;
}

}  // namespace tileloom::x86_vnni

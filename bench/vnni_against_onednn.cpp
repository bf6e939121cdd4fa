// The convolutions of a DeepBench table: emitted VNNI code against oneDNN's int8 convolution, on
// one core of one process, both from a plain channels-last input (what either needs done to it is
// inside the timing) to a plain 32-bit result, weights packed ahead. Values are compared with a
// plain loop.
//
//     vnni_against_onednn layers.csv [PREFIX of the layers' names] > figures.csv

#include <fmt/format.h>
#include <omp.h>
#include <sched.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <oneapi/dnnl/dnnl.hpp>
#include <set>

#include "tileloom/io/csv/read_deepbench.hpp"
#include "tileloom/io/yaml/read_instruction.hpp"
#include "tileloom/support/random.hpp"
#include "tileloom/target/x86_vnni/channels_last.hpp"
#include "tileloom/target/x86_vnni/choose.hpp"
#include "tileloom/target/x86_vnni/emit.hpp"
#include "tileloom/target/x86_vnni/library.hpp"

namespace {

using namespace tileloom;
using Clock = std::chrono::steady_clock;

struct Data {
  std::vector<std::uint8_t> input;   // N H W C, and a few bytes more
  std::vector<std::int8_t> weights;  // K R S C
};

Data random_data(const Operator& op) {
  Random random(7);
  Data data;
  data.input.resize(static_cast<std::size_t>(elements(op.inputs[0]) + 64));
  data.weights.resize(static_cast<std::size_t>(elements(op.inputs[1])));
  for (std::uint8_t& value : data.input) value = static_cast<std::uint8_t>(random.below(256));
  for (std::int8_t& value : data.weights) value = static_cast<std::int8_t>(random.below(256));
  return data;
}

/// One output pixel at a time, all channels of it in the inner loop.
std::vector<int> plain(const ConvShape& s, const Data& data) {
  const ConvAxis& h = s.axes[0];
  const ConvAxis& w = s.axes[1];
  const std::int64_t height = input_size(h);
  const std::int64_t width = input_size(w);
  const auto k = static_cast<std::size_t>(s.out_channels);
  std::vector<short> turned(data.weights.size());  // R S C K
  const std::int64_t taps = h.filter * w.filter * s.in_channels;
  for (std::int64_t t = 0; t < taps; ++t) {
    for (std::size_t o = 0; o < k; ++o) {
      turned[static_cast<std::size_t>(t) * k + o] =
          data.weights[o * static_cast<std::size_t>(taps) + static_cast<std::size_t>(t)];
    }
  }
  std::vector<int> result(static_cast<std::size_t>(s.batch * h.output * w.output) * k, 0);
  int* out = result.data();
  for (std::int64_t n = 0; n < s.batch; ++n) {
    for (std::int64_t p = 0; p < h.output; ++p) {
      for (std::int64_t q = 0; q < w.output; ++q, out += k) {
        for (std::int64_t r = 0; r < h.filter; ++r) {
          for (std::int64_t c = 0; c < w.filter; ++c) {
            const std::int64_t y = p * h.stride + r - h.pad_before;
            const std::int64_t x = q * w.stride + c - w.pad_before;
            if (y < 0 || y >= height || x < 0 || x >= width) continue;
            const std::uint8_t* in =
                data.input.data() + ((n * height + y) * width + x) * s.in_channels;
            const short* by =
                turned.data() + static_cast<std::size_t>((r * w.filter + c) * s.in_channels) * k;
            for (std::int64_t i = 0; i < s.in_channels; ++i, by += k) {
              for (std::size_t o = 0; o < k; ++o) out[o] += in[i] * by[o];
            }
          }
        }
      }
    }
  }
  return result;
}

/// oneDNN's convolution with the layouts it prefers; reorders of activations belong to it.
class OneDnn {
 public:
  OneDnn(const ConvShape& s, const Data& data)
      : engine_(dnnl::engine::kind::cpu, 0), stream_(engine_) {
    using dnnl::memory;
    const ConvAxis& h = s.axes[0];
    const ConvAxis& w = s.axes[1];
    const memory::dims in{s.batch, s.in_channels, input_size(h), input_size(w)};
    const memory::dims by{s.out_channels, s.in_channels, h.filter, w.filter};
    const memory::dims out{s.batch, s.out_channels, h.output, w.output};
    const auto any = memory::format_tag::any;
    const auto after = [](const ConvAxis& a) {
      return (a.output - 1) * a.stride + a.filter - input_size(a) - a.pad_before;
    };
    const dnnl::convolution_forward::desc wanted(
        dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct,
        {in, memory::data_type::u8, any}, {by, memory::data_type::s8, any},
        {out, memory::data_type::s32, any}, {h.stride, w.stride}, {h.pad_before, w.pad_before},
        {after(h), after(w)});
    const dnnl::convolution_forward::primitive_desc chosen(wanted, engine_);
    plain_in_ = memory({in, memory::data_type::u8, memory::format_tag::nhwc}, engine_,
                       const_cast<std::uint8_t*>(data.input.data()));
    memory plain_by({by, memory::data_type::s8, memory::format_tag::ohwi}, engine_,
                    const_cast<std::int8_t*>(data.weights.data()));
    plain_out_ = memory({out, memory::data_type::s32, memory::format_tag::nhwc}, engine_);
    in_ =
        chosen.src_desc() == plain_in_.get_desc() ? plain_in_ : memory(chosen.src_desc(), engine_);
    out_ = chosen.dst_desc() == plain_out_.get_desc() ? plain_out_
                                                      : memory(chosen.dst_desc(), engine_);
    by_ = memory(chosen.weights_desc(), engine_);
    dnnl::reorder(plain_by, by_).execute(stream_, plain_by, by_);
    if (in_ != plain_in_) reorder_in_ = dnnl::reorder(plain_in_, in_);
    if (out_ != plain_out_) reorder_out_ = dnnl::reorder(out_, plain_out_);
    convolution_ = dnnl::convolution_forward(chosen);
    implementation_ = chosen.impl_info_str();
  }

  void run() {
    if (in_ != plain_in_) reorder_in_.execute(stream_, plain_in_, in_);
    convolution_.execute(stream_,
                         {{DNNL_ARG_SRC, in_}, {DNNL_ARG_WEIGHTS, by_}, {DNNL_ARG_DST, out_}});
    if (out_ != plain_out_) reorder_out_.execute(stream_, out_, plain_out_);
    stream_.wait();
  }
  const int* result() const { return static_cast<const int*>(plain_out_.get_data_handle()); }
  const std::string& implementation() const { return implementation_; }

 private:
  dnnl::engine engine_;
  dnnl::stream stream_;
  dnnl::memory plain_in_, in_, by_, out_, plain_out_;
  dnnl::reorder reorder_in_, reorder_out_;
  dnnl::convolution_forward convolution_;
  std::string implementation_;
};

template <class Run>
double seconds(const Run& run) {
  const auto start = Clock::now();
  run();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Least time of each over rounds in which they take turns.
template <class A, class B>
std::pair<double, double> least_times(const A& a, const B& b) {
  std::pair<double, double> least{seconds(a), seconds(b)};
  double spent = 0;
  for (int round = 0; round < 200 && (round < 7 || spent < 0.15); ++round) {
    const double of_a = seconds(a);
    const double of_b = seconds(b);
    spent += of_a + of_b;
    least = {std::min(least.first, of_a), std::min(least.second, of_b)};
  }
  return least;
}

void measure(const DeepBenchLayer& layer, const Instruction& instruction) {
  const ConvShape& shape = std::get<ConvShape>(layer.shape);
  const Operator op = x86_vnni::channels_last(workload_of(layer, {}).operators[OperatorId{0}]);
  const Data data = random_data(op);
  const auto chosen = x86_vnni::choose(op, instruction);
  if (!chosen) return fmt::print("{},,,,,{}\n", layer.name, chosen.error());
  const Result<x86_vnni::Library> library =
      x86_vnni::Library::build(x86_vnni::emit(chosen->plan, "kernel"), "c++");
  if (!library) return fmt::print("{},,,,,{}\n", layer.name, to_string(library.error()));
  const auto kernel = library->kernel("kernel");
  const auto packed =
      x86_vnni::pack_weights(chosen->op, instruction, chosen->embedding, chosen->plan, data.weights);
  const auto count = static_cast<std::size_t>(elements(op.output));
  std::vector<int> room(count + 16);
  int* const result = room.data() + (64 - reinterpret_cast<std::uintptr_t>(room.data()) % 64) / 4;
  std::vector<std::uint8_t> scratch(static_cast<std::size_t>(data_bytes(chosen->plan) + 64));
  OneDnn onednn(shape, data);
  const auto [ours, theirs] =
      least_times([&] { kernel(data.input.data(), packed.data(), result, scratch.data()); },
                  [&] { onednn.run(); });
  const std::vector<int> expected = plain(shape, data);
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < count; ++i) wrong += result[i] != expected[i] ? 1U : 0U;
  const bool same = std::equal(expected.begin(), expected.end(), onednn.result());
  fmt::print("{},{},{},{:.1f},{:.1f},{:.2f},{},{},\"{}\",{}x{},{}\n", layer.name, shape.in_channels,
             macs(op), 1e6 * ours, 1e6 * theirs, theirs / ours, wrong, same ? "" : "differs",
             to_text(chosen->op, instruction, chosen->embedding), chosen->plan.tile_pixels,
             chosen->plan.tile_blocks, onednn.implementation());
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  if (const std::string why = x86_vnni::missing_instruction(); argc < 2 || !why.empty()) {
    fmt::print(stderr, "{}\n", argc < 2 ? "vnni_against_onednn layers.csv [PREFIX]" : why);
    return 2;
  }
  omp_set_num_threads(1);
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<std::size_t>(sched_getcpu()), &one);
  sched_setaffinity(0, sizeof one, &one);
  const auto layers = read_deepbench(argv[1]);
  const auto instruction = load_instruction("vnni_1x16x4");
  if (!layers || !instruction) {
    fmt::print(stderr, "{}", to_string(layers ? instruction.error() : layers.error()));
    return 2;
  }
  fmt::print("layer,C,macs,ours_us,onednn_us,speedup,wrong,onednn_values,embedding,tile,onednn\n");
  std::set<std::vector<std::int64_t>> seen;
  for (const DeepBenchLayer& layer : *layers) {
    const auto* shape = std::get_if<ConvShape>(&layer.shape);
    if (shape == nullptr || (argc > 2 && !layer.name.starts_with(argv[2]))) continue;
    std::vector<std::int64_t> sizes{shape->batch, shape->in_channels, shape->out_channels};
    for (const ConvAxis& axis : shape->axes) {
      for (const std::int64_t size :
           {axis.output, axis.filter, axis.stride, axis.pad_before, axis.input}) {
        sizes.push_back(size);
      }
    }
    if (seen.insert(sizes).second) measure(layer, *instruction);
  }
  return 0;
}

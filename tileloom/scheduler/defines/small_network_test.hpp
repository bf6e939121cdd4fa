#pragma once
// Networks for tests: convolutions without padding, written in one line each.

#include "tileloom/scheduler/defines/graph.hpp"

namespace tileloom::scheduler::defines::testing {

using cost::defines2022::Axis;
using cost::defines2022::Dim;
using cost::defines2022::LayerOperand;
using cost::defines2022::MemoryOperand;

/// Layers are numbered from −1 (the input) on.
class NetworkMaker {
 public:
  NetworkMaker(std::int64_t channels, std::int64_t x, std::int64_t y) {
    Layer input;
    input.id = -1;
    input.is_input = true;
    input.sizes[Dim::K] = channels;
    input.sizes[Dim::OX] = x;
    input.sizes[Dim::OY] = y;
    network_.name = "small";
    network_.layers.push_back(input);
  }

  /// A k×k convolution from layer `from`, `k_out` channels, map x·y.
  LayerIndex conv(LayerIndex from, std::int64_t channels, std::int64_t k_out, std::int64_t kernel,
                  std::int64_t stride, std::int64_t x, std::int64_t y) {
    Layer layer = made(k_out, x, y);
    layer.loops = {Dim::B, Dim::K, Dim::C, Dim::OY, Dim::OX, Dim::FY, Dim::FX};
    layer.sizes[Dim::C] = channels;
    layer.sizes[Dim::FX] = layer.sizes[Dim::FY] = kernel;
    layer.relations = {{Axis::x, Dim::OX, stride, Dim::FX, 1}, {Axis::y, Dim::OY, stride, Dim::FY, 1}};
    layer.output.dims = {Dim::B, Dim::K, Dim::OY, Dim::OX};
    layer.inputs = {{"W", MemoryOperand::I2, {Dim::K, Dim::C, Dim::FY, Dim::FX}, {}, {8}, true, {}},
                    {"I", MemoryOperand::I1, {Dim::B, Dim::C}, {Axis::y, Axis::x}, {8}, false, {from}}};
    return network_.layers.push_back(layer);
  }

  LayerIndex add(LayerIndex a, LayerIndex b, std::int64_t channels, std::int64_t x,
                 std::int64_t y) {
    Layer layer = made(1, x, y);
    layer.loops = {Dim::B, Dim::G, Dim::OY, Dim::OX};
    layer.sizes[Dim::G] = channels;
    const std::vector<Dim> dims{Dim::B, Dim::G, Dim::OY, Dim::OX};
    layer.output.dims = dims;
    layer.inputs = {{"X", MemoryOperand::I1, dims, {}, {8}, false, {a}},
                    {"Y", MemoryOperand::I2, dims, {}, {8}, false, {b}}};
    return network_.layers.push_back(layer);
  }

  Network take() const { return network_; }

 private:
  Layer made(std::int64_t k_out, std::int64_t x, std::int64_t y) const {
    Layer layer;
    layer.id = static_cast<std::int64_t>(network_.layers.size()) - 1;
    layer.sizes[Dim::K] = k_out;
    layer.sizes[Dim::OX] = x;
    layer.sizes[Dim::OY] = y;
    layer.output = {"O", MemoryOperand::O, {}, {}, {16}, false, {}};
    return layer;
  }

  Network network_;
};

/// input 1×10×10 → conv 3×3 (4 channels, 8×8) → conv 3×3 (2 channels, 6×6)
inline Network two_convolutions() {
  NetworkMaker maker(1, 10, 10);
  const LayerIndex first = maker.conv(LayerIndex{0}, 1, 4, 3, 1, 8, 8);
  maker.conv(first, 4, 2, 3, 1, 6, 6);
  return maker.take();
}

/// input → conv 3×3 (layer 0) → conv 3×3 (layer 1) → add (layer 2) of layers 0 and 1, 4 channels
inline Network residual() {
  NetworkMaker maker(4, 12, 12);
  const LayerIndex trunk = maker.conv(LayerIndex{0}, 4, 4, 3, 1, 10, 10);
  const LayerIndex branch = maker.conv(trunk, 4, 4, 3, 1, 8, 8);
  maker.add(trunk, branch, 4, 8, 8);
  return maker.take();
}

}  // namespace tileloom::scheduler::defines::testing

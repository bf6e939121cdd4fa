#pragma once
// A network as the 2022 ZigZag model inside DeFiNES sees it: loop nests without padding.

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tileloom/cost/profiles/defines2022/machine.hpp"

namespace tileloom::cost::defines2022 {

/// A loop. The order is alphabetical, so that `<` compares names as text, which the order of
/// permutations depends on.
enum class Dim : std::uint8_t { B, C, FX, FY, G, K, OX, OY };
inline constexpr std::size_t kDims = 8;
inline constexpr std::array<Dim, kDims> kAllDims{Dim::B, Dim::C, Dim::FX, Dim::FY,
                                                 Dim::G, Dim::K, Dim::OX, Dim::OY};
std::string_view name(Dim dim);

/// Iterations along each dimension; 1 where there is no loop.
struct Sizes {
  std::array<std::int64_t, kDims> items{1, 1, 1, 1, 1, 1, 1, 1};
  std::int64_t& operator[](Dim dim) { return items[static_cast<std::size_t>(dim)]; }
  std::int64_t operator[](Dim dim) const { return items[static_cast<std::size_t>(dim)]; }
  bool operator==(const Sizes&) const = default;
  auto operator<=>(const Sizes&) const = default;
};

/// The two directions of a feature map.
enum class Axis : std::uint8_t { x, y };

/// A window: input index = stride·output index + dilation·kernel index.
struct Relation {
  Axis axis{};   ///< of the input index: ix or iy
  Dim output{};  ///< OX or OY
  std::int64_t stride = 1;
  Dim kernel{};  ///< FX or FY
  std::int64_t dilation = 1;
  bool operator==(const Relation&) const = default;
};

enum class LayerIndex : std::uint16_t {};  ///< index into Network::layers

/// A tensor of a layer. Its indices are loops (`dims`) and windows (`windows`).
struct LayerOperand {
  std::string name;        ///< O, W, I or O, X, Y
  MemoryOperand memory{};  ///< O → O, W → I2, I → I1; of an addition X → I1, Y → I2
  std::vector<Dim> dims;
  std::vector<Axis> windows;  ///< axes indexed through a relation of the layer
  Bits bits;                  ///< of an element; of O: while it is partial
  bool constant = false;
  std::vector<LayerIndex> producers;  ///< layers whose output this is; empty for a constant
  bool operator==(const LayerOperand&) const = default;
};

/// A layer, or the input of the network (no operands then, and its map is K·OY·OX).
struct Layer {
  std::int64_t id = 0;  ///< in the file; −1 is the input
  bool is_input = false;
  std::vector<Dim> loops;  ///< in the order of the file
  Sizes sizes;             ///< of the file; a tile's are given beside the layer
  std::vector<Relation> relations;
  LayerOperand output;               ///< of the input: only `bits`
  std::vector<LayerOperand> inputs;  ///< W, I or X, Y: in the order of the file's equation
  Bits final_output_bits{8};         ///< of an output element that is complete
  bool operator==(const Layer&) const = default;

  /// An addition of two maps: both inputs are activations.
  bool is_addition() const {
    return inputs.size() == 2 && !inputs[0].constant && !inputs[1].constant;
  }
};

/// `size` iterations of `loop` run side by side along a PE dimension.
struct Unrolling {
  std::string pe_dim;
  Dim loop{};
  std::int64_t size = 1;
  bool operator==(const Unrolling&) const = default;
};
using SpatialMapping = std::vector<Unrolling>;  ///< in the order of the PE dimensions' names

struct Network {
  std::string name;
  PerId<LayerIndex, Layer> layers;  ///< in the order of the file
  /// For each family of architectures, the unrolling of each layer (empty for the input).
  std::map<std::string, PerId<LayerIndex, SpatialMapping>> spatial_mappings;
  /// Layers are as large as they say, and what a window reads beyond its producer's map is padding.
  /// Else (files of DeFiNES) inner maps are as large as the last layer's makes them.
  bool padded = false;
};

/// The family whose spatial mappings a machine uses: its own name if the network has mappings of
/// that name, else the name without "_DF". Empty if the network has neither.
std::string spatial_mapping_family(const Network& network, const std::string& machine);

/// Distinct input indices that `outputs` outputs with a kernel of `kernel` need on one axis:
///     N(T, F) = T·F − max(0, F − S/g)·(T − D/g),   g = gcd(S, D)
/// Source: README of the DeFiNES reference, 2.4.
std::int64_t distinct_inputs(const Relation& relation, std::int64_t outputs, std::int64_t kernel);

}  // namespace tileloom::cost::defines2022

#pragma once
// A chain of int8 layers on this machine's own cores, block by block: fused tiles of rows, one
// emitted kernel per layer.

#include <cstdint>
#include <memory>
#include <vector>

#include "tileloom/embedding/instruction.hpp"
#include "tileloom/support/diagnostic.hpp"
#include "tileloom/target/x86_vnni/conv_chain.hpp"

namespace tileloom::x86_vnni {

/// Layers first … last − 1 as one block: the rows of the last one's output cut evenly into cores ·
/// tiles parts, a thread for each core, halos computed by every part that needs them.
struct ChainBlock {
  std::size_t first = 0, last = 1;
  std::int64_t cores = 1;
  std::int64_t tiles = 1;
  bool operator==(const ChainBlock&) const = default;
};

/// Weights and the input image are random (seeded); between layers sums are shifted and clamped to
/// unsigned bytes.
class ChainProgram {
 public:
  /// Emits and compiles the kernels; fails if the processor or the compiler cannot.
  static Result<ChainProgram> build(ConvChain chain, const Instruction& vnni,
                                    const std::string& compiler);
  ChainProgram(ChainProgram&&) noexcept;
  ChainProgram& operator=(ChainProgram&&) noexcept;
  ~ChainProgram();

  /// Reads what the layer before the block made (or the image), writes what its last layer makes.
  void run(const ChainBlock& block);
  /// Zeros instead of what the layers have made.
  void forget();
  /// Bytes that one part needs at most: what it keeps between layers, and its weights.
  std::int64_t working_set(const ChainBlock& block) const;

  const ConvChain& chain() const;
  /// What a layer made last, [rows, columns, channels].
  std::vector<std::uint8_t> output(std::size_t layer) const;
  std::vector<std::uint8_t> image() const;
  /// [K, C / groups, R, S] of a layer, and the shift after it.
  const std::vector<std::int8_t>& weights(std::size_t layer) const;
  int shift(std::size_t layer) const;

 private:
  struct State;
  explicit ChainProgram(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tileloom::x86_vnni

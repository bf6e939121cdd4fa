#pragma once
// A part of a network as int8 layers on this machine's own cores, block by block: fused tiles of
// rows, emitted kernels.

#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "tileloom/embedding/instruction.hpp"
#include "tileloom/support/diagnostic.hpp"
#include "tileloom/target/x86_vnni/region.hpp"

namespace tileloom::x86_vnni {

/// Operators of the region as one block: the rows of what leaves it cut evenly into cores · tiles
/// parts, a thread for each core, halos computed by every part that needs them.
struct CpuBlock {
  std::vector<OperatorId> operators;  ///< producers first
  std::int64_t cores = 1;
  std::int64_t tiles = 1;
  auto operator<=>(const CpuBlock&) const = default;
};

/// Weights and what the region reads from outside are random (seeded); sums are shifted and clamped
/// to unsigned bytes.
class NetworkProgram {
 public:
  /// Emits and compiles the kernels; fails if the processor or the compiler cannot.
  static Result<NetworkProgram> build(Region region, const Instruction& vnni,
                                      const std::string& compiler);
  NetworkProgram(NetworkProgram&&) noexcept;
  NetworkProgram& operator=(NetworkProgram&&) noexcept;
  ~NetworkProgram();

  /// Reads what blocks before have made (or what was given), writes what leaves the block. With a
  /// clock of the calling thread's processor time: the seconds of the thread that took longest,
  /// which other work on the machine does not lengthen.
  double run(const CpuBlock& block, const std::function<double()>& thread_clock = {});
  /// Zeros instead of what the layers have made.
  void forget();
  /// Bytes that one part needs at most: two images between layers, and all weights.
  std::int64_t working_set(const CpuBlock& block);
  /// Rows of what leaves the block: more parts are of no use.
  std::int64_t rows(const CpuBlock& block);

  const Region& region() const;
  /// An image as it was given or made last, [rows, columns, channels].
  std::vector<std::uint8_t> values(TensorId tensor) const;
  /// [K, R, S, C / groups] of a convolution, and the shift after it.
  const std::vector<std::int8_t>& weights(OperatorId id) const;
  int shift(OperatorId id) const;

 private:
  struct State;
  explicit NetworkProgram(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tileloom::x86_vnni
